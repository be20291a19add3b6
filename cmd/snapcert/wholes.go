package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// faultPatience is how long a request may take against a provider that misbehaves. A slow one takes longer, all others
// far less.
const faultPatience = 400 * time.Millisecond

// wholes lays out the runs against whole providers: faulty ones, and those of other tastes.
func (p *prover) wholes(m *reports.Matrix, selection suites.Selection, chosen []*contract.Rule) ([]job, error) {
	plan, err := suites.NewPlan(p.providers, suites.Selection{Endpoints: selection.Endpoints}, p.seed)
	if err != nil {
		return nil, planError(err)
	}
	all := &stage{providers: p.providers, plan: plan, selection: suites.Selection{Endpoints: selection.Endpoints}}
	var jobs []job
	type faulty struct {
		run  reports.FaultRun
		with sandbox.Options
	}
	var faults []faulty
	for _, tokens := range []bool{false, true} {
		for _, f := range sandbox.Faults() {
			faults = append(faults, faulty{
				reports.FaultRun{Fault: f.Name, Text: f.Text, Tokens: tokens}, sandbox.Options{Fault: f.Name, SpareTokens: tokens},
			})
		}
	}
	for _, r := range chosen {
		for _, mode := range sandbox.Blocking(r) {
			faults = append(faults, faulty{
				reports.FaultRun{Fault: r.Ref + " " + mode, Text: "breaks " + r.ID + ", and so refuses every good request", Tokens: true},
				sandbox.Options{Break: []sandbox.Break{{Rule: r.ID, Mode: mode}}},
			})
		}
	}
	m.Faults = make([]reports.FaultRun, len(faults))
	for i, f := range faults {
		m.Faults[i] = f.run
		jobs = append(jobs, job{f.run.Fault, func(ctx context.Context) { p.faulty(ctx, all, f.with, &m.Faults[i]) }})
	}
	m.Styles = make([]reports.StyleRun, len(sandbox.Styles()))
	for i, note := range sandbox.Styles() {
		m.Styles[i] = reports.StyleRun{Style: note.Name, Text: note.Text}
		jobs = append(jobs, job{note.Name, func(ctx context.Context) { p.styled(ctx, all, &m.Styles[i]) }})
	}
	return jobs, nil
}

// faulty runs everything against a provider that misbehaves as a whole, and looks for verdicts that came by accident.
func (p *prover) faulty(ctx context.Context, all *stage, with sandbox.Options, run *reports.FaultRun) {
	began := p.clock.Now()
	flaw := func(format string, args ...any) { run.Flaws = append(run.Flaws, fmt.Sprintf(format, args...)) }
	report, evidence, err := p.report(ctx, all, with, faultPatience)
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
	partly := with.Fault != "" && sandbox.Partly(with.Fault) || len(with.Break) > 0
	for i := range report.Results {
		r := &report.Results[i]
		if r.Verdict != reports.Pass || !asksRefusal(all.plan, r.ID) {
			continue
		}
		switch {
		case !partly:
			flaw("%s passed, although no answer was right", r.ID)
		case !rightlyRefused(all.plan, evidence, r.ID):
			flaw("%s passed, and the refusal it asks for was not seen", r.ID)
		}
	}
	noticed := run.Counts[reports.Fail]+run.Counts[reports.Warn]+run.Counts[reports.Inconclusive] > 0
	switch {
	case report.Standing == reports.NotConformant, report.Standing == reports.CouldNotTell && len(run.Causes) > 0, partly && noticed:
	case report.Standing == reports.CouldNotTell:
		flaw("nothing could be told, and no cause says why")
	default:
		flaw("the standing is %s", report.Standing)
	}
	if err := renders(report); err != nil {
		flaw("%v", err)
	}
}

// styled runs everything against a conformant provider of another taste.
func (p *prover) styled(ctx context.Context, all *stage, run *reports.StyleRun) {
	report, evidence, err := p.report(ctx, all, sandbox.Options{Style: run.Style}, 0)
	if err != nil {
		run.Flaws = append(run.Flaws, err.Error())
		return
	}
	run.Standing, run.Counts, run.Requests = report.Standing, reports.Count(report.Results), len(evidence.Exchanges)
	for i := range report.Results {
		r := &report.Results[i]
		text := fmt.Sprintf("%s: %s: %s", r.ID, r.Verdict, said(r))
		switch r.Verdict {
		case reports.Pass, reports.Skip:
		case reports.Warn:
			run.Warnings = append(run.Warnings, text)
		default:
			run.Flaws = append(run.Flaws, text)
		}
	}
	if report.Standing != reports.Conformant && len(run.Flaws) == 0 {
		run.Flaws = append(run.Flaws, fmt.Sprintf("the standing is %s", report.Standing))
	}
}

// report is one run of everything, with the report that a user would get.
func (p *prover) report(ctx context.Context, all *stage, with sandbox.Options, patience time.Duration) (*reports.Report, *suites.Evidence, error) {
	out, err := p.collect(ctx, all, with, patience)
	if err != nil {
		return nil, nil, err
	}
	report, err := suites.Rejudge(out, suites.Options{Providers: all.providers, Tool: tool()})
	if err != nil {
		return nil, nil, fmt.Errorf("report: %w", err)
	}
	return report, out, nil
}

// renders writes the report in the forms of a run, to nowhere.
func renders(report *reports.Report) error {
	for name, render := range map[string]func(io.Writer, *reports.Report) error{
		reportFile: reports.WriteJSON, junitFile: reports.WriteJUnit, summaryFile: reports.WriteSummary,
	} {
		if err := render(io.Discard, report); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// asksRefusal says whether something is sent for the rule that must be refused.
func asksRefusal(plan *suites.Plan, rule string) bool {
	return slices.ContainsFunc(plan.Scenarios, func(s suites.Scenario) bool {
		return slices.Contains(s.Rules, rule) && slices.ContainsFunc(s.Steps, mustBeRefused)
	})
}

func mustBeRefused(s suites.Step) bool {
	return s.Want.Kind == suites.WantRefuse || s.Want.Kind == suites.WantOneOf
}

// rightlyRefused looks into the evidence itself, past the judge: whatever had to be refused for the rule was answered with
// one of its codes, or by a gateway where that may be.
func rightlyRefused(plan *suites.Plan, evidence *suites.Evidence, rule string) bool {
	for i := range plan.Scenarios {
		s := &plan.Scenarios[i]
		if !slices.Contains(s.Rules, rule) {
			continue
		}
		for at, step := range s.Steps {
			if !mustBeRefused(step) {
				continue
			}
			right := 0
			exchanges := evidence.Of(s, at)
			for _, x := range exchanges {
				if refusedAs(x, step.Want) {
					right++
				}
			}
			if right < len(exchanges) && (step.Want.Kind == suites.WantRefuse || right < len(exchanges)-1) {
				return false
			}
		}
	}
	return true
}

func refusedAs(x *snap.Exchange, want suites.Want) bool {
	if x == nil || x.Got == nil {
		return false
	}
	var body struct {
		Code string `json:"responseCode"`
	}
	if err := json.Unmarshal([]byte(x.Got.Body), &body); err != nil || body.Code == "" {
		return slices.Contains(want.Gateway, x.Got.Status)
	}
	return slices.Contains(want.Codes, body.Code) && snap.Code(body.Code).HTTP() == x.Got.Status
}
