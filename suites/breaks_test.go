package suites

import (
	"slices"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// A provider that breaks one rule in one way is found out by that rule alone: nothing else has to be selected for its
// evidence. The selftest asks more, with everything selected.
func TestEveryBreakIsSeen(t *testing.T) {
	providers := builtin(t)
	key, err := partnerKey()
	if err != nil {
		t.Fatal(err)
	}
	breaks := 0
	reference := providers[slices.IndexFunc(providers, func(p *contract.Provider) bool { return p.Reference })]
	for _, p := range providers {
		providers := []*contract.Provider{p, reference}
		if p == reference {
			providers = providers[:1]
		}
		for _, e := range p.Endpoints {
			for _, r := range e.Rules {
				if r.Ref == "" {
					continue
				}
				for _, mode := range sandbox.Modes(r) {
					breaks++
					clock := newLeapClock()
					s, err := sandbox.New(sandbox.Options{
						Providers: providers, Key: key, Clock: clock, Break: []sandbox.Break{{Rule: r.ID, Mode: mode}},
					})
					if err != nil {
						t.Fatal(err)
					}
					selected := []string{r.ID}
					if mode == sandbox.ModeElsewhere { // shows in a refusal alone, which has to be asked for
						selected = append(selected, sandbox.FirstRequired(e).ID)
					}
					plan, err := NewPlan(providers, Selection{Rules: selected, Reference: p.Reference}, 1)
					if err != nil {
						t.Errorf("%s: %v", r.ID, err)
						continue
					}
					evidence := collect(t, plan, CollectOptions{
						Targets: s.Targets("https://sandbox.invalid"), Transport: s.Transport(), Clock: clock,
					})
					results, _ := Judge(plan, evidence, JudgeOptions{})
					own := slices.IndexFunc(results, func(x reports.Result) bool { return x.ID == r.ID })
					if got := results[own]; got.Verdict != reports.Fail && got.Verdict != reports.Warn {
						t.Errorf("%s %s broken by %q: %s %s", r.Ref, r.ID, mode, got.Verdict, got.Reason)
					}
				}
			}
		}
	}
	if breaks < 400 {
		t.Errorf("only %d ways to break a rule were tried", breaks)
	}
}
