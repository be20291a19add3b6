package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// faulty runs everything against a provider that misbehaves as a whole, and looks for verdicts that came by accident.
func (p *prover) faulty(ctx context.Context, all *stage, f misbehaviour, run *reports.FaultRun) {
	began := p.clock.Now()
	flaw := func(format string, args ...any) { run.Flaws = append(run.Flaws, fmt.Sprintf(format, args...)) }
	report, evidence, err := p.report(ctx, all, f, faultPatience)
	if ctx.Err() != nil {
		return // what an interrupt cut short says nothing
	}
	run.Flaws = nil
	run.Took = p.clock.Now().Sub(began)
	if err != nil {
		flaw("%v", err)
		return
	}
	run.Standing, run.Counts, run.Requests = report.Standing, reports.Count(report.Results), len(evidence.Exchanges)
	for _, c := range report.Causes {
		run.Causes = append(run.Causes, c.Text)
	}
	if !evidence.Complete {
		flaw("the run did not end by itself: %s", evidence.Interrupted)
	}
	a := audit{all.plan, evidence}
	for i := range report.Results {
		if r := &report.Results[i]; r.Verdict == reports.Pass {
			if why := a.accident(r.ID); why != "" {
				flaw("%s passed, but %s", r.ID, why)
			}
		}
	}
	if f.dead || sandbox.Silent(f.with.Fault) {
		if left := a.unbroken(); left != "" {
			flaw("requests were sent on and on, though none was answered: %s", left)
		}
	}
	if why := misstated(report, f.partly()); why != "" && !f.unruled(all.plan) {
		flaw("%s", why)
	}
	if len(run.Causes) > len(all.plan.Endpoints)+1 { // what a flow waits for in vain is a cause beside those of the endpoints
		flaw("%d causes are given for one fault", len(run.Causes))
	}
	if err := p.renders(all, report, evidence); err != nil {
		flaw("%v", err)
	}
}

// partly says that a run against the provider sees right answers too.
func (f misbehaviour) partly() bool {
	return len(f.with.Break) > 0 || f.with.FaultAfter > 0 || f.with.Fault != "" && sandbox.Partly(f.with.Fault)
}

// unruled says that what the provider does wrong is against no rule of the plan: it may pass.
func (f misbehaviour) unruled(plan *suites.Plan) bool {
	kind := sandbox.Breaks(f.with.Fault)
	return kind != "" && !slices.ContainsFunc(plan.Rules, func(r *contract.Rule) bool { return r.Kind == kind })
}

// misstated says what is wrong with the standing of a provider that misbehaves, "" when it is right: something was broken,
// or nothing could be told and a cause says why.
func misstated(report *reports.Report, partly bool) string {
	n := reports.Count(report.Results)
	for i := range report.Results {
		r := &report.Results[i]
		if report.Standing == reports.CouldNotTell && r.Verdict == reports.Inconclusive && r.Cause == "" && !partly {
			return fmt.Sprintf("%s could not be told, and no cause says why", r.ID)
		}
	}
	switch {
	case report.Standing == reports.NotConformant, report.Standing == reports.CouldNotTell && len(report.Causes) > 0:
	case partly && n[reports.Fail]+n[reports.Warn]+n[reports.Inconclusive] > 0:
	case report.Standing == reports.CouldNotTell:
		return "nothing could be told, and no cause says why"
	default:
		return fmt.Sprintf("the standing is %s", report.Standing)
	}
	return ""
}

// renders writes the report in all forms of a run, to nowhere.
func (p *prover) renders(all *stage, report *reports.Report, evidence *suites.Evidence) error {
	dossier, err := dossierOf(report, all.plan, evidence, "", "")
	if err != nil {
		return err
	}
	for _, paper := range reports.Papers() {
		if err := paper.Write(io.Discard, dossier); err != nil {
			return fmt.Errorf("write %s: %w", paper.Name, err)
		}
	}
	return nil
}

// audit looks into evidence itself, past the judge and with eyes of its own.
type audit struct {
	plan     *suites.Plan
	evidence *suites.Evidence
}

