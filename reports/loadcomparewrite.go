package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// terms says what was compared, and what counts as what.
func (c *LoadComparison) terms() string {
	return fmt.Sprintf("stage %s; runs that count: %d before, %d after; a change below %.3g %% does not matter, a change for the worse beyond %.3g %% is a regression (of success: %.3g and %.3g points)",
		line(c.Stage), c.RunsA, c.RunsB, 100*c.Smallest, 100*c.Limit, 10*c.Smallest, 10*c.Limit)
}

// WriteText writes the comparison for a terminal.
func (c *LoadComparison) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", c.terms())
	fmt.Fprintf(&b, "%-20s %10s %10s %14s\n", "median over runs", "before", "after", "change")
	for _, m := range c.Metrics {
		if m.Difference == NotMeasured {
			fmt.Fprintf(&b, "%-20s %s\n", line(m.Name), m.Difference)
			continue
		}
		fmt.Fprintf(&b, "%-20s %10s %10s %14s  %s\n", line(m.Name), m.value(m.A), m.value(m.B), m.change(), m.judgement())
		fmt.Fprintf(&b, "%-20s %s before, %s after\n", "", m.between(m.LowA, m.HighA), m.between(m.LowB, m.HighB))
	}
	b.WriteByte('\n')
	for _, text := range c.LeftOut {
		fmt.Fprintf(&b, "does not count: %s\n", line(text))
	}
	for _, note := range c.Notes {
		fmt.Fprintf(&b, "note: %s\n", line(note))
	}
	fmt.Fprintf(&b, "%s\n", line(c.Words()))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// WriteMarkdown writes the comparison for a pull request.
func (c *LoadComparison) WriteMarkdown(w io.Writer) error {
	m := &markdown{limit: 60_000}
	m.add("## Load: %s\n\n%s.\n\n", prose(c.Words()), prose(c.terms()))
	m.add("| Median over runs | before | at 95 %% confidence | after | at 95 %% confidence | change | |\n|---|--:|--:|--:|--:|--:|---|\n")
	for _, one := range c.Metrics {
		if one.Difference == NotMeasured {
			m.add("| %s | | | | | | %s |\n", prose(one.Name), one.Difference)
			continue
		}
		m.add("| %s | %s | %s | %s | %s | %s | %s |\n", prose(one.Name), one.value(one.A), one.between(one.LowA, one.HighA),
			one.value(one.B), one.between(one.LowB, one.HighB), one.change(), prose(one.judgement()))
	}
	for _, text := range c.LeftOut {
		m.add("\n* Does not count: %s\n", prose(text))
	}
	for _, note := range c.Notes {
		m.add("\n* Note: %s\n", prose(note))
	}
	m.end("The text form of the comparison has them all.")
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// WriteJSON writes the comparison for machines.
func (c *LoadComparison) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(struct {
		*LoadComparison
		Verdict  string `json:"verdict"`
		ExitCode int    `json:"exitCode"`
	}{c, c.Words(), c.ExitCode()}); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}
