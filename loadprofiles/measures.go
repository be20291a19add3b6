package loadprofiles

import (
	"math"
	"sort"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// The range of every histogram: one microsecond of resolution would hide signing, so values are nanoseconds, kept to
// three significant digits up to ten minutes.
const (
	lowest      = int64(1)
	highest     = int64(10 * time.Minute)
	significant = 3
)

func newHistogram() *hdr.Histogram { return hdr.New(lowest, highest, significant) }

// measures is everything counted in the measured part of one stage. One goroutine writes it; measures of shards merge by
// addition, and memory does not grow with the number of requests.
type measures struct {
	stage      string
	subjects   []string // endpoint names, by index in the mix
	length     time.Duration
	planned    uint64
	sent       uint64
	succeeded  uint64
	histograms map[string]*hdr.Histogram // by distribution name
	codes      map[codeKey]*tally
	failures   map[string]*reports.FailureCount
	endpoints  []*tally
	seconds    []*second
	duplicates reports.Duplicates
	pending    map[uint64]outcome // first halves of duplicate pairs
	sampled    reports.Sampled
	violations map[string]*reports.SampleViolation
}

type codeKey struct {
	subject int
	status  int
	code    string
}

// tally counts answers of one kind with their response times.
type tally struct {
	count, succeeded uint64
	success          bool
	times            *hdr.Histogram
}

// second is one second of intended send times.
type second struct {
	asked, sent, succeeded, failed uint64
	times                          *hdr.Histogram
	codes                          map[string]uint64
}

func newMeasures(stage string, subjects []string, length time.Duration) *measures {
	m := &measures{
		stage: stage, subjects: subjects, length: length,
		histograms: map[string]*hdr.Histogram{},
		codes:      map[codeKey]*tally{},
		failures:   map[string]*reports.FailureCount{},
		pending:    map[uint64]outcome{},
		violations: map[string]*reports.SampleViolation{},
	}
	for _, name := range distributionNames {
		m.histograms[name] = newHistogram()
	}
	for range subjects {
		m.endpoints = append(m.endpoints, &tally{times: newHistogram()})
	}
	return m
}

func (m *measures) histogram(name string) *hdr.Histogram { return m.histograms[name] }

// achieved is the share of the planned requests that were sent.
func (m *measures) achieved() float64 { return ratio(m.sent, m.planned) }

// codesLike counts answers whose code fits a pattern in which x stands for any digit.
func (m *measures) codesLike(pattern string) uint64 {
	var n uint64
	for key, t := range m.codes {
		if fits(key.code, pattern) {
			n += t.count
		}
	}
	return n
}

func fits(code, pattern string) bool {
	if len(code) != len(pattern) {
		return false
	}
	for i := range pattern {
		if pattern[i] != 'x' && pattern[i] != code[i] {
			return false
		}
	}
	return true
}

// record keeps a value, which histograms take from 1 ns to ten minutes.
func record(h *hdr.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, lowest), highest)) // in range, so it cannot fail
}

// add counts one finished request whose measured part has begun at offset start.
func (m *measures) add(s *slot, start time.Duration) {
	due := int64(s.ticket.Due)
	m.sent++
	response := s.ended - due
	record(m.histograms[reports.ScheduleDelay], s.entered-due)
	if s.signed > 0 {
		record(m.histograms[reports.Signing], s.signed-s.entered)
	}
	if s.ended > 0 {
		record(m.histograms[reports.ResponseTime], response)
		from := max(s.signed, s.entered)
		record(m.histograms[reports.RequestPath], s.ended-from)
		if s.conn > 0 {
			record(m.histograms[reports.ConnectionWait], s.conn-from)
		}
	}
	if s.connect > 0 {
		record(m.histograms[reports.Connect], s.connect)
	}
	if s.tls > 0 {
		record(m.histograms[reports.TLSHandshake], s.tls)
	}
	if s.first > 0 {
		record(m.histograms[reports.FirstByte], s.first-max(s.wrote, from(s)))
		record(m.histograms[reports.BodyRead], s.ended-s.first)
	}
	good := s.outcome == succeeded || s.outcome == refusedDuplicate
	if good {
		m.succeeded++
	}
	m.count(s, response, good)
	m.second(s, start, response, good)
	m.pair(s)
}

func from(s *slot) int64 { return max(s.conn, s.signed, s.entered) }

