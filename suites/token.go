package suites

import (
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// tokens sends requests with access tokens that are not good, or no longer, and bad requests for a token.
func (a *author) tokens() {
	r := a.rule
	switch r.Kind {
	case contract.Live:
		a.one("never-issued", a.refused(), Change{Op: OpOther, Text: "a well-formed token that was never issued"})
		a.foreignToken()
		if r.Is == schemeBearer {
			a.schemes(a.otherScheme())
		}
	case contract.Expired:
		a.one("expired", a.refused(), Change{Op: OpFill, Value: value(fromExpiredToken), Text: "a token past its time"})
		a.scenarios[len(a.scenarios)-1].Needs = needsExpiredToken
	case contract.Lifetime:
		a.lifetime()
	case contract.GrantMissing:
		a.grant()
	case contract.TokenHeaders:
		for _, name := range r.Values {
			at := contract.Address(string(contract.InHeader) + "." + name)
			if present(a.good, at) || a.waits(at) {
				a.add("no-"+short(name), a.step(a.refused(), Change{At: at, Op: OpDrop, Text: name + " left out"}))
			}
		}
	case contract.TokenSigned:
		a.bent(contract.PartKey, a.refused())
		a.bent(contract.PartTimestamp, a.refused())
	}
}

// schemeBearer is the word by which a rule on the token asks for the scheme before it too.
const schemeBearer = "bearer"

// schemes puts another scheme before the token, and no space after the right one.
func (a *author) schemes(want Want) {
	prefix := a.row.Prefix
	a.one("other-scheme", want, Change{Op: OpBegin, Value: value(beginAs{From: prefix, To: "Basic "}), Text: `"Basic" before the token`})
	a.one("no-space", want, Change{Op: OpBegin, Value: value(beginAs{From: prefix, To: strings.TrimSpace(prefix)}), Text: "no space before the token"})
}

// foreignToken sends a good token that another partner was given. Pages say that a token must be good, and leave it to
// reason that it must be one's own.
func (a *author) foreignToken() {
	if a.row.From != contract.FromB2BToken {
		return
	}
	want := a.otherScheme()
	want.Taken = contract.Inferred
	a.one("foreign", want, Change{Op: OpFill, Value: value(fromForeignToken), Text: "a good token of another partner"})
	a.scenarios[len(a.scenarios)-1].Needs = needsForeignToken
}

// otherScheme is the refusal of a token under another scheme. No page gives it a row of its own, so the code for a bad
// token and the one for having no authority answer it alike.
func (a *author) otherScheme() Want {
	want := a.refused()
	want.Codes = slices.Concat(want.Codes, a.e.Family(contract.FamilyUnauthorized).Codes)
	want.Equal, want.Basis = true, contract.Inferred
	return want
}

// waits reports whether the item at an address is one that only signing fills.
func (a *author) waits(at contract.Address) bool {
	row, _, ok := a.e.Row(at)
	return ok && row.From == contract.FromSignature
}

// lifetime fetches a token of its own, uses it shortly before its time is over and again after it. It comes last of all:
// it waits long, or moves the clock.
func (a *author) lifetime() {
	if _, where, ok := a.e.RowFrom(contract.FromB2BToken); !ok || where != contract.InHeader {
		return
	}
	before, after := a.setUp(), a.step(a.refused())
	before.Name, before.OwnToken, before.PauseFor = "before", true, beforeExpiry
	after.Name, after.OwnToken, after.PauseFor = "after", true, afterExpiry
	before.Want = a.accepted()
	a.add("expiry", before, after).Phase = Last
}

// grant leaves the kind of grant out of the token call, and sends another one.
func (a *author) grant() {
	at := contract.Address(a.rule.Field)
	if at == "" && a.row != nil {
		at = a.at
	}
	if !present(a.good, at) {
		return
	}
	missing, other := a.refused(), a.refused()
	if n := len(other.Codes); n > 1 {
		turned := append([]string{other.Codes[1], other.Codes[0]}, other.Codes[2:]...)
		other.Codes = turned
	}
	name := itemOf(string(at))
	a.add("absent", a.step(missing, Change{At: at, Op: OpDrop, Text: name + " left out"}))
	wrong := set("password", name+` is "password"`)
	wrong.At = at
	a.add("other", a.step(other, wrong))
}

// present reports whether a draft has the item.
func present(d *contract.Draft, at contract.Address) bool { return d.Clone().Drop(at) == nil }

// counterpart finds the call's own row of the item that a rule of the standard is about: the one with the same source,
// else the one of the same name.
func counterpart(r *contract.Rule, e *contract.Endpoint) (*contract.Row, contract.Where) {
	return sameItem(r.Row, r.Where, e)
}

func sameItem(row *contract.Row, where contract.Where, e *contract.Endpoint) (*contract.Row, contract.Where) {
	if row.From != "" {
		if here, in, ok := e.RowFrom(row.From); ok && (in == contract.InHeader || in == contract.InQuery || in == contract.InBody) {
			return here, in
		}
		return nil, ""
	}
	rows := e.Body
	switch where {
	case contract.InHeader:
		rows = e.Header
	case contract.InQuery:
		rows = e.Query
	}
	for i := range rows {
		if strings.EqualFold(rows[i].Name, row.Name) {
			return &rows[i], where
		}
	}
	return nil, ""
}
