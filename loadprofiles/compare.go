package loadprofiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"golang.org/x/perf/benchmath"

	"github.com/snapcert/snapcert/reports"
)

// CompareOptions says which changes matter. Shares are of the value before.
type CompareOptions struct {
	Smallest float64 // below it a change does not matter; 0 stands for 5 %
	Limit    float64 // beyond it a change for the worse is a regression; 0 stands for 10 %
	Alpha    float64 // chance of a false alarm, over all metrics together; 0 stands for 5 %
}

// fewestRuns before and after: with fewer, not even wholly separate runs can be told from chance when four metrics share
// the risk.
const fewestRuns = 5

// metric is one number of a run.
type metric struct {
	name, unit string
	less       bool // less is better
	of         func(*reports.LoadStage) (float64, bool)
}

func percentileOf(distribution string, p float64) func(*reports.LoadStage) (float64, bool) {
	return func(s *reports.LoadStage) (float64, bool) {
		d, ok := s.Distribution(distribution)
		if !ok {
			return 0, false
		}
		v, ok := d.At(p)
		return float64(v), ok
	}
}

func comparedMetrics() []metric {
	return []metric{
		{"response time p50", "ns", true, percentileOf(reports.ResponseTime, 50)},
		{"response time p99", "ns", true, percentileOf(reports.ResponseTime, 99)},
		{"signing p50", "ns", true, percentileOf(reports.Signing, 50)},
		{"success", "share", false, func(s *reports.LoadStage) (float64, bool) {
			return ratio(s.Succeeded, s.Sent), s.Sent > 0
		}},
	}
}

// Compare tells whether runs after a change are worse than those before it. Each run counts as one observation of each
// metric, and the two sets are compared by rank, which assumes nothing about how runs vary; within a run requests are
// not independent, and treating them so would raise false alarms at nearly every comparison. The risk of a false alarm
// is shared among the metrics. Runs that are invalid or incomplete do not count.
func Compare(before, after []*reports.Load, o CompareOptions) (*reports.LoadComparison, error) {
	if o.Smallest == 0 {
		o.Smallest = 0.05
	}
	if o.Limit == 0 {
		o.Limit = 0.1
	}
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	c := &reports.LoadComparison{Alpha: o.Alpha, Smallest: o.Smallest, Limit: o.Limit}
	a, b := countable(before, "before", c), countable(after, "after", c)
	c.RunsA, c.RunsB = len(a), len(b)
	all := append(append([]*reports.Load(nil), before...), after...)
	if len(before) == 0 || len(after) == 0 {
		return nil, errors.New("compare: want runs before and after")
	}
	first := all[0]
	if len(first.Stages) == 0 {
		return nil, errors.New("compare: the first run has no stage")
	}
	c.Stage = first.Stages[len(first.Stages)-1].Name
	for _, l := range all[1:] {
		if !bytes.Equal(compact(l.Profile), compact(first.Profile)) {
			return nil, errors.New("compare: the runs are of different profiles, so a difference would say nothing of the target")
		}
		if e, f := l.Environment, first.Environment; e.Cores != f.Cores || e.GOMAXPROCS != f.GOMAXPROCS || e.Kernel != f.Kernel || e.Go != f.Go {
			c.Notes = append(c.Notes, "the runs were made on machines that differ, which may be what differs")
			break
		}
	}
	metrics := comparedMetrics()
	for _, m := range metrics {
		c.Metrics = append(c.Metrics, m.compare(c.Stage, a, b, o, o.Alpha/float64(len(metrics))))
	}
	return c, nil
}

func compact(profile []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, profile); err != nil {
		return profile
	}
	return b.Bytes()
}

// countable leaves out runs whose numbers are not their target's.
func countable(runs []*reports.Load, when string, c *reports.LoadComparison) []*reports.Load {
	var kept []*reports.Load
	for _, l := range runs {
		if l.Verdict == reports.LoadInvalid || l.Verdict == reports.LoadPartial {
			c.Notes = append(c.Notes, fmt.Sprintf("a run %s does not count: %s", when, l.Verdict.Words()))
			continue
		}
		kept = append(kept, l)
	}
	return kept
}

func (m metric) values(stage string, runs []*reports.Load) []float64 {
	var list []float64
	for _, l := range runs {
		if s, ok := l.Stage(stage); ok {
			if v, ok := m.of(s); ok {
				list = append(list, v)
			}
		}
	}
	return list
}

func (m metric) compare(stage string, before, after []*reports.Load, o CompareOptions, alpha float64) reports.ComparedMetric {
	thresholds := &benchmath.Thresholds{CompareAlpha: alpha}
	a, b := benchmath.NewSample(m.values(stage, before), thresholds), benchmath.NewSample(m.values(stage, after), thresholds)
	out := reports.ComparedMetric{Name: m.name, Unit: m.unit, P: 1, LoadDifference: reports.NotMeasured}
	if len(a.Values) == 0 || len(b.Values) == 0 {
		return out
	}
	sa, sb := benchmath.AssumeNothing.Summary(a, 0.95), benchmath.AssumeNothing.Summary(b, 0.95)
	out.A, out.LowA, out.HighA = sa.Center, finite(sa.Lo, a.Values[0]), finite(sa.Hi, a.Values[len(a.Values)-1])
	out.B, out.LowB, out.HighB = sb.Center, finite(sb.Lo, b.Values[0]), finite(sb.Hi, b.Values[len(b.Values)-1])
	if out.A != 0 {
		out.Change = out.B/out.A - 1
	}
	if !m.less {
		out.Change = out.A - out.B // shares: in points, since 99 % and 98 % are a hundredth apart and twice the failures
	}
	if len(a.Values) < fewestRuns || len(b.Values) < fewestRuns {
		out.LoadDifference = reports.TooFewRuns
		return out
	}
	smallest, limit := o.Smallest, o.Limit
	if !m.less {
		smallest, limit = smallest/10, limit/10
	}
	if a.Values[0] != a.Values[len(a.Values)-1] || b.Values[0] != b.Values[len(b.Values)-1] || out.A != out.B {
		out.P = benchmath.AssumeNothing.Compare(a, b).P
	}
	switch large := math.Abs(out.Change) >= smallest; {
	case !large:
		out.LoadDifference = reports.Alike
	case out.P >= alpha:
		out.LoadDifference = reports.Undecided
	case out.Change < 0:
		out.LoadDifference = reports.Better
	case out.Change > limit:
		out.LoadDifference = reports.Regression
	default:
		out.LoadDifference = reports.Worse
	}
	return out
}

// finite replaces a bound that too few runs leave open by the outermost run.
func finite(v, instead float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return instead
	}
	return v
}
