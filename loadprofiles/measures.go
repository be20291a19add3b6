package loadprofiles

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// measures is everything counted in the measured part of one stage. One goroutine writes it; measures of shards merge by
// addition, and memory does not grow with the number of requests.
type measures struct {
	stage      string
	subjects   []string // endpoint names, by index in the mix
	length     time.Duration
	charge     time.Duration // what a request without a right answer counts as, if it was not slower
	planned    uint64
	sent       uint64
	succeeded  uint64
	lastSent   int64                     // offset of the last send in the measured part
	histograms map[string]*hdr.Histogram // by distribution name
	codes      map[codeKey]*tally
	failures   map[string]*reports.FailureCount
	endpoints  []*tally
	series     *series
	duplicates reports.Duplicates
	pending    map[uint64]outcome // first halves of duplicate pairs
	sampled    *reports.Sampled
	own        own
}

// own is what a stage knows of its generator.
type own struct {
	started  time.Time
	late     time.Duration // behind the agreed start
	cpu      float64       // share of its quota that the process used
	mostBusy int64         // requests under way at once
	workers  int           // most allowed
	held     uint64        // requests that found every worker busy
	waited   *hdr.Histogram
	dropped  uint64 // results not written to the result file
	aborted  string
	cut      bool // aborted or interrupted: the plan was not carried out to its end
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

func newMeasures(stage string, subjects []string, length, charge time.Duration) *measures {
	m := &measures{
		stage: stage, subjects: subjects, length: length, charge: charge,
		histograms: map[string]*hdr.Histogram{},
		codes:      map[codeKey]*tally{},
		failures:   map[string]*reports.FailureCount{},
		pending:    map[uint64]outcome{},
		series:     newSeries(length),
	}
	for _, name := range distributionNames {
		m.histograms[name] = newHistogram()
	}
	for range subjects {
		m.endpoints = append(m.endpoints, &tally{times: newCoarse()})
	}
	m.own.waited = newCoarse()
	return m
}

func (m *measures) histogram(name string) *hdr.Histogram { return m.histograms[name] }

// endSlack is how late the last request of a stage may be without a lower rate: in a short one it says nothing of the rest,
// and how late requests are is judged as schedule delay.
const endSlack = 100 * time.Millisecond

// achieved is the share of the planned rate that was sent: what was sent late counts as sent, but over a longer time. In
// a run that was cut short it is that of the time until then.
func (m *measures) achieved() float64 {
	if m.planned == 0 || m.length == 0 {
		return 0
	}
	took := max(float64(m.lastSent)-float64(endSlack), float64(m.length))
	if m.own.cut {
		took = max(float64(m.lastSent), 1)
	}
	return float64(m.sent) / float64(m.planned) * float64(m.length) / took
}

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

// add counts one finished request of the measured part, which begins at offset start.
func (m *measures) add(s *slot, start time.Duration) {
	due := int64(s.ticket.Due)
	m.sent++
	m.lastSent = max(m.lastSent, s.entered-int64(start))
	good := s.outcome == succeeded || s.outcome == refusedDuplicate
	record(m.histograms[reports.ScheduleDelay], s.entered-due)
	record(m.histograms[reports.Signing], s.signed-s.entered)
	if s.called {
		record(m.histograms[reports.RequestPath], s.ended-s.signed)
		from := s.signed
		if s.conn > 0 {
			record(m.histograms[reports.ConnectionWait], s.conn-s.signed)
			from = s.conn
		}
		if s.first > 0 {
			record(m.histograms[reports.FirstByte], s.first-max(s.wrote, from))
			record(m.histograms[reports.BodyRead], s.ended-s.first)
		}
	}
	// A wrong answer is no answer, however fast: counting its time would reward it.
	response := s.ended - due
	if good {
		m.succeeded++
	} else {
		response = max(response, int64(m.charge))
	}
	record(m.histograms[reports.ResponseTime], response)
	m.count(s, s.ended-due, response, good)
	m.series.add(s, s.ticket.Due-start, response, good)
	m.pair(s)
}

func (m *measures) count(s *slot, took, response int64, good bool) {
	e := m.endpoints[s.subject]
	e.count++
	if good {
		e.succeeded++
	}
	record(e.times, response)
	if !s.called && s.outcome == succeeded {
		return // answered at once, without a code
	}
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
			key = codeKey{subject: s.subject, code: otherCodes}
			t = m.codes[key]
		}
		if t == nil {
			t = &tally{times: newCoarse(), success: good}
			m.codes[key] = t
		}
	}
	t.count++
	record(t.times, took)
}

// maxCodes bounds what a target that invents codes can make us remember.
const maxCodes = 200

const otherCodes = "others"

// pair judges deliberate duplicates: of two requests with one reference exactly one may succeed. The ticket after a
// duplicate's twin is the duplicate; either half may come first.
func (m *measures) pair(s *slot) {
	if !s.ticket.Paired && !s.ticket.Duplicate || m.stage == StageSigning {
		return
	}
	key := s.ticket.N
	if s.ticket.Duplicate {
		key--
	}
	m.half(key, s.outcome)
}

func (m *measures) half(key uint64, a outcome) {
	b, seen := m.pending[key]
	if !seen {
		m.pending[key] = a
		return
	}
	delete(m.pending, key)
	d := &m.duplicates
	d.Pairs++
	switch {
	case a == succeeded && b == succeeded:
		d.Twice++
	case a == unanswered || b == unanswered:
		d.Unclear++
	case a == succeeded && b == refusedDuplicate, a == refusedDuplicate && b == succeeded:
		d.TakenOnce++
	case a == succeeded || b == succeeded:
		d.Unclear++ // once, but refused for another reason
	default:
		d.Never++
	}
}