func (m *measures) count(s *slot, response int64, good bool) {
	e := m.endpoints[s.subject]
	e.count++
	if good {
		e.succeeded++
	}
	record(e.times, response)
	if s.outcome == unanswered {
		f := m.failures[string(s.failure)]
		if f == nil {
			f = &reports.FailureCount{Kind: string(s.failure), Example: s.detail}
			m.failures[string(s.failure)] = f
		}
		f.Count++
		return
	}
	key := codeKey{subject: s.subject, status: s.status}
	if s.hasCode {
		key.code = string(s.code[:])
	}
	t := m.codes[key]
	if t == nil {
		if len(m.codes) >= maxCodes {
			key = codeKey{subject: s.subject, status: 0, code: "others"}
			if t = m.codes[key]; t == nil {
				t = &tally{times: newHistogram()}
				m.codes[key] = t
			}
		} else {
			t = &tally{times: newHistogram(), success: good}
			m.codes[key] = t
		}
	}
	t.count++
	record(t.times, response)
}

// maxCodes bounds what a target that invents codes can make us remember.
const maxCodes = 200

func (m *measures) second(s *slot, start time.Duration, response int64, good bool) {
	at := int((s.ticket.Due - start) / time.Second)
	sec := m.at(at)
	if sec == nil {
		return
	}
	sec.sent++
	if good {
		sec.succeeded++
	} else {
		sec.failed++
	}
	if sec.times == nil {
		sec.times = hdr.New(int64(time.Microsecond), highest, 2) // coarser: there is one for every second
	}
	_ = sec.times.RecordValue(min(max(response, int64(time.Microsecond)), highest))
	code := "no answer"
	if s.hasCode {
		code = string(s.code[:])
	} else if s.outcome != unanswered {
		code = "no code"
	}
	if _, known := sec.codes[code]; !known && len(sec.codes) >= 12 {
		code = "others"
	}
	sec.codes[code]++
}

func (m *measures) at(i int) *second {
	if i < 0 || i > int(m.length/time.Second)+1 {
		return nil
	}
	for len(m.seconds) <= i {
		m.seconds = append(m.seconds, &second{codes: map[string]uint64{}})
	}
	return m.seconds[i]
}

// pair judges deliberate duplicates: of two requests with one reference exactly one may succeed. The ticket after a
// duplicate's twin is the duplicate; either half may come first.
func (m *measures) pair(s *slot) {
	if !s.ticket.Paired && !s.ticket.Duplicate {
		return
	}
	key := s.ticket.N
	if s.ticket.Duplicate {
		key--
	}
	other, seen := m.pending[key]
	if !seen {
		m.pending[key] = s.outcome
		return
	}
	delete(m.pending, key)
	d := &m.duplicates
	d.Pairs++
	switch a, b := s.outcome, other; {
	case a == unanswered || b == unanswered:
		d.Unclear++
	case a == succeeded && b == succeeded:
		d.Twice++
	case a == succeeded || b == succeeded:
		d.TakenOnce++
	default:
		d.Never++
	}
}

// distribution renders a histogram for a report.
func distribution(name string, h *hdr.Histogram) reports.Distribution {
	d := reports.Distribution{
		Name: name, Count: uint64(h.TotalCount()),
		Min: time.Duration(h.Min()), Max: time.Duration(h.Max()),
		Mean: time.Duration(math.Round(h.Mean())), StdDev: time.Duration(math.Round(h.StdDev())),
	}
	for _, p := range reportedPercentiles {
		d.Percentiles = append(d.Percentiles, reports.Percentile{P: p, Value: time.Duration(h.ValueAtQuantile(p))})
	}
	if encoded, err := h.Encode(hdr.V2CompressedEncodingCookieBase); err == nil {
		d.HDR = string(encoded)
	}
	return d
}

// reportedPercentiles are dense towards the end, for the plot by percentile.
var reportedPercentiles = []float64{0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100}

// sortedCodes renders the codes, most frequent first.
func (m *measures) sortedCodes() []reports.CodeCount {
	var list []reports.CodeCount
	for key, t := range m.codes {
		list = append(list, reports.CodeCount{
			Code: key.code, Status: key.status, Endpoint: m.subjects[key.subject], Count: t.count, Success: t.success,
			P50: time.Duration(t.times.ValueAtQuantile(50)), P99: time.Duration(t.times.ValueAtQuantile(99)),
		})
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.Count != b.Count {
			return a.Count > b.Count
		}
		return a.Endpoint+a.Code < b.Endpoint+b.Code
	})
	return list
}
