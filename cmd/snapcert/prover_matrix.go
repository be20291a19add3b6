package main

import (
	"context"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// prove makes the whole matrix.
func (a *app) prove(ctx context.Context, f *selftestFlags, providers []*contract.Provider, chosen []*contract.Rule, show progress) (*reports.Matrix, error) {
	m := &reports.Matrix{
		Schema: reports.MatrixSchema, Tool: tool(), Seed: f.seed, Selection: f.selection.Text(), Workers: f.workers, Started: a.clock.Now(),
	}
	p, err := newProver(providers, f.seed, a.clock)
	if err != nil {
		return nil, err
	}
	for _, provider := range providers {
		for _, e := range provider.Endpoints {
			if e.Token || !needed(e, chosen) {
				continue
			}
			if err := p.addStage(ctx, e); err != nil {
				return nil, err
			}
			if cause := context.Cause(ctx); cause != nil {
				return p.unreached(m, chosen, cause), nil
			}
		}
	}
	for _, s := range p.stages {
		m.Baselines = append(m.Baselines, s.baseline)
	}
	m.Rows = make([]reports.MatrixRow, len(chosen))
	var jobs []job
	if len(f.selection.Rules) == 0 && f.selection.LabelFilter == "" { // about providers, not about single rules
		if jobs, err = p.wholes(m, f.selection, chosen); err != nil {
			return nil, err
		}
	}
	for i, r := range chosen {
		jobs = append(jobs, p.breaks(r, &m.Rows[i])...)
	}
	work(ctx, jobs, f.workers, func(n int, on string) { show.at("proving", n, len(jobs), on) })
	if cause := context.Cause(ctx); cause != nil {
		m.Interrupted = cause.Error()
	}
	for i, r := range chosen {
		p.idle(r, &m.Rows[i])
		p.together(ctx, r, &m.Rows[i])
	}
	m.Modes = modesOf(m)
	m.Took = a.clock.Now().Sub(m.Started)
	m.Sum()
	return m, nil
}

// unreached is the matrix of which an interrupt left not even the runs against unbroken providers.
func (p *prover) unreached(m *reports.Matrix, chosen []*contract.Rule, cause error) *reports.Matrix {
	m.Interrupted = cause.Error()
	p.stages = nil
	m.Rows = make([]reports.MatrixRow, len(chosen))
	for i, r := range chosen {
		p.breaks(r, &m.Rows[i])
	}
	m.Took = p.clock.Now().Sub(m.Started)
	m.Sum()
	return m
}

// modesOf says what the ways of breaking are that a matrix has.
func modesOf(m *reports.Matrix) []reports.MatrixNote {
	used := map[string]bool{}
	for i := range m.Rows {
		for j := range m.Rows[i].Breaks {
			used[m.Rows[i].Breaks[j].Mode] = true
		}
	}
	notes := []reports.MatrixNote{}
	for _, n := range sandbox.Ways() {
		if used[n.Name] {
			notes = append(notes, reports.MatrixNote(n))
		}
	}
	return notes
}

// needed says whether some chosen rule is broken on the endpoint: its own or its token call's, or, of the standard's, any.
func needed(e *contract.Endpoint, chosen []*contract.Rule) bool {
	return slices.ContainsFunc(chosen, func(r *contract.Rule) bool {
		return r.Endpoint.Provider == e.Provider && (r.Endpoint == e || r.Endpoint.Token) || r.Endpoint.Provider.Reference
	})
}

// breaks lays out how a rule is broken, and notes in its row why it is not.
func (p *prover) breaks(r *contract.Rule, row *reports.MatrixRow) []job {
	*row = reports.MatrixRow{ID: r.ID, Ref: r.Ref, Endpoint: r.Endpoint.Name(), Kind: string(r.Kind), Text: r.Sentence()}
	modes := sandbox.Modes(r)
	switch {
	case r.State == contract.NotTestable:
		row.Untouched, row.Excused = "not testable: "+r.Untestable, true
		return nil
	case len(sandbox.Blocking(r)) > 0:
		row.Untouched = "a provider that breaks it refuses every good request; it is run with those that misbehave as a whole"
		row.Excused = true
		return nil
	case len(modes) == 0:
		row.Untouched = "no provider can be made to break it"
		return nil
	}
	on := []*stage{p.stageOf(r)}
	if on[0] == nil {
		row.Breaks = []reports.MatrixBreak{{Mode: modes[0], On: r.Endpoint.Name(), Failure: reports.NotReached}}
		return nil
	}
	if r.Endpoint.Provider.Reference {
		if s := p.silent(r); s != nil {
			on = append(on, s)
		}
	}
	row.Breaks = make([]reports.MatrixBreak, len(on)*len(modes))
	var jobs []job
	for _, s := range on {
		for _, mode := range modes {
			at := &row.Breaks[len(jobs)]
			*at = reports.MatrixBreak{Mode: mode, On: s.endpoint.Name(), Failure: reports.NotReached}
			jobs = append(jobs, job{s.endpoint.Name(), func(ctx context.Context) { *at = p.broken(ctx, s, r, mode) }})
		}
	}
	return jobs
}
