package loadprofiles

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"

	"github.com/snapcert/snapcert/reports"
)

// CompareOptions says which changes matter. Shares are of the value before; of the share of right answers a tenth of
// them counts, in points: 98 % after 99 % is twice the failures.
type CompareOptions struct {
	Smallest float64 // below it a change does not matter; 0 stands for 5 %
	Limit    float64 // beyond it a change for the worse is a regression; 0 stands for 10 %
	Alpha    float64 // chance of a false alarm, over all metrics together; 0 stands for 5 %
}

// fewestRuns before and after: with fewer, not even wholly separate runs can be told from chance when three metrics share
// the risk.
const fewestRuns = 5

// shareTenth makes a limit on shares of one on times.
const shareTenth = 0.1

// metric is one number of a run.
type metric struct {
	name, unit string
	more       bool // more is better
	of         func(*reports.Load, *reports.LoadStage) (float64, bool)
}

// comparedMetrics are those of a stage. What is measured before anything is sent is no property of a target, so signing
// is compared where it is all there is.
func comparedMetrics(stage string, search bool) []metric {
	switch {
	case search:
		return []metric{{"highest rate kept", reports.UnitRate, true, func(l *reports.Load, _ *reports.LoadStage) (float64, bool) {
			if l.Breakpoint == nil {
				return 0, false
			}
			return l.Breakpoint.Rate, true
		}}}
	case stage == StageSigning:
		return []metric{
			{"signing p50", reports.UnitTime, false, percentileOf(reports.Signing, 50)},
			{"signing p99", reports.UnitTime, false, percentileOf(reports.Signing, 99)},
		}
	}
	return []metric{
		{"response time p50", reports.UnitTime, false, percentileOf(reports.ResponseTime, 50)},
		{"response time p99", reports.UnitTime, false, percentileOf(reports.ResponseTime, 99)},
		{"success", reports.UnitShare, true, func(_ *reports.Load, s *reports.LoadStage) (float64, bool) {
			return ratio(s.Succeeded, s.Sent), s.Sent > 0
		}},
	}
}

func percentileOf(distribution string, p float64) func(*reports.Load, *reports.LoadStage) (float64, bool) {
	return func(_ *reports.Load, s *reports.LoadStage) (float64, bool) {
		d, ok := s.Distribution(distribution)
		if !ok {
			return 0, false
		}
		v, ok := d.At(p)
		return float64(v), ok
	}
}

// Compare tells whether runs after a change are worse than those before it. Each run counts as one observation of each
// metric, and the two sets are compared by rank, which assumes nothing about how runs vary; within a run requests are
// not independent, and treating them so would raise false alarms at nearly every comparison. The risk of a false alarm
// is shared among the metrics. What the generator's own times changed by is no change of the target, and is taken off
// first. Runs that are invalid or incomplete do not count; runs that were not asked the same are not compared at all.
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
	if o.Limit < o.Smallest {
		return nil, fmt.Errorf("compare: the limit %.3g %% is below the smallest change that matters, %.3g %%", 100*o.Limit, 100*o.Smallest)
	}
	if len(before) == 0 || len(after) == 0 {
		return nil, errors.New("compare: want runs before and after")
	}
	c := &reports.LoadComparison{Alpha: o.Alpha, Smallest: o.Smallest, Limit: o.Limit, Fewest: fewestRuns}
	stage, err := askedTheSame(slices.Concat(before, after))
	if err != nil {
		return nil, err
	}
	c.Stage = stage
	a, b := countable(before, "before", c), countable(after, "after", c)
	c.RunsA, c.RunsB = len(a), len(b)
	c.Notes = differences(before, after)
	search := before[0].Breakpoint != nil
	metrics := comparedMetrics(stage, search)
	drift := driftOf(stage, a, b, o.Smallest)
	if note := drift.words(); note != "" {
		c.Notes = append(c.Notes, note)
	}
	for _, m := range metrics {
		c.Metrics = append(c.Metrics, m.compare(stage, a, b, o, o.Alpha/float64(len(metrics)), drift))
	}
	return c, nil
}

