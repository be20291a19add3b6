package main

import (
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/suites"
)

// tie says why a break of one rule may show in the check of another, "" when it may not: because a contract declares the
// two as tied, or because of how every answer is read, whatever the contract.
func tie(s *stage, broken *contract.Rule, mode string, other *contract.Rule) string {
	if reason := declared(broken, other); reason != "" {
		return reason
	}
	if reason := declared(other, broken); reason != "" {
		return reason
	}
	for _, t := range systematic() {
		if t.holds(s.endpoint, broken, mode, other) {
			return t.reason
		}
	}
	return ""
}

func declared(one, other *contract.Rule) string {
	i := slices.IndexFunc(one.Tied, func(t contract.Tie) bool { return t.Ref == other.Ref })
	if i < 0 {
		return ""
	}
	return one.Tied[i].Reason
}

// systemTie is a tie that follows from the way in which answers are read, and so holds for every contract.
type systemTie struct {
	reason string
	holds  func(e *contract.Endpoint, broken *contract.Rule, mode string, other *contract.Rule) bool
}

// systematic are all of them. Each is as narrow as it can be said: a tie hides what it covers.
func systematic() []systemTie {
	return []systemTie{
		{
			reason: "a refusal is right only if its HTTP status fits its code, so a code that comes with another status shows in every refusal that asks for this code",
			holds: func(e *contract.Endpoint, broken *contract.Rule, mode string, other *contract.Rule) bool {
				return broken.Kind == contract.CodeSeen && mode == sandbox.ModeStatus &&
					!suites.Passive(other.Kind) && asksFor(e, other, broken.Row.Name)
			},
		},
		{
			reason: "the refusal that is broken on purpose is the one that this rule asks for, and is wrong with it",
			holds: func(e *contract.Endpoint, _ *contract.Rule, mode string, other *contract.Rule) bool {
				return mode == sandbox.ModeElsewhere && (other == sandbox.FirstRequired(e) || other.Kind == contract.NamesField)
			},
		},
		{
			reason: "a refusal without its response code is no answer in which every answer's code has its form",
			holds: func(_ *contract.Endpoint, broken *contract.Rule, mode string, other *contract.Rule) bool {
				return broken.Kind == contract.ErrorShape && mode == sandbox.ModeElsewhere && other.Is == "always" && other.Where == contract.InResponse
			},
		},
	}
}

// asksFor says whether a rule's refusals on an endpoint are answered by a code.
func asksFor(e *contract.Endpoint, r *contract.Rule, code string) bool {
	at := e
	if r.On == "token" && r.Kind != contract.Lifetime {
		return false
	}
	codes, _, _ := r.AnswersFor(at)
	want := string(snap.FillCode(code, at.Service))
	return slices.Contains(codes, want)
}
