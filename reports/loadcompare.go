package reports

import (
	"fmt"
	"io"
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
	Undecided   LoadDifference = "undecided" // by size it would matter, but chance explains it
	TooFewRuns  LoadDifference = "no verdict: too few runs"
	NotMeasured LoadDifference = "not measured"
)

// LoadComparison is what several runs before and after a change tell. Each run counts once, by its summary: requests of
// one run resemble each other, so comparing requests would find differences everywhere.
type LoadComparison struct {
	Stage    string           `json:"stage"`
	RunsA    int              `json:"runsA"` // those that count
	RunsB    int              `json:"runsB"`
	Alpha    float64          `json:"alpha"` // chance of a false alarm, over all metrics together
	Smallest float64          `json:"smallestEffect"`
	Limit    float64          `json:"limit"`
	Metrics  []ComparedMetric `json:"metrics"`
	Notes    []string         `json:"notes,omitempty"` // runs left out, machines that differ
}

// ComparedMetric is one metric before and after: medians over runs, and the runs' range at 95 % confidence.
type ComparedMetric struct {
	Name           string         `json:"name"`
	Unit           string         `json:"unit"` // "ns", "share"
	A              float64        `json:"a"`
	LowA           float64        `json:"lowA"`
	HighA          float64        `json:"highA"`
	B              float64        `json:"b"`
	LowB           float64        `json:"lowB"`
	HighB          float64        `json:"highB"`
	Change         float64        `json:"change"` // share of A by which B is worse; negative is better
	P              float64        `json:"p"`      // chance of such a difference between equals
	LoadDifference LoadDifference `json:"difference"`
}

// Regressed reports whether any metric got worse beyond the limit.
func (c *LoadComparison) Regressed() bool {
	for _, m := range c.Metrics {
		if m.LoadDifference == Regression {
			return true
		}
	}
	return false
}

// ExitCode is what a comparison stands for: a regression, no verdict, or neither.
func (c *LoadComparison) ExitCode() int {
	if c.Regressed() {
		return ExitLoadCrossed
	}
	for _, m := range c.Metrics {
		if m.LoadDifference == TooFewRuns {
			return ExitLoadInvalid
		}
	}
	return ExitLoadKept
}

// WriteComparison writes a comparison for people.
func WriteComparison(w io.Writer, c *LoadComparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "stage %s, %d runs before and %d after; a change below %.0f %% does not matter, one beyond %.0f %% is a regression\n",
		line(c.Stage), c.RunsA, c.RunsB, 100*c.Smallest, 100*c.Limit)
	for _, m := range c.Metrics {
		fmt.Fprintf(&b, "  %-20s %10s → %-10s %8s  p=%.3f  %s\n", line(m.Name), m.show(m.A), m.show(m.B), fmt.Sprintf("%+.1f %%", 100*m.Change), m.P, m.LoadDifference)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(&b, "  note: %s\n", line(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m ComparedMetric) show(v float64) string {
	if m.Unit == "share" {
		return fmt.Sprintf("%.2f %%", 100*v)
	}
	return briefly(durationOf(v))
}

func durationOf(ns float64) time.Duration { return time.Duration(ns) }
