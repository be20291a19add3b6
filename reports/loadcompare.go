package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// LoadDifference is what a comparison says of one metric.
type LoadDifference string

// The differences. A regression is worse beyond the limit; worse is worse than what matters, but within the limit.
const (
	Regression  LoadDifference = "regression"
	Worse       LoadDifference = "worse"
	Alike       LoadDifference = "no difference that matters"
	Better      LoadDifference = "better"
	Undecided   LoadDifference = "undecided" // by size it would matter, but chance or the generator's own change explains it
	TooFewRuns  LoadDifference = "no verdict"
	NotMeasured LoadDifference = "not measured"
)

// LoadComparison is what several runs before and after a change tell. Each run counts once, by its summary: requests of
// one run resemble each other, so comparing requests would find differences everywhere.
type LoadComparison struct {
	Stage    string           `json:"stage"`
	RunsA    int              `json:"runsA"` // those that count
	RunsB    int              `json:"runsB"`
	Fewest   int              `json:"fewestRuns"` // that a verdict needs on each side
	Alpha    float64          `json:"alpha"`      // chance of a false alarm, over all metrics together
	Smallest float64          `json:"smallestEffect"`
	Limit    float64          `json:"limit"`
	Metrics  []ComparedMetric `json:"metrics"`
	LeftOut  []string         `json:"leftOut,omitempty"` // runs that do not count, and why
	Notes    []string         `json:"notes,omitempty"`   // what differs besides, and may be what differs
}

// The units of a compared metric.
const (
	UnitTime  = "ns"
	UnitShare = "share" // changes are in points, not in shares of a share
	UnitRate  = "requests per second"
)

// ComparedMetric is one metric before and after: medians over runs, and where they lie at 95 % confidence, or the range of
// the runs when there are too few for that.
type ComparedMetric struct {
	Name       string         `json:"name"`
	Unit       string         `json:"unit"`
	A          float64        `json:"a"`
	LowA       float64        `json:"lowA"`
	HighA      float64        `json:"highA"`
	B          float64        `json:"b"`
	LowB       float64        `json:"lowB"`
	HighB      float64        `json:"highB"`
	Change     float64        `json:"change"`    // from A, as a share of it; of shares in points
	Generator  float64        `json:"generator"` // by how much it may have changed for the generator's own times alone
	Smallest   float64        `json:"smallest"`  // below it a change does not matter
	Limit      float64        `json:"limit"`     // beyond it a change for the worse is a regression
	P          float64        `json:"p"`         // chance of such a difference between equals
	Difference LoadDifference `json:"difference"`
}

// names lists the metrics of which the comparison says so.
func (c *LoadComparison) names(d LoadDifference) []string {
	var names []string
	for _, m := range c.Metrics {
		if m.Difference == d {
			names = append(names, m.Name)
		}
	}
	return names
}

// Regressed reports whether any metric got worse beyond the limit.
func (c *LoadComparison) Regressed() bool { return len(c.names(Regression)) > 0 }

// Judged tells whether there were runs enough for a verdict.
func (c *LoadComparison) Judged() bool {
	return slices.ContainsFunc(c.Metrics, func(m ComparedMetric) bool { return m.Difference != TooFewRuns && m.Difference != NotMeasured })
}

// ExitCode is what a comparison stands for: a regression, no verdict, or neither.
func (c *LoadComparison) ExitCode() int {
	switch {
	case c.Regressed():
		return ExitLoadCrossed
	case !c.Judged():
		return ExitLoadInvalid
	}
	return ExitLoadKept
}

// Words is what came of it, in a sentence.
func (c *LoadComparison) Words() string {
	switch {
	case c.Regressed():
		return "regression: " + strings.Join(c.names(Regression), ", ")
	case !c.Judged() && (c.RunsA < c.Fewest || c.RunsB < c.Fewest):
		return fmt.Sprintf("no verdict: runs that count are %d before and %d after, and %d of each are needed", c.RunsA, c.RunsB, c.Fewest)
	case !c.Judged():
		return "no verdict: nothing was measured that could be compared"
	case len(c.names(Undecided)) > 0:
		return "no regression is proven; undecided: " + strings.Join(c.names(Undecided), ", ")
	case len(c.names(Worse)) > 0:
		return "worse within the limit: " + strings.Join(c.names(Worse), ", ")
	}
	return "no regression"
}

// value writes a value of the metric in its unit.
func (m ComparedMetric) value(v float64) string {
	switch m.Unit {
	case UnitShare:
		return fmt.Sprintf("%.2f %%", 100*v)
	case UnitRate:
		return rateText(v) + "/s"
	}
	return briefly(time.Duration(v))
}

// between writes where the median lies.
func (m ComparedMetric) between(low, high float64) string {
	return m.value(low) + " to " + m.value(high)
}

// change writes by how much the metric changed.
func (m ComparedMetric) change() string {
	if m.Unit == UnitShare {
		return fmt.Sprintf("%+.2f points", 100*m.Change)
	}
	return fmt.Sprintf("%+.1f %%", 100*m.Change)
}

// judgement is the difference, with the chance that it is none, and what else may have made it.
func (m ComparedMetric) judgement() string {
	switch m.Difference {
	case Undecided, Regression, Worse, Better:
		text := fmt.Sprintf("%s (p = %.4f)", m.Difference, m.P)
		if m.Generator != 0 {
			text += fmt.Sprintf(", less the %+.1f %% that the generator's own times explain", 100*m.Generator)
		}
		return text
	}
	return string(m.Difference)
}
