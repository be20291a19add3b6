package suites

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// wholeKinds judge an answer as a whole; asked is false where there is nothing to ask.
var wholeKinds = map[contract.Kind]func(*judge, *contract.Rule, *contract.Endpoint, *answer) (found []breach, asked bool){
	contract.Service:    askService,
	contract.TokenCall:  askService,
	contract.MediaType:  askMediaType,
	contract.JSONBody:   askJSON,
	contract.TLS:        askTLS,
	contract.CodeSeen:   askCode,
	contract.ErrorShape: askErrorShape,
	contract.Headers:    askHeaders,
	contract.NamesField: askNamesField,
	contract.CarriesURL: askCarriesURL,
}

func askService(_ *judge, _ *contract.Rule, e *contract.Endpoint, a *answer) ([]breach, bool) {
	if a.code == "" {
		return nil, false
	}
	if a.code.Service() == e.Service {
		return nil, true
	}
	return []breach{{
		text:     fmt.Sprintf("%s carries service %s instead of %s", a.code, a.code.Service(), e.Service),
		expected: "service " + e.Service + " in digits 4 and 5 of the response code",
	}}, true
}

// askMediaType leaves a missing header to the rule that asks for the header, where the endpoint has one.
func askMediaType(j *judge, r *contract.Rule, e *contract.Endpoint, a *answer) ([]breach, bool) {
	if !a.isJSON {
		return nil, false
	}
	const header, want = "Content-Type", "application/json"
	value, there := a.exchange.Got.HeaderValue(header)
	if !there && j.asksForHeader(e, header) {
		return nil, false
	}
	if media, _, err := mime.ParseMediaType(value); err == nil && media == want {
		return nil, true
	}
	text := "the answer is JSON and calls itself " + excerpt(spell(value), 80)
	if !there {
		text = "the answer is JSON and has no " + header
	}
	return []breach{{text: text, expected: header + " " + want, received: header + " " + excerpt(spell(value), 80)}}, true
}

func (j *judge) asksForHeader(e *contract.Endpoint, header string) bool {
	for _, r := range j.rules {
		if !slices.Contains(j.spokenOf(r), e) {
			continue
		}
		if r.Kind == contract.Present && r.Where == contract.InResponseHeader && strings.EqualFold(r.Row.Name, header) {
			return true
		}
		if r.Kind == contract.Headers && slices.ContainsFunc(r.Values, func(v string) bool { return strings.EqualFold(v, header) }) {
			return true
		}
	}
	return false
}

func askJSON(_ *judge, _ *contract.Rule, _ *contract.Endpoint, a *answer) ([]breach, bool) {
	got := a.exchange.Got
	text := ""
	switch {
	case got.NotUTF8:
		text = "the body is not UTF-8"
	case !a.isJSON:
		text = "the body is no JSON"
	case a.body == nil:
		text = "the body is JSON, but no object"
	default:
		return nil, true
	}
	return []breach{{text: text, expected: "a JSON object in UTF-8", received: fmt.Sprintf("HTTP %d, body %s", a.status, excerpt(spell(got.Body), 120))}}, true
}

func askTLS(_ *judge, r *contract.Rule, _ *contract.Endpoint, a *answer) ([]breach, bool) {
	agreed := a.exchange.Got.TLS
	if agreed == nil {
		return nil, false
	}
	const want = "TLS 1.3"
	if agreed.Version == want {
		return nil, true
	}
	b := breach{text: "the connection uses " + agreed.Version, expected: want, received: agreed.Version + ", " + agreed.CipherSuite}
	b.mild = slices.Contains(r.Values, agreed.CipherSuite)
	return []breach{b}, true
}

func askCode(_ *judge, r *contract.Rule, e *contract.Endpoint, a *answer) ([]breach, bool) {
	code := snap.FillCode(r.Row.Name, e.Service)
	if a.code != code {
		return nil, false
	}
	status := r.Row.Status
	if status == 0 {
		status = code.HTTP()
	}
	if a.status == status {
		return nil, true
	}
	return []breach{{text: fmt.Sprintf("%s came with HTTP status %d instead of %d", code, a.status, status), expected: fmt.Sprintf("HTTP %d with %s", status, code)}}, true
}

func askErrorShape(_ *judge, _ *contract.Rule, _ *contract.Endpoint, a *answer) ([]breach, bool) {
	if a.outcome == accepted || a.body == nil {
		return nil, false
	}
	var found []breach
	for _, name := range []string{codeMember, messageMember} {
		if a.body[name] == nil {
			found = append(found, breach{text: "a refusal has no " + name, expected: codeMember + " and " + messageMember + " in every refusal"})
		}
	}
	return found, true
}

func askHeaders(_ *judge, r *contract.Rule, _ *contract.Endpoint, a *answer) ([]breach, bool) {
	var found []breach
	for _, name := range r.Values {
		value, there := a.exchange.Got.HeaderValue(name)
		switch {
		case !there || value == "":
			found = append(found, breach{text: "the answer has no header " + name, expected: "the headers " + strings.Join(r.Values, ", ")})
		case r.Is == string(contract.ISO8601) && strings.EqualFold(name, itemName(r.Field)) && !isTime(value):
			found = append(found, breach{text: name + " is no date and time with an offset", expected: name + " as in ISO 8601", received: name + " " + excerpt(spell(value), 80)})
		}
	}
	return found, true
}

// itemName is the name in an address.
func itemName(address string) string {
	_, name := contract.Address(address).Split()
	return name
}
