package reports

import (
	"fmt"
	"io"
	"slices"
)

// MatrixConsole says how a matrix is shown on a terminal.
type MatrixConsole struct {
	Width   int
	Color   bool
	Verbose bool // every rule with every break, instead of those that need work
}

// Write shows a matrix: what needs work first, then one line an endpoint, the faults, the styles, and the figures.
func (c MatrixConsole) Write(w io.Writer, m *Matrix) error {
	s := &matrixScreen{screen: screen{Console: Console(c)}, m: m}
	if s.Width <= 0 {
		s.Width = 100
	}
	s.flaws()
	if c.Verbose {
		s.rows()
	}
	s.endpoints()
	s.faults()
	s.styles()
	s.figures()
	if _, err := io.WriteString(w, s.b.String()); err != nil {
		return fmt.Errorf("writing the matrix: %w", err)
	}
	return nil
}

type matrixScreen struct {
	screen
	m *Matrix
}

// flaws lists everything that keeps the matrix from being sound.
func (s *matrixScreen) flaws() {
	before := s.b.Len()
	for _, b := range s.m.Baselines {
		for _, f := range b.Flaws {
			s.put(0, s.paint(red, "UNBROKEN")+" "+line(b.Endpoint))
			s.field(2, "flaw", f)
		}
	}
	for i := range s.m.Rows {
		if r := &s.m.Rows[i]; r.Flawed() && !r.Pending() {
			s.row(r, false)
		}
	}
	for _, r := range s.m.Faults {
		s.listed("FAULT", r.Fault+", "+r.Reach, r.Flaws)
	}
	for _, r := range s.m.Styles {
		s.listed("STYLE", r.Style, r.Flaws)
	}
	if s.b.Len() > before {
		s.blank()
	}
}

func (s *matrixScreen) listed(what, name string, flaws []string) {
	if len(flaws) == 0 || slices.Contains(flaws, NotReached) {
		return
	}
	s.heading(red, what, name)
	for _, f := range flaws {
		s.field(2, "flaw", f)
	}
}

func (s *matrixScreen) heading(st style, what, name string) {
	s.b.WriteString(s.paint(st, what) + " " + line(name) + "\n")
}

// rows lists every rule.
func (s *matrixScreen) rows() {
	for i := range s.m.Rows {
		if r := &s.m.Rows[i]; !r.Flawed() {
			s.row(r, true)
		}
	}
	s.blank()
}

// row shows one rule; all says to show also what is as it should be.
func (s *matrixScreen) row(r *MatrixRow, all bool) {
	name := r.ID + " (" + r.Ref + ")"
	switch {
	case r.Untouched != "":
		st, word := red, "NOT BROKEN"
		if r.Excused {
			st, word = dim, "not broken"
		}
		s.heading(st, word, name)
		s.field(2, "reason", r.Untouched)
		return
	case r.Killed():
		s.heading(green, "proven", name)
	default:
		s.heading(red, "NOT PROVEN", name)
	}
	for i := range r.Breaks {
		b := &r.Breaks[i]
		if !all && b.Sound() {
			continue
		}
		text := string(b.Verdict) + "; " + b.Finding
		if b.Failure != "" {
			text = "the run failed: " + b.Failure
		}
		mode := b.Mode
		if b.With != "" {
			mode += " together with " + b.With
		}
		if b.On != r.Endpoint {
			mode += " on " + b.On
		}
		s.field(2, "break", mode+": "+text)
		s.hits(b, all)
	}
	for _, c := range r.Idle {
		s.field(2, "idle", c+": no break made it fail")
	}
}

// hitsShown is how many other rules are listed under one break.
const hitsShown = 6

func (s *matrixScreen) hits(b *MatrixBreak, all bool) {
	shown := 0
	for _, h := range b.Hits {
		if h.Tie != "" && !all {
			continue
		}
		if shown++; shown > hitsShown && !s.Verbose {
			continue
		}
		text := fmt.Sprintf("%s (%s) %s instead of %s; %s", h.ID, h.Ref, h.Verdict, h.Was, h.Finding)
		if h.Tie != "" {
			text += " [declared: " + h.Tie + "]"
		}
		s.field(4, "also", text)
	}
	if shown > hitsShown && !s.Verbose {
		s.field(4, "also", fmt.Sprintf("%d more", shown-hitsShown))
	}
}

// endpoints prints one line for each endpoint that owns a rule.
func (s *matrixScreen) endpoints() {
	type sum struct{ rules, killed, excused, breaks, declared, stray int }
	sums := map[string]*sum{}
	var order []string
	width := len("endpoint")
	for i := range s.m.Rows {
		r := &s.m.Rows[i]
		t := sums[r.Endpoint]
		if t == nil {
			t = &sum{}
			sums[r.Endpoint] = t
			order = append(order, r.Endpoint)
			width = max(width, len(r.Endpoint))
		}
		t.rules++
		if r.Excused {
			t.excused++
		}
		if r.Killed() {
			t.killed++
		}
		for j := range r.Breaks {
			t.breaks++
			stray := len(r.Breaks[j].Stray())
			t.stray += stray
			t.declared += len(r.Breaks[j].Hits) - stray
		}
	}
	fmt.Fprintf(&s.b, "%-*s  %6s %7s %12s %7s %6s %6s\n", width, "endpoint", "rules", "proven", "not testable", "breaks", "tied", "stray")
	for _, name := range order {
		t := sums[name]
		fmt.Fprintf(&s.b, "%-*s  %6d %7d %12d %7d %6d %6d\n", width, line(name), t.rules, t.killed, t.excused, t.breaks, t.declared, t.stray)
	}
	s.blank()
}
