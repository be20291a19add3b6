package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (s *matrixScreen) faults() {
	if len(s.m.Faults) == 0 {
		return
	}
	bad, reached := 0, 0
	for _, r := range s.m.Faults {
		if slices.Contains(r.Flaws, NotReached) {
			continue
		}
		reached++
		if len(r.Flaws) > 0 {
			bad++
		}
		if s.Verbose {
			s.field(2, "fault", fmt.Sprintf("%s, %s: %s; %s", r.Fault, r.Reach, r.Standing, strings.Join(r.Causes, " ")))
		}
	}
	s.put(0, fmt.Sprintf("%s that misbehave as a whole: %s", plural(reached, "provider"), soundOr(bad, "no refusal passed by accident, none hung")))
}

func soundOr(bad int, text string) string {
	if bad > 0 {
		return fmt.Sprintf("%d with flaws", bad)
	}
	return text
}

func (s *matrixScreen) styles() {
	if len(s.m.Styles) == 0 {
		return
	}
	bad, warned, reached := 0, 0, 0
	for _, r := range s.m.Styles {
		if slices.Contains(r.Flaws, NotReached) {
			continue
		}
		reached++
		if len(r.Flaws) > 0 {
			bad++
		}
		warned += len(r.Warnings)
		if s.Verbose {
			s.field(2, "style", fmt.Sprintf("%s: %s, %s", r.Style, r.Standing, plural(len(r.Warnings), "warning")))
			for _, g := range r.Grouped() {
				s.field(4, "differs", fmt.Sprintf("%s (%s)", g.Text, strings.Join(g.Refs, ", ")))
			}
		}
	}
	s.put(0, fmt.Sprintf("%s of other tastes: %s, %s", plural(reached, "provider"), soundOr(bad, "all certified"), plural(warned, "warning")))
}

func (s *matrixScreen) figures() {
	f := s.m.Figures
	s.put(0, fmt.Sprintf("%s, %s, %s, %s with %s in %s by %s, seed %d", plural(f.Rules, "rule"), plural(f.Cases, "case"), plural(f.Breaks, "break"),
		plural(f.Providers, "provider"), plural(f.Requests, "request"), s.m.Took.Round(10*time.Millisecond), plural(s.m.Workers, "worker"), s.m.Seed))
	if f.Idle > 0 {
		s.put(0, fmt.Sprintf("%s failed in no break; --verbose lists them", plural(f.Idle, "case")))
	}
	st, word := green, "sound"
	switch {
	case s.m.Interrupted != "":
		st, word = yellow, "INTERRUPTED"
		s.put(0, fmt.Sprintf("%s; %d of %d breaks were never reached", s.m.Interrupted, f.Unreached, f.Breaks))
	case !s.m.Sound:
		st, word = red, "NOT SOUND"
	}
	s.b.WriteString(s.paint(st, word) + ": " + s.m.headline() + "\n")
}
