package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// summaryLimit keeps summary.md below the 1 MiB that GitHub takes for one step, with room for the note and for what
// other commands of the same step write.
const summaryLimit = 900 << 10

// WriteSummary writes summary.md: the standing, a table of endpoints, failures grouped by cause, waivers, what was not
// tested, warnings. It is cut between two entries, with a note, when it would not fit a step summary.
func WriteSummary(w io.Writer, r *Report) error {
	m := &markdown{limit: summaryLimit}
	m.head(r)
	m.endpoints(r)
	m.failures(r)
	m.waivers(r)
	m.untested(r)
	m.warnings(r)
	m.end("The rest is in report.html and report.json.")
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing summary.md: %w", err)
	}
	return nil
}

// markdown collects blocks up to a limit; what comes after the limit is counted and left out.
type markdown struct {
	b     strings.Builder
	limit int
	left  int
}

func (m *markdown) add(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if m.left > 0 || m.b.Len()+len(s) > m.limit {
		m.left++
		return
	}
	m.b.WriteString(s)
}

func (m *markdown) end(where string) {
	if m.left > 0 {
		fmt.Fprintf(&m.b, "\n\n> **Cut here:** %d more entries do not fit. %s\n", m.left, where)
	}
}

var standingWords = map[Standing]string{
	Conformant: "conformant", Partial: "partial", NotConformant: "not conformant", CouldNotTell: "could not tell", IncompleteRun: "incomplete",
}

// words is the standing as it is printed.
func (s Standing) words() string { return cmp.Or(standingWords[s], string(s)) }

func (m *markdown) head(r *Report) {
	m.add("# %s: %s\n\n", prose(cmp.Or(r.Tool.Name, "snapcert")), r.Standing.words())
	m.add("Target %s %s · %s · %s · %s · run %s · seed %d · %s %s\n\n", prose(r.Target.Name), code(r.Target.BaseURL), plural(len(r.Results), "rule"),
		plural(r.Run.Requests, "request"), r.Run.Started.Format("2006-01-02 15:04 MST"), code(r.Run.ID), r.Run.Seed, prose(r.Tool.Name), prose(r.Tool.Version))
	if r.Run.Selection != "" {
		m.add("Only a part was selected: %s\n\n", code(r.Run.Selection))
	}
	m.add("**In short:** %s\n\n", prose(next(r)))
	if r.Run.Interrupted != "" {
		m.add("**Interrupted:** %s\n\n", prose(r.Run.Interrupted))
	}
	for _, c := range r.Preflight {
		if c.Verdict != Pass {
			m.add("- preflight, %s: **%s** %s %s\n", prose(c.Name), c.Verdict, prose(c.Text), prose(c.Hint))
		}
	}
}

func (m *markdown) endpoints(r *Report) {
	m.add("\n| endpoint | service | standing |")
	for _, v := range Verdicts {
		m.add(" %s |", v)
	}
	m.add("\n|---|---|---|%s\n", strings.Repeat("--:|", len(Verdicts)))
	for _, s := range sections(r) {
		name := code(s.Name)
		if s.Standard {
			name = prose(s.Label())
		}
		row := fmt.Sprintf("| %s | %s | %s |", name, prose(s.Service), s.Standing.words())
		for _, v := range Verdicts {
			if n := s.Counts[v]; n > 0 {
				row += fmt.Sprintf(" %d |", n)
			} else {
				row += "  |"
			}
		}
		m.add("%s\n", row)
	}
	total := Count(r.Results)
	row := "| **all** | | |"
	for _, v := range Verdicts {
		row += fmt.Sprintf(" **%d** |", total[v])
	}
	m.add("%s\n", row)
	for _, s := range sections(r) {
		if s.Controls != "" {
			m.add("\n- %s: good requests were not taken: %s\n", code(s.Name), prose(s.Controls))
		}
	}
}

func (m *markdown) failures(r *Report) {
	broken := groups(r, blocks)
	if len(broken) == 0 {
		m.add("\nNo rule was found broken.\n")
		return
	}
	m.add("\n## What needs action\n")
	for _, g := range broken {
		if g.Cause != nil {
			m.add("\n**One cause, %s:** %s\n", plural(len(g.Results), "rule"), prose(g.Cause.Text))
		}
		for _, res := range g.Results {
			m.result(res)
		}
	}
}

func (m *markdown) result(res *Result) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n- **%s** %s %s — %s\n", res.Verdict, prose(res.Ref), code(res.ID), prose(res.Text))
	if res.Reason != "" {
		fmt.Fprintf(&b, "  - %s\n", prose(res.Reason))
	}
	for i, f := range res.Findings {
		if i == maxFindings {
			fmt.Fprintf(&b, "  - and %d more findings\n", len(res.Findings)-i)
			break
		}
		fmt.Fprintf(&b, "  - %s\n", prose(f.Text))
		if f.Change != "" {
			fmt.Fprintf(&b, "    - sent: %s\n", code(cut(f.Change, 500)))
		}
		fmt.Fprintf(&b, "    - expected: %s (%s, %s; %s)\n", code(cut(f.Expected, 500)), prose(res.Level), prose(res.Basis), prose(res.Cite))
		fmt.Fprintf(&b, "    - received: %s\n", code(cut(f.Received, 500)))
	}
	if res.Repeat != "" {
		fmt.Fprintf(&b, "  - repeat: %s\n", code(res.Repeat))
	}
	m.add("%s", b.String())
}

// maxFindings is how many findings of one rule a summary lists; report.json has them all.
const maxFindings = 5

func (m *markdown) waivers(r *Report) {
	if len(r.Waivers) == 0 {
		return
	}
	m.add("\n## Waivers\n\n| rule | code | owner | ticket | expires | state | reason |\n|---|---|---|---|---|---|---|\n")
	for _, x := range r.Waivers {
		m.add("| %s | %s | %s | %s | %s | %s | %s |\n", code(x.Rule), prose(x.Code), prose(x.Owner), prose(x.Ticket), prose(x.Expires), prose(x.State), prose(x.Reason))
	}
}

func (m *markdown) untested(r *Report) {
	not := pick(r, untested)
	if len(not) == 0 {
		return
	}
	m.add("\n## Not tested (%d)\n\n", len(not))
	for _, f := range reasons(not) {
		m.add("- %s (%d: %s)\n", prose(cmp.Or(f.Text, "no reason recorded")), len(f.Results), prose(numbers(f.Results, 12)))
	}
}

func (m *markdown) warnings(r *Report) {
	warned := pick(r, func(x *Result) bool { return x.Verdict == Warn })
	if len(warned) == 0 {
		return
	}
	opened := m.b.Len()
	m.add("\n<details><summary>Warnings (%d)</summary>\n\n", len(warned))
	for _, res := range warned {
		m.add("- %s %s — %s\n", prose(res.Ref), code(res.ID), prose(cut(res.short(), 300)))
	}
	if m.left == 0 || m.b.Len() > opened {
		m.b.WriteString("\n</details>\n")
	}
}
