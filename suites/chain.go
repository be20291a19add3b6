package suites

import (
	"fmt"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// chain calls once, takes the customer token out of the answer, and calls again with it.
func (a *author) chain() error {
	at, ok := a.item(contract.FromCustomerToken, a.rule.Field)
	if !ok {
		return fmt.Errorf("kind %s needs an item that takes the customer token", a.rule.Kind)
	}
	second := a.step(a.accepted(), Change{
		At: at, Op: OpAnswer, FromStep: 0, Value: value(a.rule.Row.Name),
		Text: "the customer token that the first answer carried",
	})
	second.Name = "with-its-token"
	if second.Want.Kind == WantAccept {
		second.Want.Codes = nil
	}
	a.add("chain", a.setUp(), second)
	return nil
}

// prepared addresses an account that the target keeps ready in a certain state.
func (a *author) prepared() error {
	if a.rule.Kind == contract.Unregistered {
		return a.unregistered()
	}
	from, source, words := contract.FromAccountID, fromInactiveAccount, "an inactive account, addressed by its id"
	if a.rule.Is == "token" {
		from, source, words = contract.FromCustomerToken, fromInactiveCustomer, "an inactive account, addressed by its customer token"
	}
	at, ok := a.item(from, a.rule.Field)
	if !ok {
		return fmt.Errorf("kind %s needs an item filled from %s", a.rule.Kind, from)
	}
	a.add(short(a.rule.Is), a.step(a.refused(), Change{At: at, Op: OpFill, Value: value(source), Text: words}))
	a.need(needsInactive)
	return nil
}

// unregistered replaces whatever identifies the caller. Which of these the target has is its own affair; they are one
// change in meaning.
func (a *author) unregistered() error {
	var changes []Change
	for _, pair := range []struct{ from, source contract.Source }{
		{contract.FromPartnerID, fromUnregisteredPartner}, {contract.FromMerchantID, fromUnregisteredMerchant},
		{contract.FromAccountID, fromUnregisteredAccount}, {contract.FromCustomerToken, fromUnregisteredCustomer},
	} {
		if at, ok := a.item(pair.from, ""); ok && present(a.good, at) && !a.takesAny(at) {
			changes = append(changes, Change{
				At: at, Op: OpFill, Value: value(pair.source), With: len(changes) > 0,
				Text: "a merchant without the service",
			})
		}
	}
	if len(changes) == 0 {
		return fmt.Errorf("kind %s needs an item that identifies the merchant", a.rule.Kind)
	}
	a.add("merchant", a.step(a.refused(), changes...))
	a.need(needsUnregistered)
	return nil
}

// takesAny says whether any value will do in the item, so that it identifies nobody.
func (a *author) takesAny(at contract.Address) bool {
	row, _, ok := a.e.Row(at)
	return ok && slices.ContainsFunc(row.Rules, func(r *contract.Rule) bool { return r.Kind == contract.AnyValue })
}

func (a *author) need(what string) {
	a.scenarios[len(a.scenarios)-1].Needs = what
}

// item finds where the request takes a value from a source; an address in the rule wins if it is one of the request's.
func (a *author) item(from contract.Source, field string) (contract.Address, bool) {
	if where, name := contract.Address(field).Split(); name != "" && (where == contract.InHeader || where == contract.InQuery || where == contract.InBody) {
		return contract.Address(field), true
	}
	row, where, ok := a.e.RowFrom(from)
	if !ok || where != contract.InHeader && where != contract.InQuery && where != contract.InBody {
		return "", false
	}
	return contract.AddressOf(where, row), true
}
