package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Rejudgement is what became of the verdicts of one run when its evidence was judged again.
type Rejudgement struct {
	Changed   []Revision
	Unchanged int
}

// Revision is one rule whose verdict is another than before, on the same evidence.
type Revision struct {
	Rule, Ref string
	Old, New  Verdict // "" when the rule is not in that report
	Why       []string
}

// Rejudged compares two reports on the same evidence. Nothing was sent in between, so each difference comes from what the
// contracts say, from a waiver, from strictness or from the tool itself; Why has which.
func Rejudged(old, latest *Report) *Rejudgement {
	j := new(Rejudgement)
	was, now := index(old), index(latest)
	for i := range latest.Results {
		res := &latest.Results[i]
		before := was[res.ID]
		switch {
		case before == nil:
			j.Changed = append(j.Changed, Revision{res.ID, res.Ref, "", res.Verdict, []string{"the contracts did not have this rule"}})
		case before.Verdict == res.Verdict:
			j.Unchanged++
		default:
			j.Changed = append(j.Changed, Revision{res.ID, res.Ref, before.Verdict, res.Verdict, revised(old, latest, before, res)})
		}
	}
	for i := range old.Results {
		if res := &old.Results[i]; now[res.ID] == nil {
			j.Changed = append(j.Changed, Revision{res.ID, res.Ref, res.Verdict, "", []string{"the contracts no longer have this rule"}})
		}
	}
	return j
}

// revised says what is another in the rule, then what its verdict rests on now.
func revised(old, latest *Report, before, after *Result) []string {
	var why []string
	note := func(what, was, is string) {
		if was != is {
			why = append(why, fmt.Sprintf("%s was %q, is %q", what, orNone(was), orNone(is)))
		}
	}
	note("the rule", before.Text, after.Text)
	note("its codes", strings.Join(before.Codes, ", "), strings.Join(after.Codes, ", "))
	note("its level", before.Level, after.Level)
	note("its basis", before.Basis, after.Basis)
	note("its state", before.State, after.State)
	if old.Run.Strict != latest.Run.Strict {
		why = append(why, fmt.Sprintf("strict was %v, is %v", old.Run.Strict, latest.Run.Strict))
	}
	waived := func(v Verdict) bool { return v == Known || v == StaleWaiver }
	if (waived(before.Verdict) || waived(after.Verdict)) && !slices.Equal(old.Waivers, latest.Waivers) {
		why = append(why, "the waivers are others")
	}
	if len(why) == 0 {
		switch {
		case !slices.Equal(old.Contracts, latest.Contracts):
			why = append(why, "something else in the contracts changed")
		case old.Tool != latest.Tool:
			why = append(why, fmt.Sprintf("%s %s judged it before, %s %s now", old.Tool.Name, old.Tool.Version, latest.Tool.Name, latest.Tool.Version))
		default:
			why = append(why, "neither contracts nor tool changed: the report was not made from this evidence alone")
		}
	}
	if !holding(after.Verdict) || after.Verdict == Warn {
		why = append(why, "now: "+after.short())
	} else if !holding(before.Verdict) {
		why = append(why, "before: "+before.short())
	}
	return why
}

// WriteText says in lines what changed and why.
func (j *Rejudgement) WriteText(w io.Writer) error {
	var b strings.Builder
	if len(j.Changed) == 0 {
		fmt.Fprintf(&b, "judged again: all %d verdicts are as before\n", j.Unchanged)
	} else {
		fmt.Fprintf(&b, "judged again: %s changed, %d as before\n", plural(len(j.Changed), "verdict"), j.Unchanged)
	}
	for _, r := range j.Changed {
		fmt.Fprintf(&b, "  %s %s: %s -> %s\n", line(r.Ref), line(r.Rule), verdictOr(r.Old), verdictOr(r.New))
		for _, why := range r.Why {
			fmt.Fprintf(&b, "      %s\n", cut(line(why), 300))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing what changed: %w", err)
	}
	return nil
}