// accident says why a rule that passed should not have, "" when it may: whatever had to be refused for it was answered by
// one of its codes, or by a gateway where that may be, while good requests to the same call succeeded before and after.
func (a audit) accident(rule string) string {
	for i := range a.plan.Scenarios {
		s := &a.plan.Scenarios[i]
		if !slices.Contains(s.Rules, rule) {
			continue
		}
		for at, step := range s.Steps {
			if step.Want.Kind != suites.WantRefuse && step.Want.Kind != suites.WantOneOf {
				continue
			}
			if !rightlyRefused(a.evidence.Of(s, at), step.Want) {
				return "the refusal it asks for was not seen"
			}
			name := step.Endpoint
			if name == "" {
				name = s.Endpoint
			}
			if !a.worked(name) {
				return "good requests to " + name + " did not succeed before and after"
			}
		}
	}
	return ""
}

// worked says whether the call answered a good request rightly before the others and after them, or, where it has no such
// requests of its own, at all.
func (a audit) worked(call string) bool {
	e := a.call(call)
	if e == nil {
		return false
	}
	planned, good := map[suites.Phase]bool{}, map[suites.Phase]bool{}
	for i := range a.plan.Scenarios {
		s := &a.plan.Scenarios[i]
		if s.Endpoint != call || len(s.Rules) > 0 {
			continue
		}
		planned[s.Phase] = true
		for _, x := range a.evidence.Of(s, 0) {
			good[s.Phase] = good[s.Phase] || succeeded(x, e)
		}
	}
	if len(planned) > 0 {
		return good[suites.Opening] && good[suites.Closing]
	}
	for _, x := range a.evidence.Exchanges {
		if x.Endpoint == call && succeeded(x, e) {
			return true
		}
	}
	return false
}

// call finds an endpoint of the plan, or the token call of one of its providers.
func (a audit) call(name string) *contract.Endpoint {
	for _, e := range a.plan.Endpoints {
		for _, other := range e.Provider.Endpoints {
			if other.Name() == name {
				return other
			}
		}
	}
	return nil
}

// vain is how many requests may go unanswered before an endpoint's traffic has to be stopped: those that open the breaker,
// and those that are under way by then.
const vain = 5 + proverConcurrency + suites.DefaultCopies

// unbroken is an endpoint to which requests were sent on and on though none was answered, "" when there is none.
func (a audit) unbroken() string {
	silent := map[string]int{}
	for _, x := range a.evidence.Exchanges {
		if x.Got == nil {
			silent[x.Endpoint]++
		}
	}
	for name, n := range silent {
		if n > vain {
			return fmt.Sprintf("%s (%d)", name, n)
		}
	}
	return ""
}

func rightlyRefused(exchanges []*snap.Exchange, want suites.Want) bool {
	right := 0
	for _, x := range exchanges {
		if refusedAs(x, want) {
			right++
		}
	}
	return right == len(exchanges) || want.Kind == suites.WantOneOf && right == len(exchanges)-1
}

func refusedAs(x *snap.Exchange, want suites.Want) bool {
	if x == nil || x.Got == nil {
		return false
	}
	code := codeIn(x)
	if code == "" {
		return slices.Contains(want.Gateway, x.Got.Status)
	}
	return slices.Contains(want.Codes, code) && snap.Code(code).HTTP() == x.Got.Status
}

func succeeded(x *snap.Exchange, e *contract.Endpoint) bool {
	if x == nil || x.Got == nil || x.Got.Status != http.StatusOK {
		return false
	}
	code := codeIn(x)
	return slices.ContainsFunc(e.Success, func(s string) bool { return string(snap.FillCode(s, e.Service)) == code })
}

// codeIn is the response code of an answer, "" when there is none.
func codeIn(x *snap.Exchange) string {
	var body struct {
		Code string `json:"responseCode"`
	}
	if err := json.Unmarshal([]byte(x.Got.Body), &body); err != nil {
		return ""
	}
	return body.Code
}
