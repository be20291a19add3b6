package reports

import "testing"

func TestExitCodeAndStanding(t *testing.T) {
	must := func(verdicts ...Verdict) *Report {
		r := &Report{Run: Run{Complete: true}}
		for _, v := range verdicts {
			r.Results = append(r.Results, Result{Verdict: v, Level: "must", State: "checked"})
		}
		return r
	}
	with := func(r *Report, change func(*Report)) *Report { change(r); return r }
	for _, c := range []struct {
		name  string
		r     *Report
		exit  int
		stand Standing
	}{
		{"all held", must(Pass, Pass), 0, Conformant},
		{"warnings and waivers do not count", must(Pass, Warn, Known), 0, Conformant},
		{"a mandatory rule skipped", must(Pass, Skip), 0, Partial},
		{"a rule no request can show", with(must(Pass, Skip), func(r *Report) { r.Results[1].State = stateNotTestable }), 0, Conformant},
		{"a recommendation skipped", with(must(Pass, Skip), func(r *Report) { r.Results[1].Level = "should" }), 0, Conformant},
		{"broken", must(Pass, Fail), 1, NotConformant},
		{"stale waiver", must(Pass, StaleWaiver), 1, NotConformant},
		{"stale waiver that matched nothing", with(must(Pass), func(r *Report) { r.Waivers = []Waiver{{State: "matched nothing"}} }), 1, Conformant},
		{"used waiver", with(must(Known), func(r *Report) { r.Waivers = []Waiver{{State: WaiverUsed}} }), 0, Conformant},
		{"inconclusive", must(Pass, Inconclusive), 3, CouldNotTell},
		{"harness error", must(Pass, Error), 3, CouldNotTell},
		{"broken outweighs inconclusive", must(Fail, Inconclusive, NotRun), 1, NotConformant},
		{"inconclusive outweighs not run", must(Inconclusive, NotRun), 3, CouldNotTell},
		{"not run", must(Pass, NotRun), 4, IncompleteRun},
		{"nothing selected", must(), 4, IncompleteRun},
		{"incomplete", with(must(Pass), func(r *Report) { r.Run.Complete = false }), 4, Conformant},
		{"interrupted outweighs all", with(must(Fail, NotRun), func(r *Report) { r.Run.Interrupted = "signal" }), 105, NotConformant},
	} {
		if got := ExitCode(c.r); got != c.exit {
			t.Errorf("%s: exit code %d, should be %d", c.name, got, c.exit)
		}
		if got := Stand(c.r.Results); got != c.stand {
			t.Errorf("%s: standing %s, should be %s", c.name, got, c.stand)
		}
	}
}

// What came of a selection is counted; the mandatory rules outside it are no fault of the run's.
func TestClosingLineOfASelection(t *testing.T) {
	for want, verdicts := range map[string][]Verdict{
		"only a selection was judged: 2 rules held": {Pass, Pass},
		"only a selection was judged: 1 rule held, 1 rule held with a warning, 1 rule could not be tested, for the reasons above": {Pass, Warn, Skip},
		"only a selection was judged: 1 rule broken; start with the first above, its repeat command sends just that":              {Pass, Fail},
		"only a selection was judged: nothing was learned about 1 rule; mend the causes above and run again":                      {Inconclusive},
	} {
		r := &Report{Run: Run{Complete: true, Narrowed: true}, Standing: Partial}
		for _, v := range verdicts {
			r.Results = append(r.Results, Result{Verdict: v})
		}
		if got := next(r); got != want {
			t.Errorf("%v: %q, want %q", verdicts, got, want)
		}
	}
}
