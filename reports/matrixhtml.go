package reports

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteMatrixHTML writes the matrix for people: one file with no script, no link to the outside and a policy that forbids
// both, like report.html.
func WriteMatrixHTML(w io.Writer, m *Matrix) error {
	style, hash, err := styled("html/style.css", "html/matrix/matrix.css")
	if err != nil {
		return fmt.Errorf("writing the matrix: %w", err)
	}
	tmpl, err := template.New("matrix").Funcs(matrixFuncs()).ParseFS(htmlFiles, "html/matrix/*.tmpl", "html/head.tmpl")
	if err != nil {
		return fmt.Errorf("writing the matrix: %w", err)
	}
	p := newMatrixPage(m)
	p.Style, p.StyleHash = style, hash
	if err := tmpl.ExecuteTemplate(w, "matrix", p); err != nil {
		return fmt.Errorf("writing the matrix: %w", err)
	}
	return nil
}

// matrixPage is what the template shows.
type matrixPage struct {
	M         *Matrix
	Lang      Lang
	PageTitle string
	Style     template.HTML
	StyleHash template.HTMLAttr

	Tone, Sign, Word, Headline string

	Facts    []matrixFact
	Sections []matrixSection
	Flaws    []matrixFlaw
	Ties     []matrixTies
	Verdicts []Verdict // that occur in the runs against faulty providers
	Grid     matrixGrid
}

type matrixFact struct{ Name, Value string }

// matrixSection is one endpoint's rules.
type matrixSection struct {
	Name string
	Rows []*MatrixRow

	Killed, Excused, Breaks, Tied, Stray, Cases, Idle int
}

// matrixFlaw is something that keeps the matrix from being sound.
type matrixFlaw struct {
	What, Anchor string
	Lines        []string
}

// matrixTies are the hits that one reason declares.
type matrixTies struct {
	Reason string
	Pairs  []string
}

func newMatrixPage(m *Matrix) *matrixPage {
	p := &matrixPage{
		M: m, Lang: English, Tone: "good", Sign: "✓", Word: "sound", Headline: m.headline(), Facts: matrixFacts(m),
		Sections: matrixSections(m), Flaws: matrixFlaws(m), Ties: tiesOf(m), Grid: newMatrixGrid(m),
	}
	switch {
	case m.Interrupted != "":
		p.Tone, p.Sign, p.Word = "odd", "○", "interrupted"
	case !m.Sound:
		p.Tone, p.Sign, p.Word = "bad", "✗", "not sound"
	}
	p.PageTitle = "Kill matrix: " + p.Word
	for _, v := range []Verdict{Pass, Fail, Warn, Inconclusive, Error, Skip, NotRun} {
		if slices.ContainsFunc(m.Faults, func(r FaultRun) bool { return r.Counts[v] > 0 }) {
			p.Verdicts = append(p.Verdicts, v)
		}
	}
	return p
}

// headline is the outcome in one line.
func (m *Matrix) headline() string {
	f := m.Figures
	return fmt.Sprintf("proven %d of %d (%.1f %%); %d of %d breaks seen; %s, %d stray; %d of %d cases idle",
		f.Killed, f.Rules, f.KillRate, f.Seen, f.Breaks, plural(f.Declared, "declared tie"), f.Stray, f.Idle, f.Cases)
}

func matrixFacts(m *Matrix) []matrixFact {
	f := m.Figures
	return []matrixFact{
		{"Rules", fmt.Sprintf("%d broken in %d ways, %d not testable or not alone", f.Rules, f.Breaks, f.Untouched)},
		{"Kill rate", fmt.Sprintf("%.1f %%", f.KillRate)},
		{"Cases", fmt.Sprintf("%d, of which %d never failed", f.Cases, f.Idle)},
		{"Providers", fmt.Sprintf("%d stand-ins, %d of them faulty as a whole, %d of other tastes", f.Providers, len(m.Faults), len(m.Styles))},
		{"Requests", fmt.Sprint(f.Requests)},
		{"Wall time", fmt.Sprintf("%s by %s", m.Took.Round(10*time.Millisecond), plural(m.Workers, "worker"))},
		{"Seed", fmt.Sprint(m.Seed)},
		{"Started", m.Started.UTC().Format(time.RFC3339)},
		{"Tool", strings.TrimSpace(m.Tool.Name + " " + m.Tool.Version + ", " + m.Tool.Go)},
	}
}

// matrixSections brings the rows together by endpoint, in the order in which endpoints first come up.
func matrixSections(m *Matrix) []matrixSection {
	var all []matrixSection
	for i := range m.Rows {
		r := &m.Rows[i]
		at := slices.IndexFunc(all, func(s matrixSection) bool { return s.Name == r.Endpoint })
		if at < 0 {
			at = len(all)
			all = append(all, matrixSection{Name: r.Endpoint})
		}
		s := &all[at]
		s.Rows = append(s.Rows, r)
		s.Cases += r.Cases
		s.Idle += len(r.Idle)
		s.Breaks += len(r.Breaks)
		switch {
		case r.Excused:
			s.Excused++
		case r.Killed():
			s.Killed++
		}
		for j := range r.Breaks {
			stray := len(r.Breaks[j].Stray())
			s.Stray += stray
			s.Tied += len(r.Breaks[j].Hits) - stray
		}
	}
	return all
}

// matrixFlaws lists all that needs work, but for what an interrupt left out.
func matrixFlaws(m *Matrix) []matrixFlaw {
	var all []matrixFlaw
	add := func(what, anchor string, lines []string) {
		if len(lines) > 0 && !slices.Contains(lines, NotReached) {
			all = append(all, matrixFlaw{what, anchor, lines})
		}
	}
	for _, b := range m.Baselines {
		add("Unbroken provider: "+b.Endpoint, "", b.Flaws)
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		if !r.Flawed() || r.Pending() {
			continue
		}
		lines := []string{}
		if r.Untouched != "" {
			lines = append(lines, r.Untouched)
		}
		for j := range r.Breaks {
			lines = append(lines, r.Breaks[j].flaws()...)
		}
		add(r.Ref, r.ID, lines)
	}
	for _, r := range m.Faults {
		add("Fault "+r.Fault+", "+r.Reach, "", r.Flaws)
	}
	for _, r := range m.Styles {
		add("Taste "+r.Style, "", r.Flaws)
	}
	return all
}

// flaws says what is wrong with a break, in lines.
func (b *MatrixBreak) flaws() []string {
	var lines []string
	switch {
	case b.Failure != "":
		lines = append(lines, b.Mode+" on "+b.On+": the run failed: "+b.Failure)
	case !b.Seen():
		lines = append(lines, b.Mode+" on "+b.On+" was not seen: "+strings.TrimSpace(string(b.Verdict)+" "+b.Finding))
	}
	for _, h := range b.Stray() {
		lines = append(lines, fmt.Sprintf("%s on %s shows in %s (%s) too: %s instead of %s: %s", b.Mode, b.On, h.ID, h.Ref, h.Verdict, h.Was, h.Finding))
	}
	return lines
}
