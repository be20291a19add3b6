package suites

import (
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// askedOf says whether a rule has something to send on a call: on its own; for a rule of the standard, on every selected
// call whose page does not speak for itself, and on the token call for those that are about it.
func askedOf(r *contract.Rule, e *contract.Endpoint) bool {
	if r.Ref == "" || !r.Endpoint.Provider.Reference {
		return r.Endpoint == e
	}
	if onToken(r) || e.Token {
		return onToken(r) && e.Token && concerns(r, e)
	}
	return concerns(r, e)
}

func onToken(r *contract.Rule) bool { return r.On == "token" }

// concerns says whether a rule of the standard is judged on an endpoint: on those whose own page does not rule on it.
func concerns(r *contract.Rule, e *contract.Endpoint) bool { return !slices.Contains(e.Covers, r.Ref) }

// support are the rules of a call that must be exercised although they were not chosen, because a chosen one is judged
// on the refusals they bring. They get no verdict. When everything is chosen there is nothing to add but the reference
// endpoint's rules without a number, which are there for this alone.
func support(e *contract.Endpoint, rules []*contract.Rule) []*contract.Rule {
	var added []*contract.Rule
	add := func(r *contract.Rule) {
		if !slices.Contains(rules, r) && !slices.Contains(added, r) {
			added = append(added, r)
		}
	}
	for _, r := range e.Rules {
		if r.Ref == "" {
			add(r)
		}
	}
	for _, chosen := range rules {
		if !judgedOn(chosen, e) {
			continue
		}
		switch {
		case chosen.Kind == contract.NamesField:
			for _, r := range e.Rules {
				if r.FamilyName() == chosen.Family && string(r.Where) == chosen.Is {
					add(r)
				}
			}
		case chosen.Kind == contract.CodeSeen:
			brings(e, chosen.Row.Name, add)
		case chosen.Kind == contract.ErrorShape, chosen.Kind == contract.Service, chosen.Kind == contract.OnErrorNot, chosen.Kind == contract.Present && chosen.Is == "error":
			families := map[string]bool{}
			for _, r := range e.Rules {
				if family := r.FamilyName(); family != "" && !families[family] && r.State == contract.Checked && !Passive(r.Kind) {
					families[family] = true
					add(r)
				}
			}
		}
	}
	return added
}

// judgedOn says whether the answers of a call are evidence for a rule.
func judgedOn(r *contract.Rule, e *contract.Endpoint) bool {
	return r.Endpoint == e || r.Endpoint.Provider.Reference && askedOf(r, e)
}

// brings adds the rules whose breach is best answered by a code; two are enough to see it.
func brings(e *contract.Endpoint, code string, add func(*contract.Rule)) {
	found := 0
	for _, r := range e.Rules {
		codes, _, _ := r.Answers()
		if r.State == contract.NotTestable || Passive(r.Kind) || len(codes) == 0 || codes[0] != code {
			continue
		}
		if add(r); found == 1 {
			return
		}
		found++
	}
}
