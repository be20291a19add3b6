package suites

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
)

func builtin(t testing.TB) []*contract.Provider {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return providers
}

func planOf(t testing.TB, s Selection, seed int64) *Plan {
	t.Helper()
	p, err := NewPlan(builtin(t), s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryCheckedRuleHasAScenario(t *testing.T) {
	p := planOf(t, Selection{Reference: true}, 1)
	sent := map[string]int{}
	for _, s := range p.Scenarios {
		for _, id := range s.Rules {
			sent[id]++
		}
	}
	refs := map[string]bool{}
	for _, r := range p.Rules {
		refs[r.Ref] = true
		if r.State != contract.NotTestable && !Passive(r.Kind) && sent[r.ID] == 0 {
			t.Errorf("%s (%s) is checked and nothing is sent for it", r.ID, r.Ref)
		}
		if r.State == contract.NotTestable && sent[r.ID] > 0 {
			t.Errorf("%s is not testable and something is sent for it", r.ID)
		}
	}
	if len(p.Rules) != 312 || len(refs) != 312 {
		t.Errorf("%d rules with %d numbers, want 312 of each", len(p.Rules), len(refs))
	}
}

// The counts are a tripwire: they change only when contracts or the making of cases do.
func TestScenarioCounts(t *testing.T) {
	p := planOf(t, Selection{}, 1)
	phases := map[string]map[Phase]int{}
	requests := 0
	for _, s := range p.Scenarios {
		if phases[s.Endpoint] == nil {
			phases[s.Endpoint] = map[Phase]int{}
		}
		phases[s.Endpoint][s.Phase]++
		for _, step := range s.Steps {
			requests += max(1, step.Copies)
		}
	}
	for _, e := range calls(p.Endpoints) {
		got := phases[e.Name()]
		if got[Opening] != 2 || got[Closing] != 2 {
			t.Errorf("%s has %d opening and %d closing controls, want two of each", e.Name(), got[Opening], got[Closing])
		}
	}
	want := map[string]int{
		"ayoconnect.account-binding": 115, "ayoconnect.oauth-code": 120, "gopay.binding-inquiry": 67, "paydia.account-creation": 129,
	}
	for name, n := range want {
		if got := phases[name][Main]; got != n {
			t.Errorf("%s: %d scenarios in the main part, want %d", name, got, n)
		}
	}
	t.Logf("%d scenarios, %d requests", len(p.Scenarios), requests)
}

func TestExactlyOneChange(t *testing.T) {
	for _, s := range planOf(t, Selection{Reference: true}, 1).Scenarios {
		if len(s.Rules) == 0 {
			for _, step := range s.Steps {
				if len(step.Changes) > 0 || step.Sign != (SignAs{}) || step.Want.Kind != WantAccept {
					t.Errorf("%s is a control and changes something", s.ID)
				}
			}
			continue
		}
		last := s.Steps[len(s.Steps)-1]
		changes := 0
		for _, c := range last.Changes {
			if !c.With {
				changes++
			}
			if c.Text == "" {
				t.Errorf("%s: a change without words: %+v", s.ID, c)
			}
		}
		if last.Sign != (SignAs{}) {
			changes++
			if last.Sign.Words() == "" {
				t.Errorf("%s: a bent signature without words", s.ID)
			}
		}
		inTime := last.PauseFor != "" || len(s.Steps) > 1 // the second of two good requests, or a good one at another time
		if changes != 1 && !(inTime && changes == 0) {
			t.Errorf("%s makes %d changes, want one", s.ID, changes)
		}
		for _, step := range s.Steps[:len(s.Steps)-1] {
			if again := step.Want.Kind == last.Want.Kind && len(step.Changes) == len(last.Changes); again {
				continue // the same question twice
			}
			if len(step.Changes) > 0 && step.Want.Kind != WantNothing {
				t.Errorf("%s: step %s is set-up and changed", s.ID, step.Name)
			}
		}
	}
}

func TestWantsHaveCodes(t *testing.T) {
	for _, s := range planOf(t, Selection{Reference: true}, 1).Scenarios {
		for _, step := range s.Steps {
			switch step.Want.Kind {
			case WantRefuse, WantOneOf:
				if len(step.Want.Codes) == 0 {
					t.Errorf("%s wants a refusal and knows no code", s.ID)
				}
			case WantAccept, WantObserve, WantNothing:
			default:
				t.Errorf("%s wants %q", s.ID, step.Want.Kind)
			}
			for _, code := range step.Want.Codes {
				if strings.Contains(code, "x") || len(code) != 7 {
					t.Errorf("%s: code %q is not resolved", s.ID, code)
				}
			}
		}
	}
}

func TestPlanIsPure(t *testing.T) {
	providers := builtin(t)
	before, err := json.Marshal(providers[0].Endpoints[0].Good)
	if err != nil {
		t.Fatal(err)
	}
	one, err := NewPlan(providers, Selection{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	two, err := NewPlan(providers, Selection{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, two) || one.Digest() != two.Digest() {
		t.Error("the same contracts, selection and seed give two plans")
	}
	other, err := NewPlan(providers, Selection{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	if one.Digest() == other.Digest() {
		t.Error("another seed gives the same order")
	}
	after, err := json.Marshal(providers[0].Endpoints[0].Good)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("planning changed a contract")
	}
}

func TestSelection(t *testing.T) {
	providers := builtin(t)
	for _, c := range []struct {
		name      string
		selection Selection
		endpoints []string
		rules     int // exact; 0 means any
	}{
		{"a rule by number", Selection{Rules: []string{"P-028"}}, []string{"paydia.account-creation"}, 1},
		{"a rule by id", Selection{Rules: []string{"paydia.account-creation.body.email.max"}}, []string{"paydia.account-creation"}, 1},
		{"a provider", Selection{Endpoints: []string{"ayoconnect"}}, []string{"ayoconnect.account-binding", "ayoconnect.oauth-code"}, 55 + 70 + 35},
		{"a label", Selection{LabelFilter: "provider:gopay && kind:bearer"}, []string{"gopay.binding-inquiry"}, 2},
		{"a number by label", Selection{LabelFilter: "ref:G-017"}, []string{"gopay.binding-inquiry"}, 1},
		{"of the standard", Selection{Rules: []string{"S-18"}}, nil, 1},
		{"the reference by name", Selection{Endpoints: []string{"snap.standard"}}, []string{"snap.standard"}, 35},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := NewPlan(providers, c.selection, 1)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range p.Endpoints {
				names = append(names, e.Name())
			}
			if c.endpoints != nil && !slices.Equal(names, c.endpoints) {
				t.Errorf("endpoints %v, want %v", names, c.endpoints)
			}
			if c.rules != 0 && len(p.Rules) != c.rules {
				t.Errorf("%d rules, want %d", len(p.Rules), c.rules)
			}
		})
	}
}

func TestSelectionErrors(t *testing.T) {
	providers := builtin(t)
	for _, c := range []struct {
		name      string
		selection Selection
		want      string
	}{
		{"rule", Selection{Rules: []string{"paydia.account-creation.body.emial.max"}}, "paydia.account-creation.body.email.max"},
		{"number", Selection{Rules: []string{"P-0281"}}, "P-028"},
		{"endpoint", Selection{Endpoints: []string{"gopay.binding-inquery"}}, "gopay.binding-inquiry"},
		{"provider", Selection{Endpoints: []string{"paydai"}}, "paydia"},
		{"filter", Selection{LabelFilter: "kind:max &&"}, "label filter"},
		{"elsewhere", Selection{Endpoints: []string{"gopay"}, Rules: []string{"P-028"}}, "not among the selected endpoints"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewPlan(providers, c.selection, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := NewPlan(providers, Selection{LabelFilter: "kind:none"}, 1); !errors.Is(err, ErrNothingSelected) {
		t.Errorf("an empty selection gives %v", err)
	}
}

// A rule that is judged on other rules' refusals brings them along when it is chosen alone.
func TestSupportingScenarios(t *testing.T) {
	for _, ref := range []string{"S-12", "S-23", "G-055", "P-087", "S-08", "G-040"} {
		p := planOf(t, Selection{Rules: []string{ref}}, 1)
		if len(p.Rules) != 1 {
			t.Errorf("%s: %d rules", ref, len(p.Rules))
		}
		refusals := 0
		for _, s := range p.Scenarios {
			for _, step := range s.Steps {
				if step.Want.Kind == WantRefuse {
					refusals++
				}
			}
		}
		if refusals == 0 {
			t.Errorf("%s is judged on refusals and the plan brings none", ref)
		}
	}
}

func TestLabelsAreFitForGinkgo(t *testing.T) {
	for _, r := range planOf(t, Selection{}, 1).Rules {
		for _, l := range Labels(r) {
			if _, err := types.ValidateAndCleanupLabel(l, types.CodeLocation{}); err != nil {
				t.Errorf("%s: label %q: %v", r.ID, l, err)
			}
		}
	}
}
