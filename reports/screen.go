package reports

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// Console says how a report is shown on a terminal.
type Console struct {
	Width   int  // columns; 0 means 100
	Color   bool // ANSI colours; without it not one escape is written
	Verbose bool // every warning and every untested rule, instead of counts
}

// Write shows a report: the count of each verdict per endpoint; then for each failure the one change that was sent, what
// was expected and why, what came back and the command that repeats just this, failures of one cause together; then
// waivers, warnings and what was not tested; at last the standing and what to do next.
func (c Console) Write(w io.Writer, r *Report) error {
	s := &screen{Console: c}
	if s.Width <= 0 {
		s.Width = 100
	}
	s.head(r)
	s.table(r)
	s.failures(r)
	s.waivers(r)
	s.warnings(r)
	s.untested(r)
	s.foot(r)
	if _, err := io.WriteString(w, s.b.String()); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

type screen struct {
	Console
	b strings.Builder
}

// put writes a text, wrapped to the width. It is made harmless here, so no caller can forget.
func (s *screen) put(indent int, text string) {
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	for i, part := range wrap(line(text), max(s.Width-indent-2, 30)) {
		if i == 0 {
			part = lead + part
		} else {
			part = "  " + part
		}
		fmt.Fprintf(&s.b, "%s%s\n", strings.Repeat(" ", indent), part)
	}
}

func (s *screen) blank() { s.b.WriteByte('\n') }

// fieldColumn is where the text of a named field begins.
const fieldColumn = 10

// field writes a named text, wrapped under itself.
func (s *screen) field(indent int, name, text string) {
	if text == "" {
		return
	}
	pad := strings.Repeat(" ", indent)
	for i, part := range wrap(line(text), max(s.Width-indent-fieldColumn, 30)) {
		if i == 0 {
			fmt.Fprintf(&s.b, "%s%s%s\n", pad, s.paint(dim, fmt.Sprintf("%-*s", fieldColumn, name)), part)
			continue
		}
		fmt.Fprintf(&s.b, "%s%*s%s\n", pad, fieldColumn, "", part)
	}
}

// command writes a named command in one line whatever the width, so that it can be copied.
func (s *screen) command(indent int, name, text string) {
	if text != "" {
		fmt.Fprintf(&s.b, "%*s%s%s\n", indent, "", s.paint(dim, fmt.Sprintf("%-*s", fieldColumn, name)), line(text))
	}
}

// wrap breaks text at spaces; a word longer than the width stays whole, so that it can be copied.
func wrap(text string, width int) []string {
	var out []string
	var row strings.Builder
	n := 0
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		if n > 0 && n+1+size > width {
			out = append(out, row.String())
			row.Reset()
			n = 0
		}
		if n > 0 {
			row.WriteByte(' ')
			n++
		}
		row.WriteString(word)
		n += size
	}
	return append(out, row.String())
}

func (s *screen) head(r *Report) {
	took := r.Run.Ended.Sub(r.Run.Started).Round(10 * time.Millisecond)
	s.put(0, fmt.Sprintf("%s %s · %s %s", r.Tool.Name, r.Tool.Version, r.Target.Name, r.Target.BaseURL))
	s.put(0, fmt.Sprintf("%s, %s in %s · seed %d", plural(len(r.Results), "rule"), plural(r.Run.Requests, "request"), took, r.Run.Seed))
	if r.Run.Selection != "" {
		s.put(0, "selected: "+r.Run.Selection)
	}
	for _, c := range r.Preflight {
		if c.Verdict == Pass {
			continue
		}
		s.put(0, fmt.Sprintf("preflight %s: %s: %s", c.Name, c.Verdict, c.Text))
		s.field(2, "hint", c.Hint)
	}
	s.blank()
}

var columnNames = map[Verdict]string{StaleWaiver: "stale", Inconclusive: "unclear"}

