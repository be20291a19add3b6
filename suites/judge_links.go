package suites

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

func askEcho(r *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	sent, there := sentValue(&a.exchange.Sent, contract.Address(r.Field))
	if a.outcome != accepted || !m.there || !there {
		return nil, false
	}
	got, isText := m.value.(string)
	if !isText {
		got = spell(m.value)
	}
	if got == sent {
		return nil, true
	}
	return &breach{
		text:     fmt.Sprintf("%s is not what the request sent as %s", m.path, r.Field),
		expected: m.path + " " + excerpt(spell(sent), 120),
		received: m.said(),
	}, true
}

func askURL(r *contract.Rule, _ *contract.Endpoint, a *answer, m member) (*breach, bool) {
	if !m.there || a.outcome != accepted {
		return nil, false
	}
	text, _ := m.value.(string)
	scheme := r.Is
	if scheme == "any" {
		scheme = ""
	}
	if absoluteURL(text, scheme) {
		return nil, true
	}
	want := strings.TrimSpace(m.path + " is an absolute " + scheme)
	b := &breach{text: m.path + " is no absolute " + strings.TrimSpace(scheme+" URL"), expected: want + " URL", received: m.said()}
	b.mild = slices.ContainsFunc(r.Also, func(other string) bool { return absoluteURL(text, other) })
	return b, true
}

func absoluteURL(text, scheme string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && u.Host != "" && (scheme == "" || strings.EqualFold(u.Scheme, scheme))
}

// askURLParams holds the parameters of a link against what the request sent. A parameter that is also a member of the
// request body is asked for only when it was sent, and sent unbent.
func askURLParams(r *contract.Rule, e *contract.Endpoint, a *answer, m member) (*breach, bool) {
	text, isText := m.value.(string)
	if !isText || a.outcome != accepted || !absoluteURL(text, "") {
		return nil, false
	}
	var missing, altered []string
	for _, name := range r.Values {
		at := contract.Address(string(contract.InBody) + "." + name)
		row, _, inBody := e.Row(at)
		sent, wasSent := sentValue(&a.exchange.Sent, at)
		if inBody && (!wasSent || a.bent(name) || a.bentPair(e, row)) {
			continue
		}
		got, there := rawParameter(text, name)
		switch {
		case !there:
			missing = append(missing, name)
		case inBody && !agrees(got, sent):
			altered = append(altered, name)
		}
	}
	if len(missing)+len(altered) == 0 {
		return nil, true
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "does not carry "+strings.Join(missing, ", "))
	}
	if len(altered) > 0 {
		parts = append(parts, "carries another value than was sent of "+strings.Join(altered, ", "))
	}
	return &breach{
		text:     m.path + " " + strings.Join(parts, " and "),
		expected: m.path + " carries " + strings.Join(r.Values, ", "),
		received: m.path + " " + excerpt(spell(text), 300),
	}, true
}

// bent says whether the request changed the body member, or a part of it, from what a good one sends.
func (a *answer) bent(name string) bool {
	if a.step == nil {
		return false
	}
	return slices.ContainsFunc(a.step.Changes, func(c Change) bool {
		where, changed := c.At.Split()
		return where == contract.InBody && (changed == "" || changed == name || strings.HasPrefix(changed, name+"."))
	})
}

// bentPair says whether a member belongs to a document and its own signature, and one of the two was bent: a provider may
// ignore both then.
func (a *answer) bentPair(e *contract.Endpoint, row *contract.Row) bool {
	signature, _, found := e.RowFrom(contract.FromSeamlessSign)
	if !found || row != signature && row.Encoding == "" {
		return false
	}
	for i := range e.Body {
		if other := &e.Body[i]; (other == signature || other.Encoding != "") && a.bent(other.Name) {
			return true
		}
	}
	return false
}

// rawParameter is a parameter of a link as it is spelled there.
func rawParameter(link, name string) (string, bool) {
	_, query, _ := strings.Cut(link, "?")
	query, _, _ = strings.Cut(query, "#")
	for _, part := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		if percentDecoded(key) == name {
			return value, true
		}
	}
	return "", false
}

// agrees compares a parameter with what was sent, at any of the depths of percent-encoding in use. Where one of the two
// is masked and the other is spelled otherwise, nothing can be told, and nothing is.
func agrees(got, sent string) bool {
	for range 3 {
		if got == sent || strings.ReplaceAll(got, " ", "+") == strings.ReplaceAll(sent, " ", "+") {
			return true
		}
		got = percentDecoded(got)
	}
	return snap.IsMasked(got) || snap.IsMasked(sent)
}

// askCarriesURL looks for a link anywhere in a success.
func askCarriesURL(_ *judge, _ *contract.Rule, _ *contract.Endpoint, a *answer) ([]breach, bool) {
	if a.outcome != accepted {
		return nil, false
	}
	if holdsURL(a.body) {
		return nil, true
	}
	return []breach{{
		text:     "no member of the success answer holds an absolute URL",
		expected: "some member holds an absolute http or https URL",
		received: a.String() + " with the members " + strings.Join(names(a.body), ", "),
	}}, true
}

func holdsURL(value any) bool {
	switch v := value.(type) {
	case string:
		return absoluteURL(v, "https") || absoluteURL(v, "http")
	case map[string]any:
		for _, each := range v {
			if holdsURL(each) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsURL)
	}
	return false
}

func names(object map[string]any) []string {
	all := make([]string, 0, len(object))
	for name := range object {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
