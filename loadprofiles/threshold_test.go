package loadprofiles

import (
	"testing"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// hundred is a stage of a hundred requests, 1 to 100 ms, of which some got codes of other kinds.
func hundred(t *testing.T) *measures {
	t.Helper()
	m := newMeasures(StageWire, []string{"a.b"}, 10*time.Second, 5*time.Second)
	m.planned = 100
	for i := range 100 {
		s := &slot{ticket: Ticket{N: uint64(i), Due: time.Duration(i) * 100 * time.Millisecond}, called: true, hasCode: true, status: 200, outcome: succeeded}
		copy(s.code[:], "2000600")
		switch {
		case i >= 98:
			s.outcome, s.status = refused, 504
			copy(s.code[:], "5040600")
		case i >= 95:
			s.outcome, s.status = refused, 429
			copy(s.code[:], "4290600")
		}
		s.entered = int64(s.ticket.Due) + int64(time.Millisecond)/2
		s.signed = s.entered + int64(20*time.Microsecond)
		s.conn, s.wrote, s.first = s.signed+1000, s.signed+2000, s.signed+3000
		s.ended = int64(s.ticket.Due) + int64(i+1)*int64(time.Millisecond)
		s.first = min(s.first, s.ended)
		m.add(s, 0)
	}
	m.own.cpu, m.own.workers = 0.1, 10
	return m
}

func TestThresholds(t *testing.T) {
	m := hundred(t)
	for _, c := range []struct {
		text string
		kept bool
	}{
		{"success >= 95%", true}, {"success >= 95.1%", false}, {"success > 95%", false}, {"success <= 95%", true},
		{"rate >= 99%", true}, {"rate < 50%", false},
		{"p50 < 52ms", true}, {"p50 < 49ms", false}, {"p95 < 96ms", true},
		{"p96 < 5s", false}, {"p99 <= 5010ms", true}, // five had no right answer, and count as slow as a timeout
		{"p12.5 < 20ms", true}, {"mean < 1s", true}, {"mean < 200ms", false}, {"max > 4s", true},
		{"schedule delay p99 < 1ms", true}, {"Schedule Delay p50 < 1ms", true}, {"signing p99 < 1ms", true}, {"request path p50 < 1ms", false},
		{"connection wait max < 1ms", true}, {"first byte p50 < 1ms", true}, {"TLS p50 < 1s", false}, // nothing was measured
		{"code 2000600 >= 95%", true}, {"code 200xxxx >= 96%", false}, {"code 5xxxxxx <= 2%", true}, {"code 5xxxxxx < 2%", false},
		{"code 4290600 <= 3%", true}, {"code 4290600 <= 2.9%", false}, {"code 4040600 <= 0%", true}, {"code xxxxxxx >= 100%", true},
	} {
		d, err := parseDemand(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if actual, kept := d.holds(m); kept != c.kept || actual == "" {
			t.Errorf("%s: kept %v at %s, want %v", c.text, kept, actual, c.kept)
		}
	}
	for _, text := range []string{"", "p99", "p99 < 800", "p99 = 1s", "p100 < 1s", "p99 < -", "speed p99 < 1s", "success >= 200%", "success >= 99", "code 20x >= 1%", "code 2000600 < 5ms", "rate > x%"} {
		if d, err := parseDemand(text); err == nil {
			t.Errorf("%q was read as %+v", text, d)
		}
	}
}

// A run that sent nothing keeps no threshold.
func TestNothingSentKeepsNothing(t *testing.T) {
	m := newMeasures(StageWire, []string{"a.b"}, time.Second, time.Second)
	for _, text := range []string{"success >= 0%", "rate >= 0%", "code 5xxxxxx <= 1%", "p99 < 1s"} {
		d, err := parseDemand(text)
		if err != nil {
			t.Fatal(err)
		}
		if actual, kept := d.holds(m); kept {
			t.Errorf("%s is kept by nothing: %s", text, actual)
		}
	}
}

// Each sign that the generator was the limit makes a run invalid, and the duplicates and samples have a say of their own.
func TestValidity(t *testing.T) {
	for _, c := range []struct {
		name   string
		bend   func(*measures)
		failed string
	}{
		{"as it should be", func(*measures) {}, ""},
		{"late", func(m *measures) {
			for range 20 {
				record(m.histograms[reports.ScheduleDelay], int64(400*time.Millisecond))
			}
		}, "schedule delay"},
		{"late within chance", func(m *measures) { record(m.histograms[reports.ScheduleDelay], int64(400*time.Millisecond)) }, ""},
		{"not all sent", func(m *measures) { m.planned = 103 }, "achieved rate"},
		{"sent over a longer time", func(m *measures) { m.lastSent = int64(10300 * time.Millisecond) }, "achieved rate"},
		{"cut short", func(m *measures) { m.planned, m.own.cut = 1000, true }, ""},
		{"short of processor time", func(m *measures) { m.own.cpu = 0.85 }, "processor"},
		{"counted late", func(m *measures) {
			for range 100 {
				record(m.own.waited, int64(time.Second))
			}
		}, "results"},
	} {
		m := hundred(t)
		c.bend(m)
		for _, check := range m.validity(nil) {
			if want := check.Name == c.failed; (check.Verdict == reports.Fail) != want || want && check.Hint == "" {
				t.Errorf("%s: %s is %s: %s", c.name, check.Name, check.Verdict, check.Text)
			}
		}
	}
	m := hundred(t)
	m.duplicates = reports.Duplicates{Pairs: 3, TakenOnce: 2, Twice: 1}
	m.sampled = &reports.Sampled{Judged: 4, Violations: []reports.SampleViolation{{Rule: "a", Verdict: reports.Warn}, {Rule: "b", Verdict: reports.Fail}}}
	demands, err := demandsOf(Profile{Thresholds: []string{"p50 < 1s"}})
	if err != nil {
		t.Fatal(err)
	}
	if list := m.thresholds(demands, m.validity(demands)); len(list) != 3 || !list[0].Kept || list[1].Kept || list[2].Kept {
		t.Errorf("thresholds %+v: a pair was taken twice, and a rule was broken", list)
	}
}
