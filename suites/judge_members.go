package suites

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// memberKinds judge one member or header of one answer; asked is false where there is nothing to ask.
var memberKinds = map[contract.Kind]func(*contract.Rule, *contract.Endpoint, *answer, member) (b *breach, asked bool){
	contract.Present:     askPresent,
	contract.Absent:      askAbsent,
	contract.OnErrorNot:  askOnErrorNot,
	contract.TypeIs:      askType,
	contract.TokenValue:  askText,
	contract.Message:     askText,
	contract.LengthIs:    askLength,
	contract.Digits:      askDigits,
	contract.ISO8601:     askTime,
	contract.OneOf:       askOneOf,
	contract.StatusMatch: askStatus,
	contract.Listed:      askListed,
	contract.MessageText: askMessageText,
	contract.AbsoluteURL: askURL,
	contract.URLParams:   askURLParams,
	contract.Echo:        askEcho,
}

// memberOrder puts the more basic rule of a place first: a value that breaks it is that rule's business alone.
var memberOrder = []contract.Kind{
	contract.Present, contract.Absent, contract.OnErrorNot, contract.TypeIs, contract.TokenValue, contract.Message,
	contract.LengthIs, contract.Digits, contract.ISO8601, contract.OneOf, contract.StatusMatch, contract.Listed,
	contract.MessageText, contract.AbsoluteURL, contract.URLParams, contract.Echo,
}

func askMember(r *contract.Rule, e *contract.Endpoint, a *answer, m member) (*breach, bool) {
	return memberKinds[r.Kind](r, e, a, m)
}

// brokenBefore says whether a more basic rule of the same row is broken by the same value.
func brokenBefore(r *contract.Rule, e *contract.Endpoint, a *answer, m member) bool {
	rank := slices.Index(memberOrder, r.Kind)
	for _, other := range r.Row.Rules {
		if before := slices.Index(memberOrder, other.Kind); before < 0 || before >= rank || other.Untestable != "" {
			continue
		}
		if b, _ := askMember(other, e, a, m); b != nil {
			return true
		}
	}
	return false
}

// places finds what a rule's row speaks of in an answer.
func (j *judge) places(r *contract.Rule, a *answer) []member {
	if r.Where == contract.InResponseHeader {
		value, there := a.exchange.Got.HeaderValue(r.Row.Name)
		return []member{{r.Row.Name, value, there && value != ""}}
	}
	return membersAt(a.body, r.Row.Name)
}

func askPresent(r *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	success := a.outcome == accepted
	if r.Is == "" && !success || r.Is == "error" && success {
		return nil, false
	}
	if !m.there {
		return &breach{text: m.path + " is missing", expected: m.path + " is there"}, true
	}
	allowed := r.Values
	if got := typeOf(m.value); len(allowed) > 0 && !slices.Contains(allowed, got) || got == "null" {
		b := wrongType(m, allowed)
		b.mild = slices.Contains(r.Also, got)
		return b, true
	}
	return nil, true
}

func wrongType(m member, allowed []string) *breach {
	want := strings.Join(allowed, " or ")
	if want == "" {
		want = "a value"
	}
	return &breach{text: fmt.Sprintf("%s is %s instead of %s", m.path, typeOf(m.value), want), expected: m.path + " is " + want, received: m.said()}
}

// said is the member as it came.
func (m member) said() string { return m.path + " " + excerpt(spell(m.value), 120) }

func askAbsent(r *contract.Rule, _ *contract.Endpoint, _ *answer, m member) (*breach, bool) {
	if m.there && (m.value == nil || r.Is != "" && typeOf(m.value) != r.Is) {
		var allowed []string
		if r.Is != "" {
			allowed = []string{r.Is}
		}
		return wrongType(m, allowed), true
	}
	return nil, true
}

func askOnErrorNot(_ *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	if a.outcome == accepted {
		return nil, false
	}
	if m.there {
		return &breach{text: m.path + " is there in a refusal", expected: "no " + m.path + " in a refusal", received: m.said()}, true
	}
	return nil, true
}

func askType(r *contract.Rule, _ *contract.Endpoint, _ *answer, m member) (*breach, bool) {
	if !m.there {
		return nil, false
	}
	got := typeOf(m.value)
	if got == r.Is {
		return nil, true
	}
	b := wrongType(m, []string{r.Is})
	b.mild = slices.Contains(r.Also, got)
	return b, true
}

