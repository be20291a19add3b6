package reports

// The exit codes of a certification.
const (
	ExitHeld        = 0   // conformant, or partial: nothing was broken
	ExitBroken      = 1   // a rule was broken, or a waiver is stale
	ExitUnknown     = 3   // the harness erred, or nothing could be learned about a rule
	ExitIncomplete  = 4   // a planned rule was never reached, or none was planned
	ExitInterrupted = 105 // stopped from outside; the reports hold what was seen until then
)

// ExitCode is the exit code a report stands for. When several apply, the first of these wins: interrupted (105), broken
// (1), could not tell (3), incomplete (4), held (0). An interrupted run is never read as a verdict on the provider, and a
// proven breach outweighs whatever else could not be seen.
func ExitCode(r *Report) int {
	n := Count(r.Results)
	switch {
	case r.Run.Interrupted != "":
		return ExitInterrupted
	case n[Fail]+n[StaleWaiver] > 0 || staleWaivers(r) > 0:
		return ExitBroken
	case n[Error]+n[Inconclusive] > 0:
		return ExitUnknown
	case n[NotRun] > 0 || !r.Run.Complete || len(r.Results) == 0:
		return ExitIncomplete
	}
	return ExitHeld
}

// Interrupt marks a report as that of a run that was stopped. The first reason stays.
func (r *Report) Interrupt(why string) {
	if r.Run.Interrupted != "" {
		return
	}
	r.Run.Complete, r.Run.Interrupted = false, why
	if r.Standing == Conformant || r.Standing == Partial {
		r.Standing = IncompleteRun
	}
}

// Count is how many results have each verdict.
func Count(results []Result) map[Verdict]int {
	n := map[Verdict]int{}
	for i := range results {
		n[results[i].Verdict]++
	}
	return n
}

// Stand is the standing that results amount to: what was proven broken first, then what could not be told, then what was
// never reached, then whether all that is mandatory was tried. A rule that no request can show, or that
// is about nothing this provider has, does not cap the standing; it is listed as not tested.
func Stand(results []Result) Standing {
	n := Count(results)
	switch {
	case n[Fail]+n[StaleWaiver] > 0:
		return NotConformant
	case n[Error]+n[Inconclusive] > 0:
		return CouldNotTell
	case n[NotRun] > 0 || len(results) == 0:
		return IncompleteRun
	}
	for i := range results {
		if r := &results[i]; r.Verdict == Skip && r.Mandatory() && r.State != stateNotTestable && !r.NotApplicable {
			return Partial
		}
	}
	return Conformant
}

// The states of a rule, as its contract gives them.
const (
	stateNotTestable  = "not-testable"
	stateNeedsAccount = "needs-account"
)

// Mandatory tells whether the rule is one the provider has to keep.
func (r *Result) Mandatory() bool { return r.Level == "must" }
