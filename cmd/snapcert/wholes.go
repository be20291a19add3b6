package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
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
	faults := p.faults(all.plan, chosen)
	m.Faults = make([]reports.FaultRun, len(faults))
	var jobs []job
	for i, f := range faults {
		m.Faults[i] = f.run
		m.Faults[i].Flaws = []string{reports.NotReached}
		jobs = append(jobs, job{f.run.Fault, func(ctx context.Context) { p.faulty(ctx, all, f, &m.Faults[i]) }})
	}
	m.Styles = make([]reports.StyleRun, len(sandbox.Styles()))
	for i, note := range sandbox.Styles() {
		m.Styles[i] = reports.StyleRun{Style: note.Name, Text: note.Text, Flaws: []string{reports.NotReached}}
		jobs = append(jobs, job{note.Name, func(ctx context.Context) { p.styled(ctx, all, &m.Styles[i]) }})
	}
	return jobs, nil
}

// misbehaviour is a provider that misbehaves as a whole.
type misbehaviour struct {
	run  reports.FaultRun
	with sandbox.Options
	dead bool // nobody listens
}

// How far a fault reaches. A fault of the token call hides what the same fault does elsewhere, and one that is there from
// the beginning stops a run at its first good requests: what comes later is seen only when it sets in later.
const (
	reachAll   = "every answer"
	reachCalls = "all but token calls"
	reachLater = "from half-way on"
)

// faults lists the providers that misbehave: every fault at every reach, a target where nobody listens, and the breaks
// that leave no good request working.
func (p *prover) faults(plan *suites.Plan, chosen []*contract.Rule) []misbehaviour {
	all := []misbehaviour{{run: reports.FaultRun{Fault: "dead", Text: "refuses every connection", Reach: reachAll}, dead: true}}
	for _, f := range sandbox.Faults() {
		for _, reach := range []string{reachAll, reachCalls, reachLater} {
			with := sandbox.Options{Fault: f.Name, SpareTokens: reach == reachCalls}
			if reach == reachLater {
				if sandbox.Bulky(f.Name) {
					continue // hundreds of such answers are nothing but slow
				}
				with.FaultAfter = len(plan.Scenarios) / 2
			}
			all = append(all, misbehaviour{run: reports.FaultRun{Fault: f.Name, Text: f.Text, Reach: reach}, with: with})
		}
	}
	for _, r := range chosen {
		for _, mode := range sandbox.Blocking(r) {
			all = append(all, misbehaviour{
				run:  reports.FaultRun{Fault: r.Ref + " " + mode, Text: "breaks " + r.ID + ", and so refuses every good request", Reach: reachCalls},
				with: sandbox.Options{Break: []sandbox.Break{{Rule: r.ID, Mode: mode}}},
			})
		}
	}
	return all
}

// styled runs everything against a conformant provider of another taste.
func (p *prover) styled(ctx context.Context, all *stage, run *reports.StyleRun) {
	report, evidence, err := p.report(ctx, all, misbehaviour{with: sandbox.Options{Style: run.Style}}, 0)
	if ctx.Err() != nil {
		return // what an interrupt cut short says nothing
	}
	run.Flaws = nil
	if err != nil {
		run.Flaws = append(run.Flaws, err.Error())
		return
	}
	run.Standing, run.Counts, run.Requests = report.Standing, reports.Count(report.Results), len(evidence.Exchanges)
	for i := range report.Results {
		r := &report.Results[i]
		switch r.Verdict {
		case reports.Pass, reports.Skip:
		case reports.Warn:
			run.Warnings = append(run.Warnings, reports.StyleWarning{ID: r.ID, Ref: r.Ref, Text: different(r), Finding: said(r)})
		default:
			run.Flaws = append(run.Flaws, fmt.Sprintf("%s: %s: %s", r.ID, r.Verdict, said(r)))
		}
	}
	if report.Standing != reports.Conformant && len(run.Flaws) == 0 {
		run.Flaws = append(run.Flaws, fmt.Sprintf("the standing is %s", report.Standing))
	}
}

// different is the first thing that a result found, without what was sent and received.
func different(r *reports.Result) string {
	if len(r.Findings) == 0 {
		return r.Reason
	}
	return r.Findings[0].Text
}

// report is one run of everything, with the report that a user would get.
func (p *prover) report(ctx context.Context, all *stage, f misbehaviour, patience time.Duration) (*reports.Report, *suites.Evidence, error) {
	over := http.RoundTripper(nil)
	if f.dead {
		over = deadLine{}
	}
	out, err := p.collect(ctx, all, f.with, over, patience)
	if err != nil {
		return nil, nil, err
	}
	report, err := suites.Rejudge(out, suites.Options{Providers: all.providers, Tool: tool()})
	if err != nil {
		return nil, nil, fmt.Errorf("report: %w", err)
	}
	return report, out, nil
}

// deadLine is a network on which nobody listens.
type deadLine struct{}

func (deadLine) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}
