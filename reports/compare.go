package reports

import "slices"

// Change is what became of one rule from one run to a later one.
type Change string

// The changes, those that got worse first.
const (
	NewlyFailing Change = "newly failing"
	NewlyUnclear Change = "newly unclear" // judged before, and nothing was learned now
	Flaky        Change = "flaky"         // swung between holding and failing over several runs, or within the last one, or with nothing else changed
	StillFailing Change = "still failing"
	NewlyWaived  Change = "newly waived"
	Fixed        Change = "fixed"
	Added        Change = "added"
	Gone         Change = "gone"
	Other        Change = "changed" // another verdict, neither better nor worse
)

// Changes in the order they are printed.
var Changes = []Change{NewlyFailing, NewlyUnclear, Flaky, NewlyWaived, Gone, Added, Fixed, Other, StillFailing}

// Difference is one rule whose verdict changed, or that keeps failing.
type Difference struct {
	Rule, Ref, Text string
	Change          Change
	Old, New        Verdict // "" when the rule is not in that run
	Why             string
	Worse           bool
}

// Comparison is what changed from one report to a later one.
type Comparison struct {
	Old, New    *Report
	Differences []Difference // by Changes, then in report order
	Unchanged   int
}

// Compare lists what changed by rule id. A rule is flaky when equal cases of the last run disagree, when it swung between
// holding and failing before (earlier reports, oldest first, show that), or when it swung though the target's build and
// the contracts are stated to be the same.
func Compare(old, latest *Report, earlier ...*Report) *Comparison {
	c := &Comparison{Old: old, New: latest}
	was, now := index(old), index(latest)
	for i := range latest.Results {
		res := &latest.Results[i]
		before := was[res.ID]
		if before == nil {
			c.add(Difference{Change: Added, New: res.Verdict, Worse: failing(res.Verdict)}, res, res)
			continue
		}
		d, changed := between(before, res)
		swung := changed && failing(d.Old) != failing(d.New) && sameSubject(old, latest)
		if swung || disagrees(res) || changed && swings(res.ID, append(slices.Clone(earlier), old, latest)) {
			d.Change, changed = Flaky, true
		}
		if !changed {
			c.Unchanged++
			continue
		}
		c.add(d, res, res)
	}
	for i := range old.Results {
		res := &old.Results[i]
		if now[res.ID] == nil {
			// A rule that can no longer be seen to hold is a loss, unless the new run was narrowed on purpose.
			c.add(Difference{Change: Gone, Old: res.Verdict, Worse: res.Verdict == Pass && latest.Run.Selection == "" && res.Mandatory()}, res, nil)
		}
	}
	slices.SortStableFunc(c.Differences, func(a, b Difference) int { return slices.Index(Changes, a.Change) - slices.Index(Changes, b.Change) })
	return c
}

func index(r *Report) map[string]*Result {
	m := make(map[string]*Result, len(r.Results))
	for i := range r.Results {
		m[r.Results[i].ID] = &r.Results[i]
	}
	return m
}

func failing(v Verdict) bool { return v == Fail || v == StaleWaiver }
func unclear(v Verdict) bool { return v == Inconclusive || v == Error || v == NotRun }
func holding(v Verdict) bool { return v == Pass || v == Warn }

// between names the change from one verdict to another; false when there is nothing to report.
func between(before, after *Result) (Difference, bool) {
	d := Difference{Old: before.Verdict, New: after.Verdict}
	o, n := before.Verdict, after.Verdict
	switch {
	case failing(n) && failing(o):
		d.Change = StillFailing
	case failing(n):
		d.Change, d.Worse = NewlyFailing, true
	case o == n:
		return d, false
	case n == Known:
		d.Change = NewlyWaived
	case holding(n) && (failing(o) || o == Known):
		d.Change = Fixed
	case unclear(n) && !unclear(o):
		d.Change, d.Worse = NewlyUnclear, true
	default:
		d.Change = Other
	}
	return d, true
}

// sameSubject tells whether both runs state that they judged the same build by the same contracts.
func sameSubject(a, b *Report) bool {
	return a.Target.Build != "" && a.Target.Build == b.Target.Build && a.Target.BaseURL == b.Target.BaseURL && a.Tool == b.Tool &&
		slices.Equal(a.Contracts, b.Contracts) && a.Run.Strict == b.Run.Strict && slices.Equal(a.Waivers, b.Waivers)
}

// disagrees tells whether two equal cases of one result had different ends.
func disagrees(res *Result) bool {
	ends := map[[2]string]Verdict{}
	for _, c := range res.Cases {
		key := [2]string{c.Change, c.Expected}
		if before, ok := ends[key]; ok && failing(before) != failing(c.Verdict) {
			return true
		}
		ends[key] = c.Verdict
	}
	return false
}

// swings tells whether a rule held, failed and held again (or the reverse) over several runs.
func swings(id string, runs []*Report) bool {
	turns := 0
	var last *bool
	for _, r := range runs {
		i := slices.IndexFunc(r.Results, func(x Result) bool { return x.ID == id })
		if i < 0 || !failing(r.Results[i].Verdict) && !holding(r.Results[i].Verdict) {
			continue
		}
		bad := failing(r.Results[i].Verdict)
		if last != nil && *last != bad {
			turns++
		}
		last = &bad
	}
	return turns > 1
}

func (c *Comparison) add(d Difference, res, why *Result) {
	d.Rule, d.Ref, d.Text = res.ID, res.Ref, res.Text
	if why != nil && why.Verdict != Pass {
		d.Why = why.short()
	}
	c.Differences = append(c.Differences, d)
}
