package reports

import (
	"cmp"
	"fmt"
	"strings"
)

func (s *screen) waivers(r *Report) {
	for i := range r.Waivers {
		x := &r.Waivers[i]
		s.put(0, x.title()+": "+x.State+"; "+x.Reason)
	}
	if len(r.Waivers) > 0 {
		s.blank()
	}
}

// foldedLines is how many lines warnings and untested rules take when they are folded.
const foldedLines = 6

func (s *screen) warnings(r *Report) {
	warned := pick(r, func(x *Result) bool { return x.Verdict == Warn })
	if len(warned) == 0 {
		return
	}
	s.b.WriteString(s.paint(verdictStyle[Warn], plural(len(warned), "warning")))
	s.blank()
	if s.Verbose {
		for _, res := range warned {
			s.put(2, fmt.Sprintf("%s %s", res.Ref, res.ID))
			s.field(4, "warning", res.short())
			for _, f := range res.Findings {
				s.field(4, "sent", f.Change)
				s.field(4, "expected", f.Expected)
				s.field(4, "received", f.Received)
			}
			s.command(4, "repeat", res.Repeat)
		}
	} else {
		s.folds(fold(warned, (*Result).short), "more kinds of warning: --verbose lists all")
	}
	s.blank()
}

func (s *screen) untested(r *Report) {
	not := pick(r, untested)
	if len(not) == 0 {
		return
	}
	s.b.WriteString(s.paint(dim, fmt.Sprintf("%d not tested", len(not))))
	s.blank()
	if s.Verbose {
		for _, res := range not {
			s.put(2, fmt.Sprintf("%s %s: %s", res.Ref, res.ID, res.Reason))
		}
	} else {
		s.folds(reasons(not), "more reasons: --verbose lists all")
	}
	s.blank()
}

// folds prints counted texts, one line each, the rest as a number.
func (s *screen) folds(all []folded, rest string) {
	for i, f := range all {
		if i == foldedLines && len(all) > foldedLines+1 {
			s.put(2, fmt.Sprintf("and %d %s", len(all)-i, rest))
			return
		}
		head := fmt.Sprintf("%4d  ", len(f.Results))
		if len(f.Results) == 1 {
			head = fmt.Sprintf("%-6s", line(f.Results[0].Ref))
		}
		fmt.Fprintf(&s.b, "  %s%s\n", head, cut(line(cmp.Or(f.Text, "no reason recorded")), s.Width-10))
	}
}

// foot says the standing and what to do next.
func (s *screen) foot(r *Report) {
	words := strings.ToUpper(r.Standing.words())
	for i, part := range wrap(line(words+": "+next(r)), s.Width-1) {
		if i == 0 {
			part = s.paint(standingStyle[r.Standing], words) + strings.TrimPrefix(part, words)
		}
		s.b.WriteString(part + "\n")
	}
}

// next is what came of it and what to do about it, in one sentence.
func next(r *Report) string {
	n := Count(r.Results)
	if r.Run.Narrowed && len(r.Results) > 0 && ExitCode(r) != ExitInterrupted {
		return "only a selection was judged: " + ofSelection(r, n)
	}
	return ofAll(r, n)
}

// ofSelection counts where ofAll would speak of an endpoint as a whole.
func ofSelection(r *Report, n map[Verdict]int) string {
	if ExitCode(r) != ExitHeld {
		return ofAll(r, n)
	}
	var parts []string
	say := func(count int, words string) {
		if count > 0 {
			parts = append(parts, fmt.Sprintf(words, plural(count, "rule")))
		}
	}
	say(n[Pass], "%s held")
	say(n[Warn], "%s held with a warning")
	say(n[Known], "%s failed as waived")
	say(n[Skip], "%s could not be tested, for the reasons above")
	return strings.Join(parts, ", ")
}

// ofAll is what comes of a report on everything.
func ofAll(r *Report, n map[Verdict]int) string {
	switch ExitCode(r) {
	case ExitInterrupted:
		return fmt.Sprintf("interrupted (%s); what was seen until then is reported, run again for a verdict", r.Run.Interrupted)
	case ExitBroken:
		if n[Fail] == 0 {
			return "no rule is broken, but a waiver is stale: remove it from the target file"
		}
		return fmt.Sprintf("%s broken; start with the first above, its repeat command sends just that", plural(n[Fail], "rule"))
	case ExitUnknown:
		if n[Error] > 0 {
			return fmt.Sprintf("%s erred in the harness itself and %d taught nothing; see above", plural(n[Error], "check"), n[Inconclusive])
		}
		return fmt.Sprintf("nothing was learned about %s; mend the causes above and run again", plural(n[Inconclusive], "rule"))
	case ExitIncomplete:
		if len(r.Results) == 0 {
			return "no rule was selected"
		}
		return fmt.Sprintf("%s never reached; run again", plural(n[NotRun], "planned rule"))
	}
	if r.Standing == Partial {
		return "nothing is broken, but mandatory rules were skipped; the reasons above say what would let them run"
	}
	held := "every rule that binds holds"
	if n[Known] > 0 {
		held = fmt.Sprintf("every rule that binds holds, but for %s that the waivers above cover", plural(n[Known], "failure"))
	}
	if n[Warn] > 0 {
		return fmt.Sprintf("%s; look at %s", held, plural(n[Warn], "warning"))
	}
	return held
}

// plural is a number and what is counted.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// style is an ANSI rendition; the empty one is none.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "32"
	yellow style = "33"
	purple style = "35"
)

var verdictStyle = map[Verdict]style{
	Fail: red, StaleWaiver: red, Error: purple, Inconclusive: purple, NotRun: yellow, Warn: yellow, Known: yellow, Skip: dim, Pass: green,
}

var standingStyle = map[Standing]style{
	Conformant: green, Partial: yellow, NotConformant: red, CouldNotTell: purple, IncompleteRun: yellow,
}

func (s *screen) paint(st style, text string) string {
	if !s.Color || st == "" {
		return text
	}
	return "\x1b[" + string(st) + "m" + text + "\x1b[0m"
}
