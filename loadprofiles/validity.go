package loadprofiles

import (
	"fmt"
	"math"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// The rules by which a stage's numbers are its target's and not the generator's:
//
//   - schedule delay: the 99th percentile is at most 2 ms or a tenth of the request path's, whichever is more; a profile
//     that names a limit of its own ("schedule delay p99 < 25ms") is held to that instead. So that a handful of
//     hiccups in a short run does not decide it, the limit must be passed more often than chance explains, with a
//     confidence of 95 %. Delay never makes a target look fast, since response times count from the intended send.
//   - achieved rate: at least 99 % of the plan was sent, and in its time or 100 ms after it.
//   - processor: at most 80 % of what this process may use.
//   - results: counted within 100 ms of their end, but for 1 % of them.
const (
	delayFloor   = 2 * time.Millisecond
	delayShare   = 0.1
	leastRate    = 0.99
	mostCPU      = 0.8
	resultsWait  = 100 * time.Millisecond
	mostLateness = time.Second // of a shard behind the agreed start
)

// validity judges a stage's own numbers.
func (m *measures) validity(thresholds []demand) []reports.Check {
	return []reports.Check{m.delayCheck(thresholds), m.rateCheck(), m.cpuCheck(), m.resultsCheck()}
}

func (m *measures) delayCheck(thresholds []demand) reports.Check {
	h := m.histogram(reports.ScheduleDelay)
	limit := max(float64(delayFloor), delayShare*float64(m.histogram(reports.RequestPath).ValueAtQuantile(99)))
	why := "2 ms, or a tenth of the request path's"
	for _, d := range thresholds {
		if d.of == reports.ScheduleDelay && d.percentile == 99 && (d.op == "<" || d.op == "<=") {
			limit, why = d.bound, "the profile's own"
		}
	}
	check := reports.Check{Name: "schedule delay", Verdict: reports.Pass, Text: fmt.Sprintf(
		"p99 %s, at most %s (%s)", short(h.ValueAtQuantile(99)), short(int64(limit)), why)}
	if h.TotalCount() == 0 || float64(surely(h, 99)) <= limit {
		return check
	}
	check.Verdict = reports.Fail
	if m.own.held > m.sent/100 {
		check.Text += fmt.Sprintf("; %d requests found all %d workers busy", m.own.held, m.own.workers)
		check.Hint = "response times are right all the same, as they count from the intended send; for the rate asked, raise workers.most"
	} else {
		check.Hint = "this machine could not keep the schedule: fewer requests, fewer neighbours, or more machines (--shard-count)"
	}
	return check
}

// surely is a value that the percentile reaches with a confidence of 95 %.
func surely(h *hdr.Histogram, percentile float64) int64 {
	n, p := float64(h.TotalCount()), percentile/100
	rank := n*p - 1.645*math.Sqrt(n*p*(1-p))
	return h.ValueAtQuantile(100 * max(rank, 0) / n)
}

func (m *measures) rateCheck() reports.Check {
	check := reports.Check{Name: "achieved rate", Verdict: reports.Pass, Text: fmt.Sprintf(
		"%.2f %% of the plan (%d of %d sent), at least 99 %%", 100*m.achieved(), m.sent, m.planned)}
	if m.own.cut {
		check.Text = fmt.Sprintf("%d of %d sent before the run was cut short", m.sent, m.planned)
		return check
	}
	if m.achieved() < leastRate {
		check.Verdict = reports.Fail
		check.Hint = "the load asked for was not the load sent: raise workers.most, or split it (--shard-count)"
	}
	return check
}

func (m *measures) cpuCheck() reports.Check {
	check := reports.Check{Name: "processor", Verdict: reports.Pass, Text: fmt.Sprintf("%.0f %% of what this process may use, at most 80 %%", 100*m.own.cpu)}
	if m.stage == StageLoopback {
		check.Text += ", the stand-in provider included"
	}
	if m.own.cpu > mostCPU {
		check.Verdict = reports.Fail
		check.Hint = "the generator itself was short of processor time: --fast, fewer requests, or more machines (--shard-count)"
	}
	return check
}

func (m *measures) resultsCheck() reports.Check {
	waited := m.own.waited.ValueAtQuantile(99)
	check := reports.Check{Name: "results", Verdict: reports.Pass, Text: fmt.Sprintf("99 %% counted within %s, at most 100 ms", short(waited))}
	if m.own.waited.TotalCount() > 0 && surely(m.own.waited, 99) > int64(resultsWait) {
		check.Verdict = reports.Fail
		check.Hint = "results came faster than they could be counted, which holds workers up"
	}
	if m.own.dropped > 0 {
		check.Text += fmt.Sprintf("; %d left out of the result file, which the disk could not take in time", m.own.dropped)
	}
	return check
}

// short writes a duration with three digits.
func short(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d >= 10*time.Microsecond:
		return d.Round(100 * time.Nanosecond).String()
	}
	return d.String()
}
