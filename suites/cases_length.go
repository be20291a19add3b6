package suites

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// lengthAs is the value of an OpLength change.
type lengthAs struct {
	Chars int  `json:"chars"`
	Wide  bool `json:"wide,omitempty"` // some of the characters take more than one byte
}

// shortestUnique is the least length at which values of a unique item can be drawn again and again without meeting one
// that was used before.
const shortestUnique = 8

// lengths sends values on both sides of every bound. What is counted is characters: where the form of the item allows it,
// one of the longest good values holds characters of several bytes.
func (a *author) lengths() {
	r := a.rule
	if len(r.Accept) > 0 || len(r.Refuse) > 0 {
		a.literalLengths()
	} else {
		for _, n := range a.fits() {
			a.length("length-"+strconv.Itoa(n), a.accepted(), n, false)
			if r.Max != nil && n == *r.Max && a.shape().takesWide() {
				// Pages count characters, and few say of which alphabet.
				wide := a.accepted()
				wide.Basis = contract.Inferred
				a.length("length-"+strconv.Itoa(n)+"-wide", wide, n, true)
			}
		}
		for _, n := range a.breaches() {
			want := a.refused()
			if r.Kind == contract.Zone {
				want = a.observed()
			}
			a.length("length-"+strconv.Itoa(n), want, n, false)
		}
	}
	if r.Is != "" && (a.where == contract.InBody || a.embedded()) {
		t := a.otherType()
		a.one(t.name, a.refused(), setJSON(t.value, article(t.name)+" where "+article(r.Is)+" is due"))
	}
}

// otherType is a value of the type that is most easily taken for the right one: where a string holds a document, that
// document itself.
func (a *author) otherType() jsonType {
	if bare, err := bareDocument(a.row.Encoding, a.text()); err == nil && a.row.Encoding != "" {
		return jsonType{"object", bare}
	}
	for _, t := range jsonTypes {
		if t.name != a.rule.Is {
			return t
		}
	}
	return jsonTypes[0]
}

func (a *author) literalLengths() {
	for _, text := range a.rule.Accept {
		n := utf8.RuneCountInString(text)
		a.one("length-"+strconv.Itoa(n), a.accepted(), set(text, characters(n)))
	}
	for _, text := range a.rule.Refuse {
		n := utf8.RuneCountInString(text)
		a.one("length-"+strconv.Itoa(n), a.refused(), set(text, characters(n)+a.bounds()))
	}
}

// fits are the lengths that must be taken: those the rule lists, else its bounds. The value of a credential or of an
// account has the length it has.
func (a *author) fits() []int {
	r := a.rule
	if r.Fits != nil {
		return r.Fits
	}
	if r.Kind == contract.Zone || issued(a.row.From) {
		return nil
	}
	var all []int
	if r.Min != nil && *r.Min > 0 && (r.Max == nil || *r.Min != *r.Max) {
		all = append(all, *r.Min)
	}
	if r.Max != nil {
		all = append(all, *r.Max)
	}
	kept := all[:0]
	for _, n := range all {
		if n >= shortestUnique || !drawn(a.row) {
			kept = append(kept, n)
		}
	}
	return kept
}

// breaches are the lengths that must be refused: those the rule lists, else one beyond each bound. No characters at all
// are the business of the row's own rule on that, if it has one.
func (a *author) breaches() []int {
	r := a.rule
	if r.Lengths != nil {
		return r.Lengths
	}
	var all []int
	if r.Min != nil && *r.Min > 0 && (*r.Min > 1 || !a.has(contract.NonEmpty)) {
		all = append(all, *r.Min-1)
	}
	if r.Max != nil {
		all = append(all, *r.Max+1)
	}
	return all
}

func (a *author) has(k contract.Kind) bool {
	for _, r := range a.row.Rules {
		if r.Kind == k && r.State == contract.Checked {
			return true
		}
	}
	return false
}

// length adds a case with a value of n characters, unless no value of the row's form has that length.
func (a *author) length(name string, want Want, n int, wide bool) {
	draw := func(alphabet string, n int) string { return strings.Repeat(alphabet[:1], n) }
	if _, err := a.shape().ofLength(a.text(), n, wide, placeholderTime, draw); err != nil {
		return
	}
	words := characters(n)
	switch {
	case wide:
		words += ", some of them of two bytes"
	case want.Kind == WantRefuse:
		words += a.bounds()
	}
	a.one(name, want, Change{Op: OpLength, Value: value(lengthAs{n, wide}), Text: words})
}

// bounds says what the rule asks for, to stand after what was sent.
func (a *author) bounds() string {
	r := a.rule
	switch {
	case r.Min != nil && r.Max != nil && *r.Min == *r.Max:
		return " instead of " + strconv.Itoa(*r.Max)
	case r.Min != nil && r.Max != nil:
		return " instead of " + strconv.Itoa(*r.Min) + " to " + strconv.Itoa(*r.Max)
	case r.Max != nil:
		return " instead of at most " + strconv.Itoa(*r.Max)
	case r.Min != nil:
		return " instead of at least " + strconv.Itoa(*r.Min)
	}
	return ""
}

// issued reports whether a source's values come from the provider, so that another value is not a good one.
func issued(s contract.Source) bool {
	switch s {
	case contract.FromPartnerID, contract.FromClientKey, contract.FromMerchantID, contract.FromChannelID, contract.FromB2BToken,
		contract.FromCustomerToken, contract.FromAccountID, contract.FromSignature, contract.FromSeamlessSign:
		return true
	}
	return false
}

// drawn reports whether the values of a row are drawn anew for every request.
func drawn(row *contract.Row) bool {
	switch row.From {
	case contract.FromExternalID, contract.FromReference, contract.FromFresh:
		return true
	}
	return false
}

// embedded reports whether the item is a member of a document inside a string.
func (a *author) embedded() bool {
	for _, rows := range [][]contract.Row{a.e.Header, a.e.Query, a.e.Body} {
		for i := range rows {
			if rows[i].Encoding != "" && strings.HasPrefix(a.row.Name, rows[i].Name+".") {
				return true
			}
		}
	}
	return false
}
