package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// proving is a prover with one endpoint on its stage, whole or with these rules alone.
func proving(t *testing.T, only ...string) (*prover, *stage) {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newProver(providers, 1, snap.SystemClock())
	if err != nil {
		t.Fatal(err)
	}
	e := endpointNamed(t, providers, "paydia.account-creation")
	if err := p.addStage(t.Context(), e, only...); err != nil {
		t.Fatal(err)
	}
	return p, p.stages[0]
}

func endpointNamed(t *testing.T, providers []*contract.Provider, name string) *contract.Endpoint {
	t.Helper()
	for _, p := range providers {
		for _, e := range p.Endpoints {
			if e.Name() == name {
				return e
			}
		}
	}
	t.Fatalf("no endpoint %s", name)
	return nil
}

// matrixOf breaks the rules with these numbers, as the selftest does.
func (p *prover) matrixOf(t *testing.T, refs ...string) *reports.Matrix {
	t.Helper()
	m := &reports.Matrix{}
	var rules []*contract.Rule
	for _, s := range p.stages {
		m.Baselines = append(m.Baselines, s.baseline)
		for _, r := range s.plan.Rules {
			if slices.Contains(refs, r.Ref) {
				rules = append(rules, r)
			}
		}
	}
	m.Rows = make([]reports.MatrixRow, len(rules))
	var jobs []job
	for i, r := range rules {
		jobs = append(jobs, p.breaks(r, &m.Rows[i])...)
	}
	work(t.Context(), jobs, 2, func(int, string) {})
	for i, r := range rules {
		p.idle(r, &m.Rows[i])
	}
	m.Sum()
	return m
}

// TestProverCanFail blinds the judge or the plan on purpose, and wants the matrix to say so: a proof that nothing can upset
// proves nothing.
func TestProverCanFail(t *testing.T) {
	const rule, neighbour = "P-028", "P-032" // lengths of two members
	p, s := proving(t, rule, neighbour)
	honest, plan := p.judge, s.plan
	found := func(results []reports.Result, ref string) *reports.Result {
		return &results[slices.IndexFunc(results, func(r reports.Result) bool { return r.Ref == ref })]
	}
	for _, tc := range []struct {
		name  string
		judge judge
		plan  func(*suites.Plan)
		wrong func(*reports.Matrix) bool
	}{
		{"nothing", honest, nil, nil},
		{"a judge that passes the rule whatever came", func(plan *suites.Plan, e *suites.Evidence) []reports.Result {
			results := honest(plan, e)
			r := found(results, rule)
			r.Verdict, r.Findings, r.Cases = reports.Pass, nil, nil
			return results
		}, nil, func(m *reports.Matrix) bool { return m.Figures.Seen == 0 }},
		{"a judge that cannot tell", func(plan *suites.Plan, e *suites.Evidence) []reports.Result {
			results := honest(plan, e)
			if r := found(results, rule); r.Verdict == reports.Fail {
				r.Verdict = reports.Inconclusive
			}
			return results
		}, nil, func(m *reports.Matrix) bool { return m.Figures.Seen < m.Figures.Breaks }},
		{"a judge that blames the neighbour too", func(plan *suites.Plan, e *suites.Evidence) []reports.Result {
			results := honest(plan, e)
			if found(results, rule).Verdict == reports.Fail {
				found(results, neighbour).Verdict = reports.Fail
			}
			return results
		}, nil, func(m *reports.Matrix) bool { return m.Figures.Stray > 0 && m.Figures.Seen == m.Figures.Breaks }},
		{"a plan that sends good requests in the place of bad ones", honest, func(plan *suites.Plan) {
			for i := range plan.Scenarios {
				if sc := &plan.Scenarios[i]; strings.Contains(sc.ID, ".body.partnerReferenceNo.max/") {
					sc.Steps = []suites.Step{{Name: "1", Endpoint: sc.Endpoint, Want: suites.Want{Kind: suites.WantAccept}}}
				}
			}
		}, func(m *reports.Matrix) bool { return m.Figures.Seen == 0 && m.Figures.Idle == m.Figures.Cases }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p.judge, s.plan = tc.judge, plan
			if tc.plan != nil {
				bent := *plan
				bent.Scenarios = slices.Clone(plan.Scenarios)
				tc.plan(&bent)
				s.plan = &bent
			}
			m := p.matrixOf(t, rule)
			if m.Figures.Breaks < 3 {
				t.Fatalf("only %d breaks of %s", m.Figures.Breaks, rule)
			}
			switch {
			case tc.wrong == nil && !m.Sound:
				t.Errorf("not sound: %+v", m.Figures)
			case tc.wrong != nil && (m.Sound || !tc.wrong(m)):
				t.Errorf("sound %v: %+v", m.Sound, m.Figures)
			}
		})
	}
}

// TestAuditSeesAccidents claims a pass for every rule on a refusal, against providers of whom none refuses rightly.
func TestAuditSeesAccidents(t *testing.T) {
	p, s := proving(t)
	for _, with := range []sandbox.Options{
		{}, {Fault: "always-401", SpareTokens: true}, {Fault: "always-403", FaultAfter: 20, SpareTokens: true}, {Fault: "echo"}, {Fault: "reset"},
	} {
		evidence, err := p.collect(t.Context(), s, with, nil, faultPatience)
		if err != nil {
			t.Fatal(err)
		}
		a := audit{s.plan, evidence}
		accidents, asked := 0, 0
		for _, sc := range s.plan.Scenarios {
			refused := slices.ContainsFunc(sc.Steps, func(st suites.Step) bool {
				return st.Want.Kind == suites.WantRefuse && st.Endpoint == s.endpoint.Name()
			})
			for _, rule := range sc.Rules {
				if !refused {
					continue
				}
				asked++
				if a.accident(rule) != "" {
					accidents++
				}
			}
		}
		want := asked
		if with.Fault == "" {
			want = 0
		}
		if asked < 50 || accidents != want {
			t.Errorf("%q: %d of %d passes would be accidents, want %d", with.Fault, accidents, asked, want)
		}
	}
}

// TestFaultsThatAreTold runs two faulty providers whole.
func TestFaultsThatAreTold(t *testing.T) {
	p, s := proving(t)
	for _, f := range []misbehaviour{
		{run: reports.FaultRun{Fault: "dead"}, dead: true},
		{run: reports.FaultRun{Fault: "hang"}, with: sandbox.Options{Fault: "hang", FaultAfter: 40}},
	} {
		run := f.run
		p.faulty(t.Context(), s, f, &run)
		if len(run.Flaws) > 0 || run.Standing != reports.CouldNotTell || len(run.Causes) == 0 {
			t.Errorf("%s: %+v", run.Fault, run)
		}
	}
}

func TestInterruptedProof(t *testing.T) {
	p, s := proving(t, "P-028")
	m := &reports.Matrix{Rows: make([]reports.MatrixRow, 1), Interrupted: errStopped.Error()}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStopped)
	r := s.plan.Rules[slices.IndexFunc(s.plan.Rules, func(r *contract.Rule) bool { return r.Ref == "P-028" })]
	work(ctx, p.breaks(r, &m.Rows[0]), 1, func(int, string) {})
	p.idle(r, &m.Rows[0])
	m.Sum()
	if !m.Rows[0].Pending() || m.Sound || m.Figures.Unreached == 0 || m.Figures.Unreached != m.Figures.Breaks {
		t.Errorf("pending %v, sound %v, %+v", m.Rows[0].Pending(), m.Sound, m.Figures)
	}
}
