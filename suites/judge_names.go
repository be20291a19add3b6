package suites

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// askNamesField looks at refusals of the rule's family, and only at those that came with one of its codes: a refusal for
// another reason has another thing to name, and another rule to break. Where no other rule has a verdict on the request,
// this one also says that it was not refused as it should be.
func askNamesField(j *judge, r *contract.Rule, e *contract.Endpoint, a *answer) ([]breach, bool) {
	name, alone, ok := j.itemRefused(r, a)
	if !ok {
		return nil, false
	}
	codes, _, _ := r.AnswersFor(e)
	if len(codes) == 0 {
		codes = a.step.Want.Codes
	}
	switch {
	case a.outcome == refused && slices.Contains(codes, string(a.code)):
		if namesItem(a.message, name) {
			return nil, true
		}
		return []breach{{text: "the refusal does not name " + name, expected: "a message that names " + name}}, true
	case !alone || !j.bracket(e).holds:
		return nil, false
	case a.outcome == accepted:
		return []breach{{text: "was accepted although it must be refused", expected: "refused" + withCodes(" with ", codes)}}, true
	case a.outcome == refused && !slices.Contains(a.step.Want.Codes, string(a.code)):
		return []breach{{text: fmt.Sprintf("was refused, but with another code: %s instead of %s", a.code, codes[0]), expected: "refused" + withCodes(" with ", codes)}}, true
	}
	return nil, false
}

// itemRefused is the item whose refusal a rule speaks of, and whether no other rule gets a verdict for it.
func (j *judge) itemRefused(r *contract.Rule, a *answer) (name string, alone, ok bool) {
	if a.step == nil || a.step.Want.Kind != WantRefuse || len(a.step.Changes) == 0 {
		return "", false, false
	}
	where, name := a.step.Changes[0].At.Split()
	if string(where) != r.Is || name == "" {
		return "", false, false
	}
	family, alone := j.ofFamily(r, a)
	return name, alone, family
}

// otherCodes says whether the refusals that a rule speaks of were sent for, and every one is to carry a code that the
// rule does not know, because the page says so, or does carry one: then there is nothing for the rule to be about.
func (j *judge) otherCodes(r *contract.Rule, endpoints []*contract.Endpoint) bool {
	seen := false
	for _, e := range endpoints {
		codes, _, _ := r.AnswersFor(e)
		for _, a := range j.answers[e.Name()] {
			if _, _, ok := j.itemRefused(r, a); !ok {
				continue
			}
			seen = true
			own := a.outcome == refused && slices.Contains(a.step.Want.Codes, string(a.code)) && !slices.Contains(codes, string(a.code))
			due := len(codes) == 0 || slices.ContainsFunc(a.step.Want.Codes, func(c string) bool { return slices.Contains(codes, c) })
			if due && !own {
				return false
			}
		}
	}
	return seen
}

// ofFamily says whether a request was made to breach the family that a rule speaks of, and whether no other rule gets a
// verdict for it.
func (j *judge) ofFamily(r *contract.Rule, a *answer) (family, alone bool) {
	alone = true
	for _, id := range a.scenario.Rules {
		other := j.written[id]
		if id == r.ID || other != nil && other.FamilyName() == r.FamilyName() {
			family = true
		}
		alone = alone && other != nil && other.Ref == ""
	}
	return family, alone
}

// namesItem says whether a message names an item, or what it lies in, in any spelling.
func namesItem(message, item string) bool {
	said := letters(message)
	return slices.ContainsFunc(strings.Split(item, "."), func(part string) bool { return strings.Contains(said, letters(part)) })
}

// letters is a text as far as letters and digits go, in lower case.
func letters(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, text)
}
