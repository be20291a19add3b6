package suites

import (
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// partWords say for each part what was wrong with the signature that was sent.
var partWords = map[contract.Part]string{
	contract.PartKey:       "signed with another key",
	contract.PartCase:      "signature with upper and lower case swapped",
	contract.PartMethod:    "signed for another method",
	contract.PartPath:      "signed for the path with a slash added",
	contract.PartToken:     "signed with another access token",
	contract.PartBody:      "one digit of the body changed after signing",
	contract.PartHashCase:  "signed over the body hash in upper-case hex",
	contract.PartTimestamp: "signed for one second earlier",
	contract.PartEmptyHash: "signed with the other reading of an empty body",
	contract.PartQuery:     "signed with the other reading of path and query",
}

// Words say in what the signature is bent; nothing when it is right.
func (s SignAs) Words() string {
	if s.None {
		return "not signed"
	}
	return partWords[s.Part]
}

// signatures sends, for each part that the signature must cover, a request whose signature is wrong in just that part.
func (a *author) signatures() {
	for _, part := range a.rule.Parts {
		switch part {
		case contract.PartMinified:
			a.minified()
		case contract.PartCase:
			if a.e.Provider.Signature.Encoding != "hex" {
				a.bent(part, a.refused(), Change{At: a.at, Op: OpSwapCase, Text: partWords[part]})
			}
		case contract.PartBody:
			if strings.ContainsAny(string(a.good.Body), "0123456789") {
				a.bent(part, a.refused(), Change{At: contract.Address(contract.InBody), Op: OpTamper, Text: partWords[part]})
			}
		case contract.PartEmptyHash:
			if a.good.Body == nil {
				a.bent(part, a.observed())
			}
		case contract.PartQuery:
			if len(a.good.Query) > 0 {
				a.bent(part, a.observed())
			}
		default:
			a.bent(part, a.refused())
		}
	}
}

// bent adds a case whose one change is made in or after signing.
func (a *author) bent(part contract.Part, want Want, changes ...Change) {
	step := a.step(want, changes...)
	if len(changes) == 0 {
		step.Sign = SignAs{Part: part}
	}
	a.add(string(part), step)
}

// minified sends a good request in other spellings of the same JSON. The signature is made over the minified form, so
// that a provider who hashes what it received before minifying, or prints anew what it parsed, refuses it.
func (a *author) minified() {
	if a.good.Body == nil {
		return
	}
	body := contract.Address(contract.InBody)
	a.add("indented", a.step(a.accepted(), Change{At: body, Op: OpIndent, Text: "the body sent indented, signed over its minified form"}))
	if at, ok := a.escapable(); ok {
		a.add("escaped", a.step(a.accepted(), Change{At: at, Op: OpEscape, Text: itemOf(string(at)) + ` spelled with JSON escapes (\/ and \u)`}))
	}
}

// escapable finds a text in the body that nothing but its characters matter of; one with a slash in it if possible.
func (a *author) escapable() (contract.Address, bool) {
	var found contract.Address
	for i := range a.e.Body {
		row := &a.e.Body[i]
		if row.From != "" || row.Encoding != "" || strings.Contains(row.Name, "[]") {
			continue
		}
		at := contract.AddressOf(contract.InBody, row)
		raw, there := a.good.JSON(at)
		if !there || len(raw) < 3 || raw[0] != '"' {
			continue
		}
		if strings.Contains(string(raw), "/") {
			return at, true
		}
		if found == "" {
			found = at
		}
	}
	if found == "" {
		return a.escapableID()
	}
	return found, true
}

// escapableID falls back on a text that the target or the run supplies.
func (a *author) escapableID() (contract.Address, bool) {
	for i := range a.e.Body {
		at := contract.AddressOf(contract.InBody, &a.e.Body[i])
		if raw, there := a.good.JSON(at); there && len(raw) > 2 && raw[0] == '"' && a.e.Body[i].Encoding == "" {
			return at, true
		}
	}
	return "", false
}

// How a signature inside the body is bent: values of OpSeamless.
const (
	seamlessKey  = "key"
	seamlessHex  = "hex"
	seamlessBare = "bare"
)

func (a *author) seamless() {
	bend, words := seamlessKey, "signed with another private key"
	switch a.rule.Kind {
	case contract.Base64:
		bend, words = seamlessHex, "the signature in hex instead of base64"
	case contract.SignURLEncoded:
		bend, words = seamlessBare, "the base64 text without percent-encoding"
	}
	a.one(bend, a.refused(), Change{Op: OpSeamless, Value: value(bend), Text: words})
}
