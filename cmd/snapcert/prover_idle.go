package main

import (
	"context"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// idle lists the cases of a rule that failed in no break: checks that nothing has proved.
func (p *prover) idle(r *contract.Rule, row *reports.MatrixRow) {
	if row.Excused || row.Pending() {
		return
	}
	failed := map[string]bool{}
	for i := range row.Breaks {
		for _, c := range row.Breaks[i].Cases {
			failed[c] = true
		}
	}
	s := p.stageOf(r)
	row.Cases, row.Idle = len(s.cases[r.ID]), nil
	for _, c := range s.cases[r.ID] {
		if !failed[c] {
			row.Idle = append(row.Idle, c)
		}
	}
}

// together breaks a rule along with one that it is tied to, where cases are idle: what they send breaks both rules, and
// with one of them broken on purpose the other still refuses it.
func (p *prover) together(ctx context.Context, r *contract.Rule, row *reports.MatrixRow) {
	if len(row.Idle) == 0 || ctx.Err() != nil {
		return
	}
	s := p.stageOf(r)
	for _, other := range s.plan.Rules {
		if other == r || declared(r, other) == "" && declared(other, r) == "" {
			continue
		}
		if !slices.Contains(sandbox.Modes(r), sandbox.ModeAccept) || !slices.Contains(sandbox.Modes(other), sandbox.ModeAccept) {
			continue
		}
		b := p.broken(ctx, s, r, sandbox.ModeAccept, sandbox.Break{Rule: other.ID, Mode: sandbox.ModeAccept})
		b.With = other.ID
		b.Hits = slices.DeleteFunc(b.Hits, func(h reports.MatrixHit) bool { return h.ID == other.ID })
		for i := range b.Hits {
			if h := &b.Hits[i]; h.Tie == "" {
				h.Tie = tie(s, other, sandbox.ModeAccept, s.rules[h.ID])
			}
		}
		if slices.ContainsFunc(row.Idle, func(c string) bool { return slices.Contains(b.Cases, c) }) {
			row.Breaks = append(row.Breaks, b)
			p.idle(r, row)
		}
		if len(row.Idle) == 0 {
			return
		}
	}
}