// askText is for members that a success cannot do without: a string with something in it.
func askText(r *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	success := a.outcome == accepted
	if !success && (r.Kind == contract.TokenValue || !m.there) {
		return nil, false
	}
	limit := ""
	if r.Max != nil {
		limit = " of at most " + strconv.Itoa(*r.Max) + " characters"
	}
	want := m.path + " is a non-empty string" + limit
	text, isText := m.value.(string)
	switch {
	case !m.there:
		return &breach{text: m.path + " is missing", expected: want}, true
	case !isText:
		return &breach{text: fmt.Sprintf("%s is %s instead of string", m.path, typeOf(m.value)), expected: want, received: m.said()}, true
	case text == "":
		return &breach{text: m.path + " is empty", expected: want, received: m.said()}, true
	case r.Max != nil && snap.Length(text) > *r.Max:
		return &breach{text: fmt.Sprintf("%s has %d characters", m.path, snap.Length(text)), expected: want, received: m.said()}, true
	}
	return nil, true
}

func askLength(r *contract.Rule, _ *contract.Endpoint, _ *answer, m member) (*breach, bool) {
	text, isText := m.value.(string)
	if !m.there || !isText {
		return nil, false
	}
	n := snap.Length(text)
	if r.Min != nil && n < *r.Min || r.Max != nil && n > *r.Max {
		return &breach{text: fmt.Sprintf("%s has %d characters", m.path, n), expected: m.path + " has " + bounds(r), received: m.said()}, true
	}
	return nil, true
}

func bounds(r *contract.Rule) string {
	switch {
	case r.Min == nil && r.Max == nil:
		return "any number of characters"
	case r.Min == nil:
		return "at most " + strconv.Itoa(*r.Max) + " characters"
	case r.Max == nil:
		return "at least " + strconv.Itoa(*r.Min) + " characters"
	case *r.Min == *r.Max:
		return "exactly " + strconv.Itoa(*r.Min) + " characters"
	}
	return strconv.Itoa(*r.Min) + " to " + strconv.Itoa(*r.Max) + " characters"
}

func askDigits(r *contract.Rule, _ *contract.Endpoint, _ *answer, m member) (*breach, bool) {
	want := m.path + " is a string of decimal digits"
	if r.Min != nil || r.Max != nil {
		want += ", " + bounds(r)
	}
	text, isText := m.value.(string)
	switch {
	case !m.there && r.Is == "always":
		return &breach{text: m.path + " is missing", expected: want}, true
	case !m.there:
		return nil, false
	case !isText:
		return &breach{text: fmt.Sprintf("%s is %s instead of string", m.path, typeOf(m.value)), expected: want, received: m.said()}, true
	case snap.IsMasked(text):
		return nil, false
	case text == "" || strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' }):
		return &breach{text: m.path + " is not made of decimal digits alone", expected: want, received: m.said()}, true
	case r.Min != nil && len(text) < *r.Min || r.Max != nil && len(text) > *r.Max:
		return &breach{text: fmt.Sprintf("%s has %d digits", m.path, len(text)), expected: want, received: m.said()}, true
	}
	return nil, true
}

func askTime(r *contract.Rule, _ *contract.Endpoint, _ *answer, m member) (*breach, bool) {
	want := m.path + " is a date and time with an offset, as in ISO 8601"
	text, isText := m.value.(string)
	switch {
	case !m.there && r.Is == "always":
		return &breach{text: m.path + " is missing", expected: want}, true
	case !m.there:
		return nil, false
	case isText && isTime(text):
		return nil, true
	}
	b := &breach{text: m.path + " is no date and time with an offset", expected: want, received: m.said()}
	_, err := time.Parse("2006-01-02T15:04:05.999999999", text)
	b.mild = err == nil // ISO 8601 knows local time without an offset
	return b, true
}

// isTime takes every spelling of ISO 8601 that has date, time and offset, with or without a fraction or a colon.
func isTime(text string) bool {
	if len(text) < len(time.DateTime) || text[len("2006-01-02T15")] != ':' { // Go takes an hour of one digit
		return false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999Z07"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

func askOneOf(r *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	if !m.there || a.outcome != accepted {
		return nil, false
	}
	text, isText := m.value.(string)
	if number, isNumber := m.value.(json.Number); isNumber {
		text = number.String()
	}
	if isText && slices.Contains(r.Values, text) {
		return nil, true
	}
	b := &breach{text: m.path + " has a value that is not among those listed", expected: m.path + " is " + strings.Join(r.Values, " or "), received: m.said()}
	b.mild = slices.Contains(r.Also, text) || slices.Contains(r.Also, typeOf(m.value))
	return b, true
}