// table prints the endpoints. Only verdicts that occur have a column, but for fail and pass, which always do.
func (s *screen) table(r *Report) {
	total := Count(r.Results)
	var columns []Verdict
	for _, v := range Verdicts {
		if total[v] > 0 || v == Fail || v == Pass {
			columns = append(columns, v)
		}
	}
	parts := sections(r)
	wide := len("endpoint")
	for _, e := range parts {
		wide = max(wide, utf8.RuneCountInString(line(e.Label())))
	}
	row := func(name, service, standing string, paint style, count func(Verdict) string) {
		fmt.Fprintf(&s.b, "%-*s  %-2s  %s", wide, line(name), line(service), s.paint(paint, fmt.Sprintf("%-14s", standing)))
		for _, v := range columns {
			text := count(v)
			cell := fmt.Sprintf("%8s", text)
			if text != "" && text != "·" && text[0] >= '0' && text[0] <= '9' {
				cell = s.paint(verdictStyle[v], cell)
			}
			s.b.WriteString(cell)
		}
		s.blank()
	}
	row("endpoint", "", "verdict", dim, func(v Verdict) string { return cmp.Or(columnNames[v], string(v)) })
	digits := func(n map[Verdict]int) func(Verdict) string {
		return func(v Verdict) string {
			if n[v] == 0 {
				return "·"
			}
			return fmt.Sprint(n[v])
		}
	}
	for _, e := range parts {
		row(e.Label(), e.Service, e.Standing.words(), standingStyle[e.Standing], digits(e.Counts))
	}
	row("all", "", r.Standing.words(), standingStyle[r.Standing], digits(total))
	for _, e := range parts {
		if e.Controls != "" {
			s.field(0, "controls", e.Name+": "+e.Controls)
		}
	}
	s.blank()
}

func (s *screen) failures(r *Report) {
	n := 0
	for _, g := range groups(r, blocks) {
		indent := 0
		if g.Cause != nil {
			s.b.WriteString(s.paint(bold, "one cause, "+plural(len(g.Results), "rule")))
			s.blank()
			s.field(2, "cause", g.Cause.Text)
			indent = 2
		}
		silent := 0
		for _, res := range g.Results {
			n++
			if told(res, g.Cause) {
				if silent++; silent > foldedLines && !s.Verbose {
					continue
				}
			}
			s.failure(indent, n, res, g.Cause)
		}
		if silent > foldedLines && !s.Verbose {
			s.put(indent, fmt.Sprintf("and %s more of this cause: --verbose lists all", plural(silent-foldedLines, "rule")))
		}
		s.blank()
	}
}

// told tells whether the cause of a result has said all there is to say of it.
func told(res *Result, cause *Cause) bool { return cause != nil && len(res.Findings) == 0 }

// failure prints one result that keeps the run from being conformant. Of results that nothing was learned about, the
// cause has said all there is to say, so they take one line each.
func (s *screen) failure(indent, n int, res *Result, cause *Cause) {
	fmt.Fprintf(&s.b, "%*s%s %s %s\n", indent, "", s.paint(verdictStyle[res.Verdict], fmt.Sprintf("%d. %s", n, res.Verdict)), line(res.Ref), s.paint(bold, line(res.ID)))
	if told(res, cause) {
		return
	}
	in := indent + 3
	s.field(in, "rule", res.Text)
	s.field(in, "because", res.Reason)
	for i, f := range res.Findings {
		if i == maxFindings && !s.Verbose {
			s.put(in, fmt.Sprintf("and %d more findings in report.json", len(res.Findings)-i))
			break
		}
		s.field(in, "wrong", f.Text)
		s.field(in, "sent", f.Change)
		s.field(in, "expected", fmt.Sprintf("%s (%s, %s: %s)", f.Expected, res.Level, res.Basis, res.Cite))
		s.field(in, "received", f.Received)
	}
	if s.Verbose {
		s.field(in, "contract", location(res))
		s.field(in, "note", res.Note)
	}
	s.command(in, "repeat", res.Repeat)
}

func location(res *Result) string {
	if res.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", path.Clean(res.File), res.Line)
}
