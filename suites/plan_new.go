package suites

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// NewPlan lays out what a run sends: for every selected rule that is checked, the cases and scenarios of its kind, and
// around each endpoint's the positive controls. It is pure; the seed decides the order of the main part only.
func NewPlan(providers []*contract.Provider, selection Selection, seed int64) (*Plan, error) {
	c, err := selection.resolve(providers)
	if err != nil {
		return nil, err
	}
	copies := cmp.Or(selection.Copies, DefaultCopies)
	if copies < 2 {
		return nil, fmt.Errorf("a race takes two requests at once, not %d", copies)
	}
	p := &Plan{Seed: seed, Endpoints: c.endpoints, Rules: c.rules, contracts: providers}
	ids := map[string]bool{}
	timed := map[*contract.Provider]bool{}
	for _, e := range calls(c.endpoints) {
		all := controls(e)
		for _, r := range slices.Concat(c.rules, support(e, c.rules)) {
			// How long a token lives is the provider's matter, not the endpoint's, and takes long to see: once is enough.
			if r.Kind == contract.Lifetime && timed[e.Provider] {
				continue
			}
			cases, err := casesOf(r, e, copies)
			timed[e.Provider] = timed[e.Provider] || r.Kind == contract.Lifetime && len(cases) > 0
			if err != nil {
				return nil, fmt.Errorf("plan %s on %s: %w", r.ID, e.Name(), err)
			}
			all = append(all, cases...)
		}
		for _, s := range all {
			if ids[s.ID] {
				return nil, fmt.Errorf("plan: two scenarios are called %s", s.ID)
			}
			ids[s.ID] = true
		}
		p.Scenarios = append(p.Scenarios, ordered(all, e, seed)...)
	}
	return p, nil
}

// calls are the selected endpoints, each provider's token call before its first one.
func calls(endpoints []*contract.Endpoint) []*contract.Endpoint {
	var all []*contract.Endpoint
	seen := map[*contract.Provider]bool{}
	for _, e := range endpoints {
		if token := e.Provider.TokenEndpoint(); token != nil && !seen[e.Provider] {
			all = append(all, token)
		}
		seen[e.Provider] = true
		all = append(all, e)
	}
	return all
}

// ordered sorts by phase. Within the main part the order is drawn: nothing may come to depend on which case is sent
// before which.
func ordered(all []Scenario, e *contract.Endpoint, seed int64) []Scenario {
	slices.SortStableFunc(all, func(a, b Scenario) int { return cmp.Compare(a.Phase, b.Phase) })
	from := slices.IndexFunc(all, func(s Scenario) bool { return s.Phase == Main })
	to := slices.IndexFunc(all, func(s Scenario) bool { return s.Phase > Main })
	if from >= 0 && to > from {
		draw := rand.New(rand.NewPCG(uint64(seed), nameHash(e.Name())))
		draw.Shuffle(to-from, func(i, j int) { all[from+i], all[from+j] = all[from+j], all[from+i] })
	}
	return all
}

// casesOf makes the scenarios of one rule on one call: its own, or for a rule of the standard each call it is asked of.
func casesOf(r *contract.Rule, e *contract.Endpoint, copies int) ([]Scenario, error) {
	if r.State != contract.Checked && r.State != contract.NeedsAccount || Passive(r.Kind) || !askedOf(r, e) {
		return nil, nil
	}
	a, err := newAuthor(r, e, copies)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, nil
	}
	if err := a.write(); err != nil {
		return nil, err
	}
	return a.scenarios, nil
}

// Passive reports whether rules of a kind are judged on answers that other scenarios and the controls bring anyway.
func Passive(k contract.Kind) bool {
	switch k {
	case contract.Service, contract.MediaType, contract.JSONBody, contract.TLS, contract.NamesField, contract.Present,
		contract.TypeIs, contract.LengthIs, contract.Digits, contract.StatusMatch, contract.Listed, contract.MessageText,
		contract.Message, contract.OnErrorNot, contract.Absent, contract.Echo, contract.AbsoluteURL, contract.CarriesURL,
		contract.URLParams, contract.ISO8601, contract.OneOf, contract.CodeSeen, contract.ErrorShape, contract.Headers,
		contract.TokenValue, contract.TokenCall, contract.Stated:
		return true
	}
	return false
}

// controls are the positive ones: two good requests before everything else and two after. Each variant of the good
// request that the page describes is sent once beside them.
func controls(e *contract.Endpoint) []Scenario {
	good := func(name string, phase Phase, variant string) Scenario {
		return Scenario{
			ID: e.Name() + ".control/" + name, Endpoint: e.Name(), Phase: phase,
			Steps: []Step{{Name: "1", Endpoint: e.Name(), Variant: variant, Want: Want{Kind: WantAccept}}},
		}
	}
	all := []Scenario{
		good("opening-1", Opening, ""), good("opening-2", Opening, ""),
		good("closing-1", Closing, ""), good("closing-2", Closing, ""),
	}
	for _, v := range e.Variants {
		all = append(all, good("variant-"+short(v.Name), Main, v.Name))
	}
	return all
}

func nameHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash takes every write
	return h.Sum64()
}
