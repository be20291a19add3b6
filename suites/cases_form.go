package suites

import (
	"fmt"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// beginAs is the value of an OpBegin change: the beginning from becomes to. Keep holds the length by cutting or repeating
// at the end, so that the beginning is all that is wrong.
type beginAs struct {
	From string `json:"from"`
	To   string `json:"to"`
	Keep bool   `json:"keep,omitempty"`
}

// forms sends values of another form than the rule's, and those of its own that the good request does not show.
func (a *author) forms() {
	r := a.rule
	for _, text := range r.Accept {
		if text != a.text() { // that is every good request
			a.one("good-"+short(text), a.accepted(), set(text, shown(text)))
		}
	}
	switch r.Kind {
	case contract.Charset:
		a.charset()
	case contract.Prefix:
		a.beginnings()
	case contract.Enum:
		a.enum()
	case contract.Bearer:
		a.schemes(a.refused())
	case contract.Email:
		a.refuse("no-at", "partner.example.com", "text without @")
	case contract.URL:
		a.refuse("no-url", "not a url", "text that is no absolute URL")
	case contract.Pattern:
		a.refuse("", "", "")
	}
}

// refuse adds a case for each literal the rule lists, else for the one given; an empty name gives none.
func (a *author) refuse(name, text, words string) {
	for _, literal := range a.rule.Refuse {
		a.one("bad-"+short(literal), a.refused(), set(literal, shown(literal)))
	}
	if len(a.rule.Refuse) == 0 && name != "" {
		a.one(name, a.refused(), set(text, words))
	}
}

// intruders are characters outside a charset. None of them needs more than one byte, or means something to HTTP.
var intruders = map[string][]struct{ name, char string }{
	"digits":       {{"letter", "A"}, {"hyphen", "-"}, {"space", " "}, {"plus", "+"}},
	"alphanumeric": {{"hyphen", "-"}, {"underscore", "_"}, {"space", " "}, {"at", "@"}, {"dot", "."}, {"hash", "#"}},
}

const intrudersTried = 4

func (a *author) charset() {
	r := a.rule
	if len(r.Refuse) > 0 {
		a.refuse("", "", "")
	} else {
		tried := 0
		for _, in := range intruders[r.Is] {
			if tried == intrudersTried || strings.Contains(r.Plus, in.char) {
				continue
			}
			tried++
			a.one("with-"+in.name, a.refused(), Change{Op: OpMiddle, Value: value(in.char), Text: "with " + shown(in.char) + " in the middle"})
		}
	}
	if r.Plus == "" || len(r.Accept) > 0 || issued(a.row.From) || a.row.Encoding != "" {
		return
	}
	for _, c := range r.Plus {
		a.one("allowed-"+plusName(c), a.accepted(), Change{Op: OpMiddle, Value: value(string(c)), Text: "with " + shown(string(c)) + " in the middle"})
	}
}

// plusName spells a character so that it can stand in an id.
func plusName(c rune) string {
	if name := short(string(c)); name != "value" {
		return name
	}
	return fmt.Sprintf("u%02X", c)
}

func (a *author) beginnings() {
	r := a.rule
	good := ""
	for _, p := range r.Values {
		if strings.HasPrefix(a.text(), p) {
			good = p
		}
	}
	for _, p := range r.Values {
		if p != good && !issued(a.row.From) {
			a.one("begins-"+short(p), a.accepted(), a.begin(good, p))
		}
	}
	for _, p := range r.Refuse {
		a.one("begins-"+short(p), a.refused(), a.begin(good, p))
	}
}

func (a *author) begin(from, to string) Change {
	return Change{Op: OpBegin, Value: value(beginAs{From: from, To: to, Keep: true}), Text: "begins with " + shown(to)}
}

// enum tries the values the rule lists as wrong, else one of the same length as a right one.
func (a *author) enum() {
	r := a.rule
	for _, v := range r.Values {
		if v != a.text() && len(r.Accept) == 0 {
			a.one("is-"+short(v), a.accepted(), set(v, shown(v)))
		}
	}
	other := "text/plain"
	if len(r.Values) > 0 && !strings.Contains(r.Values[0], "/") {
		other = strings.Repeat("X", len(r.Values[0]))
	}
	a.refuse("other", other, shown(other))
}
