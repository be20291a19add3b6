package suites

import (
	"slices"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// waive holds the waivers against the results. A waived rule that fails as foreseen becomes known; one that passes, a
// waiver past its day and one that names nothing are stale, so that no waiver outlives its reason. Waivers for rules of
// the contracts that this run did not select are left alone.
func waive(results []reports.Result, waivers []fixtures.Waiver, at time.Time, p *Plan) []reports.Waiver {
	var all []reports.Waiver
	for _, w := range waivers {
		line := reports.Waiver{Rule: w.Rule, Code: w.Code, Owner: w.Owner, Reason: w.Reason, Ticket: w.Ticket, Expires: w.Expires}
		if line.State = applyWaiver(results, w, at, p); line.State != "" {
			all = append(all, line)
		}
	}
	return all
}

func applyWaiver(results []reports.Result, w fixtures.Waiver, at time.Time, p *Plan) string {
	named := func(r *reports.Result) bool { return w.Rule != "" && (r.ID == w.Rule || r.Ref == w.Rule) }
	if !slices.ContainsFunc(results, func(r reports.Result) bool { return named(&r) }) {
		if p.knows(w.Rule) {
			return ""
		}
		return "matches no rule"
	}
	if why := outdated(w.Expires, at); why != "" {
		return why
	}
	state := ""
	for i := range results {
		r := &results[i]
		if !named(r) {
			continue
		}
		switch r.Verdict {
		case reports.Fail:
			if !foreseen(r, w.Code) {
				state = "the rule fails in another way than with " + w.Code
				continue
			}
			r.Verdict = reports.Known
			r.Reason = "waived until " + w.Expires + " by " + w.Owner + " (" + w.Ticket + "): " + w.Reason
			return reports.WaiverUsed
		case reports.Known:
			return "another waiver already covers the rule"
		case reports.Pass:
			state = "the rule no longer fails"
			r.Reason = "waived (" + w.Ticket + "), and no longer failing: " + w.Reason
			r.Verdict = reports.StaleWaiver
		default:
			state = reports.WaiverIdle
			if r.State == string(contract.NotTestable) {
				state = "the rule cannot be tested, so there is nothing to waive"
			}
		}
	}
	return state
}

// outdated says why a waiver no longer counts at a time, by the days of Jakarta: "" when it does.
func outdated(expires string, at time.Time) string {
	day, err := time.Parse(time.DateOnly, expires)
	if err != nil {
		return "its date is not of the form 2027-01-31"
	}
	if at.In(jakarta()).Format(time.DateOnly) > day.Format(time.DateOnly) {
		return "expired on " + expires
	}
	return ""
}

// foreseen says whether every breach of a result came with the code that was waived.
func foreseen(r *reports.Result, code string) bool {
	if code == "" {
		return true
	}
	for _, f := range r.Findings {
		if f.Verdict == reports.Fail && !strings.Contains(f.Received, code) {
			return false
		}
	}
	return true
}

// knows says whether the contracts have a rule of that id or inventory number, selected or not.
func (p *Plan) knows(rule string) bool {
	for _, provider := range p.contracts {
		for _, e := range provider.Endpoints {
			for _, r := range e.Rules {
				if r.ID == rule || r.Ref == rule && rule != "" {
					return true
				}
			}
		}
	}
	return false
}
