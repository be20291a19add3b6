package suites

import (
	"slices"
	"strconv"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// raceRepetitions is how often a race is run. A provider that looks first and writes later lets two through only when
// their timing is unlucky for it; the first time around, connections may still have to be made. So often, one that leaves
// the door open for a millisecond is found out with near certainty: see BenchmarkRaceCaught.
const raceRepetitions = 6

// reuse sends a value twice. Everything else that must be fresh is fresh in the second request, so that the value is all
// that repeats.
func (a *author) reuse() {
	r := a.rule
	name := a.row.Name
	again := Change{At: a.at, Op: OpCopy, FromStep: 0, Text: "the same " + name + " again"}
	second := a.refused()
	if r.Is == "flow" || r.Is == "request" {
		second = a.observed()
	}
	first := a.setUp()
	repeat := a.step(second, again)
	repeat.Name = "again"
	if r.Is == "flow" || r.Is == "request" {
		a.add("again", first, repeat)
		return
	}
	// The refusal in between must not free the value.
	third := a.step(second, again)
	third.Name = "once-more"
	a.add("again", first, repeat, third)
	a.afterRefusal()
	switch {
	case levelOf(r) == contract.Must:
		a.letterCase()
		a.race()
	case a.row.From == contract.FromExternalID:
		a.sameRequest()
	}
}

// sameRequest sends the whole of a request again. Where an id is also a key of idempotency, this is what it is for: the
// first answer may come again.
func (a *author) sameRequest() {
	changes := []Change{{At: a.at, Op: OpCopy, FromStep: 0, Text: "the whole request again, its " + a.row.Name + " too"}}
	for _, part := range []struct {
		where contract.Where
		rows  []contract.Row
	}{{contract.InHeader, a.e.Header}, {contract.InQuery, a.e.Query}, {contract.InBody, a.e.Body}} {
		for i := range part.rows {
			at := contract.AddressOf(part.where, &part.rows[i])
			if at != a.at && drawn(&part.rows[i]) && present(a.good, at) {
				changes = append(changes, Change{At: at, Op: OpCopy, FromStep: 0, With: true, Text: "the same"})
			}
		}
	}
	want := a.observed()
	want.Codes = slices.Concat(want.Codes, a.e.Family(contract.FamilyDuplicateRef).Codes)
	repeat := a.step(want, changes...)
	repeat.Name = "again"
	a.add("same-request", a.setUp(), repeat)
}

// letterCase sends a value that differs from a used one in nothing but the case of its letters. It is another value, though
// no page says so in words.
func (a *author) letterCase() {
	if f := a.shape().form; f != free && f != alphanumeric {
		return
	}
	want := Want{Kind: WantAccept, Basis: contract.Inferred}
	first := a.step(Want{Kind: WantNothing}, Change{At: a.at, Op: OpMiddle, Value: value("m"), Text: "a " + a.row.Name + " with a letter in it"})
	other := a.step(want, Change{At: a.at, Op: OpCopyCase, FromStep: 0, Text: "the same " + a.row.Name + " with upper and lower case swapped"})
	other.Name = "other-case"
	a.add("letter-case", first, other)
}

// afterRefusal sees whether a value is used up by a request that was refused. Pages do not say; what happens is noted.
func (a *author) afterRefusal() {
	breach, ok := a.anyBreach()
	if !ok {
		return
	}
	first := a.step(Want{Kind: WantNothing}, breach)
	first.Name = "refused"
	again := a.step(a.observed(), Change{At: a.at, Op: OpCopy, FromStep: 0, Text: "the same " + a.row.Name + " after a refused request"})
	again.Name = "again"
	a.add("after-refusal", first, again)
}

// anyBreach is some way to get a request refused after its headers were found good: a mandatory member left out.
func (a *author) anyBreach() (Change, bool) {
	for _, rows := range []struct {
		where contract.Where
		rows  []contract.Row
	}{{contract.InBody, a.e.Body}, {contract.InQuery, a.e.Query}} {
		for i := range rows.rows {
			at := contract.AddressOf(rows.where, &rows.rows[i])
			if at == a.at || !present(a.good, at) {
				continue
			}
			for _, r := range rows.rows[i].Rules {
				if r.Kind == contract.Required && levelOf(r) == contract.Must {
					return Change{At: at, Op: OpDrop, Text: rows.rows[i].Name + " left out"}, true
				}
			}
		}
	}
	return Change{}, false
}

// race sends copies of one request at once that share the value and nothing else that must be fresh: exactly one of them
// may be a success.
func (a *author) race() {
	for i := range raceRepetitions {
		step := a.step(Want{Kind: WantOneOf, Codes: a.refusal.Codes, Gateway: a.refusal.Gateway},
			Change{At: a.at, Op: OpShare, Text: strconv.Itoa(a.copies) + " requests at once with the same " + a.row.Name})
		step.Copies = a.copies
		a.add("at-once-"+strconv.Itoa(i+1), step)
	}
}

// flow sends two good requests that belong together. What a provider makes of them is noted.
func (a *author) flow() {
	r := a.rule
	first := a.setUp()
	var changes []Change
	if r.Kind == contract.SameInFlow {
		changes = append(changes, Change{At: a.at, Op: OpOther, Text: "another " + a.row.Name + " under the same external id"})
		if row, where, ok := a.e.RowFrom(contract.FromExternalID); ok {
			changes = append(changes, Change{At: contract.AddressOf(where, row), Op: OpCopy, FromStep: 0, With: true, Text: "the same " + row.Name})
		}
		a.add("changed", first, a.step(a.observed(), changes...))
		return
	}
	if here := contract.Address(r.Field); here != "" && present(a.good, here) {
		// A customer of this scenario's own, so that no other request is for the same one.
		first = a.step(Want{Kind: WantNothing}, Change{At: here, Op: OpOther, Text: "a customer not seen before"})
	}
	for _, at := range append([]string{r.Field}, r.Along...) {
		if here := contract.Address(at); at != "" && present(a.good, here) {
			changes = append(changes, Change{At: here, Op: OpCopy, FromStep: 0, With: len(changes) > 0, Text: "the same " + itemOf(at)})
		}
	}
	a.add("again", first, a.step(a.observed(), changes...))
}
