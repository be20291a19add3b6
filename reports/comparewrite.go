package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// ExitCode is 1 when something got worse, and 0 otherwise.
func (c *Comparison) ExitCode() int {
	if slices.ContainsFunc(c.Differences, func(d Difference) bool { return d.Worse }) {
		return ExitBroken
	}
	return ExitHeld
}

// of is the differences of one kind.
func (c *Comparison) of(kind Change) []Difference {
	var out []Difference
	for _, d := range c.Differences {
		if d.Change == kind {
			out = append(out, d)
		}
	}
	return out
}

// counts says in a line how many changes of each kind there are.
func (c *Comparison) counts() string {
	var parts []string
	for _, kind := range Changes {
		if n := len(c.of(kind)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("%d unchanged", c.Unchanged)), ", ")
}

// wholeEndpoint is an endpoint that only one of the runs has, with the verdicts of its rules there.
type wholeEndpoint struct {
	name     string
	verdicts map[Verdict]int
}

func (e *wholeEndpoint) counts() string {
	var parts []string
	n := 0
	for _, v := range Verdicts {
		if e.verdicts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", e.verdicts[v], v))
			n += e.verdicts[v]
		}
	}
	return plural(n, "rule") + ": " + strings.Join(parts, ", ")
}

// wholes takes endpoints that came or went as a whole out of the differences of one kind: a line each says it all, but
// for what fails.
func (c *Comparison) wholes(kind Change) (alone []Difference, whole []*wholeEndpoint) {
	from, other := c.New, c.Old
	if kind == Gone {
		from, other = c.Old, c.New
	} else if kind != Added {
		return c.of(kind), nil
	}
	homes, kept := index(from), map[string]bool{}
	for i := range other.Results {
		kept[other.Results[i].Endpoint] = true
	}
	at := map[string]*wholeEndpoint{}
	for _, d := range c.of(kind) {
		home := homes[d.Rule]
		if home.Endpoint == "" || kept[home.Endpoint] || failing(home.Verdict) {
			alone = append(alone, d)
			continue
		}
		e := at[home.Endpoint]
		if e == nil {
			e = &wholeEndpoint{name: home.Endpoint, verdicts: map[Verdict]int{}}
			at[home.Endpoint] = e
			whole = append(whole, e)
		}
		e.verdicts[home.Verdict]++
	}
	return alone, whole
}

// WriteText writes the comparison for a terminal.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) -> %s (%s): %s\n", line(c.Old.Run.ID), c.Old.Standing.words(), line(c.New.Run.ID), c.New.Standing.words(), c.counts())
	for _, kind := range Changes {
		alone, whole := c.wholes(kind)
		for _, e := range whole {
			fmt.Fprintf(&b, "%-14s %-6s %s: the whole endpoint, %s\n", kind, "", line(e.name), e.counts())
		}
		for _, d := range alone {
			fmt.Fprintf(&b, "%-14s %-6s %s: %s -> %s", kind, line(d.Ref), line(d.Rule), verdictOr(d.Old), verdictOr(d.New))
			if d.Why != "" {
				fmt.Fprintf(&b, ": %s", cut(line(d.Why), 200))
			}
			b.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// WriteMarkdown writes the comparison for a pull request, below GitHub's limit of 65,536 characters for a comment.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	m := &markdown{limit: 60_000}
	m.add("## %s: %s\n\nRun %s (%s) → %s (%s): %s\n", prose(c.New.Tool.Name), map[int]string{ExitHeld: "nothing got worse", ExitBroken: "something got worse"}[c.ExitCode()],
		code(c.Old.Run.ID), c.Old.Standing.words(), code(c.New.Run.ID), c.New.Standing.words(), c.counts())
	for _, kind := range Changes {
		all := c.of(kind)
		if len(all) == 0 {
			continue
		}
		m.add("\n### %s (%d)\n\n| rule | was | is | why |\n|---|---|---|---|\n", strings.ToUpper(string(kind[:1]))+string(kind[1:]), len(all))
		alone, whole := c.wholes(kind)
		for _, e := range whole {
			m.add("| %s |  |  | the whole endpoint, %s |\n", code(e.name), e.counts())
		}
		for _, d := range alone {
			m.add("| %s %s | %s | %s | %s |\n", prose(d.Ref), code(d.Rule), verdictOr(d.Old), verdictOr(d.New), prose(cut(d.Why, 300)))
		}
	}
	m.end("The text form of the comparison has them all.")
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

func verdictOr(v Verdict) string {
	if v == "" {
		return "none"
	}
	return string(v)
}