// countable leaves out runs whose numbers are not their target's, and copies.
func countable(runs []*reports.Load, when string, c *reports.LoadComparison) []*reports.Load {
	var kept []*reports.Load
	seen := map[string]bool{}
	for _, l := range runs {
		why := ""
		switch {
		case l.Verdict == reports.LoadInvalid || l.Verdict == reports.LoadPartial:
			why = l.Verdict.Words()
			if len(l.Reasons) > 0 {
				why = l.Reasons[0]
			}
		case l.Run.ID != "" && seen[l.Run.ID]:
			why = "it is a copy of another run of this side"
		}
		if why != "" {
			c.LeftOut = append(c.LeftOut, runName(l, when)+": "+why)
			continue
		}
		seen[l.Run.ID] = true
		kept = append(kept, l)
	}
	return kept
}

// runName is how a run is called where it does not count.
func runName(l *reports.Load, when string) string {
	if l.Run.Repeat > 0 {
		return fmt.Sprintf("run %d %s (%s)", l.Run.Repeat, when, l.Run.ID)
	}
	return fmt.Sprintf("run %s %s", l.Run.ID, when)
}

func (m metric) values(stage string, runs []*reports.Load) []float64 {
	var list []float64
	for _, l := range runs {
		if s, ok := l.Stage(stage); ok {
			if v, ok := m.of(l, s); ok {
				list = append(list, v)
			}
		}
	}
	return list
}

func (m metric) compare(stage string, before, after []*reports.Load, o CompareOptions, alpha float64, d drift) reports.ComparedMetric {
	thresholds := &benchmath.Thresholds{CompareAlpha: alpha}
	a, b := benchmath.NewSample(m.values(stage, before), thresholds), benchmath.NewSample(m.values(stage, after), thresholds)
	out := reports.ComparedMetric{Name: m.name, Unit: m.unit, P: 1, Smallest: o.Smallest, Limit: o.Limit, Difference: reports.NotMeasured}
	if len(a.Values) == 0 || len(b.Values) == 0 {
		if len(before) == 0 || len(after) == 0 {
			out.Difference = reports.TooFewRuns
		}
		return out
	}
	sa, sb := benchmath.AssumeNothing.Summary(a, 0.95), benchmath.AssumeNothing.Summary(b, 0.95)
	out.A, out.LowA, out.HighA = sa.Center, finite(sa.Lo, a.Values[0]), finite(sa.Hi, a.Values[len(a.Values)-1])
	out.B, out.LowB, out.HighB = sb.Center, finite(sb.Lo, b.Values[0]), finite(sb.Hi, b.Values[len(b.Values)-1])
	switch {
	case m.unit == reports.UnitShare:
		out.Change = out.B - out.A
		out.Smallest, out.Limit = shareTenth*o.Smallest, shareTenth*o.Limit
	case out.A != 0:
		out.Change = out.B/out.A - 1
	}
	if own := d.share(out.A); m.unit == reports.UnitTime && own*out.Change > 0 { // what explains nothing is not taken off
		out.Generator = own
	}
	if len(a.Values) < fewestRuns || len(b.Values) < fewestRuns {
		out.Difference = reports.TooFewRuns
		return out
	}
	for i := range b.Values { // in proportion, so their order stays
		b.Values[i] /= 1 + out.Generator
	}
	if !same(a.Values, b.Values) {
		out.P = benchmath.AssumeNothing.Compare(a, b).P
	}
	out.Difference = m.judge(out, alpha)
	return out
}

// judge wants a change both large enough to matter, after what the generator's own changed, and too large for chance.
func (m metric) judge(c reports.ComparedMetric, alpha float64) reports.LoadDifference {
	worse := c.Change
	if m.more {
		worse = -worse
	}
	left := math.Abs(worse) - math.Abs(c.Generator)
	switch {
	case math.Abs(worse) < c.Smallest:
		return reports.Alike
	case c.P >= alpha || left < c.Smallest:
		return reports.Undecided
	case worse < 0:
		return reports.Better
	case left > c.Limit:
		return reports.Regression
	}
	return reports.Worse
}

// same tells whether all values are one value, of which no rank can be told.
func same(a, b []float64) bool {
	return a[0] == a[len(a)-1] && b[0] == b[len(b)-1] && a[0] == b[0]
}

// finite replaces a bound that too few runs leave open by the outermost run.
func finite(v, instead float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return instead
	}
	return v
}
