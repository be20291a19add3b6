package loadprofiles

import (
	"net/http"
	"sort"
	"strconv"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// Judge says which rules of certification an answer breaks, from its masked exchange; the counts are ignored.
type Judge func(*snap.Exchange) []reports.SampleViolation

// sampler judges a share of the answers away from the hot path. When judging cannot keep up, answers are left out rather
// than requests held up.
type sampler struct {
	share float64
	seed  uint64
	judge Judge
	began time.Time
	queue chan *snap.Exchange
	done  chan struct{}

	judged     uint64
	violations map[string]*reports.SampleViolation
}

// sampleQueue is how many answers may wait to be judged.
const sampleQueue = 256

func newSampler(share float64, seed int64, judge Judge) *sampler {
	s := &sampler{share: share, seed: uint64(seed), judge: judge, violations: map[string]*reports.SampleViolation{}}
	if judge == nil {
		s.share = 0
	}
	s.queue, s.done = make(chan *snap.Exchange, sampleQueue), make(chan struct{})
	go s.run()
	return s
}

// wants says whether a ticket's answer is judged. The choice is the ticket's own, the same in every shard.
func (s *sampler) wants(t Ticket) bool {
	return s.share > 0 && t.Measured && fraction(s.seed, t.N) < s.share
}

// offer is called by the collector.
func (s *sampler) offer(x *snap.Exchange) {
	select {
	case s.queue <- x:
	default:
	}
}

func (s *sampler) run() {
	defer close(s.done)
	for x := range s.queue {
		s.judged++
		for _, v := range s.judge(x) {
			known := s.violations[v.Rule]
			if known == nil {
				if len(s.violations) >= maxCodes {
					continue
				}
				known = &reports.SampleViolation{Rule: v.Rule, Text: v.Text, Verdict: v.Verdict}
				s.violations[v.Rule] = known
			}
			known.Count++
		}
	}
}

// finish waits for what is in the queue and returns what was found.
func (s *sampler) finish() *reports.Sampled {
	close(s.queue)
	<-s.done
	if s.share == 0 {
		return nil
	}
	return &reports.Sampled{Judged: s.judged, Violations: sortedViolations(s.violations)}
}

func sortedViolations(found map[string]*reports.SampleViolation) []reports.SampleViolation {
	var list []reports.SampleViolation
	for _, v := range found {
		list = append(list, *v)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Rule < list[j].Rule })
	return list
}

// exchangeOf is the masked form of a request and its answer, as certification keeps them.
func exchangeOf(f *flight, s *slot, began time.Time) *snap.Exchange {
	m, sub := f.subject.Masker, f.subject
	x := &snap.Exchange{
		ID: sub.name + "#" + strconv.FormatUint(s.ticket.N, 10), Endpoint: sub.name,
		Sent: snap.Sent{
			Method: f.request.Method,
			URL:    m.URL(sub.Base.Scheme + "://" + sub.Base.Host + f.request.URL.RequestURI()),
			Body:   m.Body(f.signer.Body()),
		},
		Started: began.Add(time.Duration(s.signed)), Took: time.Duration(s.ended - s.signed),
	}
	var sent []snap.Field
	for _, h := range f.signer.Header() {
		sent = append(sent, snap.Field{Name: h.Name, Value: string(h.Value)})
	}
	x.Sent.Header = m.Fields(sent)
	if s.outcome == unanswered {
		x.Failure = &snap.Failure{Kind: s.failure, Detail: s.detail}
		return x
	}
	x.Got = &snap.Response{
		Status: s.status, Proto: "HTTP/1.1", Header: m.Fields(fields(s.header)),
		Body: m.Body(f.answer), BodySize: int64(len(f.answer)),
	}
	return x
}

func fields(header http.Header) []snap.Field {
	var list []snap.Field
	for name, values := range header {
		for _, value := range values {
			list = append(list, snap.Field{Name: name, Value: value})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// fraction draws a number from 0 to 1 for a ticket, the same every time.
func fraction(seed, n uint64) float64 {
	x := seed ^ (n+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}
