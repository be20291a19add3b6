package suites

import (
	"cmp"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// Form is the official functional-test form for the endpoints of a plan: every scenario of every endpoint, in the form's
// order, with the rules that give it its result.
func Form(plan *Plan, official *fixtures.Form) reports.Form {
	var form reports.Form
	var endpoints []*contract.Endpoint
	for _, e := range plan.Endpoints {
		if !e.Token {
			endpoints = append(endpoints, e)
		}
	}
	slices.SortStableFunc(endpoints, func(a, b *contract.Endpoint) int { return cmp.Compare(a.Service, b.Service) })
	for _, e := range endpoints {
		for _, s := range official.Scenarios {
			form.Rows = append(form.Rows, formRow(plan, official, e, s))
		}
	}
	return form
}

func formRow(plan *Plan, official *fixtures.Form, e *contract.Endpoint, s fixtures.FormScenario) reports.FormRow {
	row := reports.FormRow{
		Service: e.Service + " " + e.Name(), Scenario: s.Title, Expected: string(snap.FillCode(s.Code, e.Service)), Note: s.Note, Own: s.Own, Endpoint: e.Name(),
	}
	section, known := official.Section(e.Service)
	if known {
		row.Scenario = section.Title + ": " + row.Scenario
	}
	if s.No != "" {
		row.No = cmp.Or(section.No, "?") + "." + s.No
	}
	for _, wanted := range s.Rules {
		row.Success = row.Success || wanted.Success
		rules := formRules(plan, e, wanted)
		if len(rules) == 0 {
			continue
		}
		as := func(r *contract.Rule) int { // those that the page answers as the form does come first
			if codes, _, _ := r.AnswersFor(e); len(codes) > 0 && codes[0] == row.Expected {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(rules, func(a, b *contract.Rule) int { return as(a) - as(b) })
		for _, r := range rules {
			row.Rules = append(row.Rules, r.ID)
		}
		if codes, _, _ := rules[0].AnswersFor(e); len(codes) > 0 && codes[0] != row.Expected { // none of them has the form's
			if !s.Own {
				row.Note = strings.TrimSpace("The form expects " + row.Expected + "; the provider's page has " + codes[0] + " for this. " + row.Note)
			}
			row.Expected = codes[0]
		} else if wanted.Success && rules[0].Row.Name != row.Expected {
			row.Expected = rules[0].Row.Name
		}
		break
	}
	return row
}

// formRules are the rules of a kind that requests can show on an endpoint: its own, and those of the standard that speak
// where its page is silent. What is only observed, or cannot be tested, gives no result.
func formRules(plan *Plan, e *contract.Endpoint, wanted fixtures.FormRules) []*contract.Rule {
	var out []*contract.Rule
	for _, r := range e.Rules {
		if r.Ref != "" && r.State != contract.NotTestable && levelOf(r) != contract.May && (wanted.Success || !Passive(r.Kind)) && wanted.Picks(r, e) {
			out = append(out, r)
		}
	}
	for _, r := range plan.Rules {
		if r.Endpoint != e && r.Endpoint.Provider.Reference && wanted.Picks(r, e) && !Passive(r.Kind) && levelOf(r) != contract.May && sentOn(plan, r, e) {
			out = append(out, r)
		}
	}
	return out
}

func sentOn(plan *Plan, r *contract.Rule, e *contract.Endpoint) bool {
	return slices.ContainsFunc(plan.Scenarios, func(s Scenario) bool { return s.Endpoint == e.Name() && slices.Contains(s.Rules, r.ID) })
}
