package suites

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// write makes the scenarios of the rule's kind. What each kind sends is said beside the kind's constant; the sandbox's
// detectors go by the same words.
func (a *author) write() error {
	r := a.rule
	if a.row == nil && itemKind(r.Kind) {
		return fmt.Errorf("kind %s speaks of an item of the request, %s is none", r.Kind, r.Row.Name)
	}
	switch r.Kind {
	case contract.Required:
		a.one("absent", a.refused(), Change{Op: OpDrop, Text: "left out"})
	case contract.RequiredWith:
		a.one("absent", a.refused(), Change{Op: OpDrop, Text: "left out while " + itemOf(r.Field) + " is sent"})
	case contract.RequiredUnless:
		a.withoutEither()
	case contract.Optional:
		a.optional()
	case contract.NonEmpty:
		a.one("empty", a.refused(), set("", "an empty string"))
	case contract.Type:
		a.types(r.Is)
	case contract.JSONText:
		a.noJSON()
	case contract.URLEncoded:
		a.one("bare", a.observed(), Change{Op: OpRaw, Text: "the JSON text without percent-encoding"})
	case contract.AnyOf:
		a.anyOf()
	case contract.EachAlone:
		for _, name := range r.Values {
			a.one("only-"+short(name), a.accepted(), Change{Op: OpMembers, Value: value([]string{name}), Text: "only " + name + " inside"})
		}
	case contract.KnownKeys:
		a.one("unknown", a.observed(), Change{At: a.at + ".unknownMember", Op: OpSet, Value: json.RawMessage(`"x"`), Text: "with a member that is not documented"})
	case contract.Length, contract.Max, contract.MinLength, contract.Zone:
		a.lengths()
	case contract.BareMediaType:
		a.one("parameter", a.observed(), set(a.text()+"; charset=utf-8", "a media type with a parameter"))
	case contract.Charset, contract.Prefix, contract.Pattern, contract.Enum, contract.Bearer, contract.Email, contract.URL:
		a.forms()
	case contract.WellFormedTime, contract.Layouts, contract.Offset, contract.Fresh:
		a.times()
	case contract.AnyValue, contract.Issued, contract.EqualTo:
		a.identities()
	case contract.Live, contract.Expired, contract.Lifetime, contract.GrantMissing, contract.TokenHeaders, contract.TokenSigned:
		a.tokens()
	case contract.Signed:
		a.signatures()
	case contract.RSASigned, contract.Base64, contract.SignURLEncoded:
		a.seamless()
	case contract.Unique:
		a.reuse()
	case contract.SameInFlow, contract.RepeatCustomer:
		a.flow()
	case contract.OtherMethod, contract.OtherPath, contract.Version, contract.Unparseable:
		a.transport()
	case contract.Usable:
		return a.chain()
	case contract.InactiveBy, contract.Unregistered:
		return a.prepared()
	default:
		return fmt.Errorf("no scenario is written for kind %s", r.Kind)
	}
	return nil
}

// itemKind reports whether a kind is about one item of the request.
func itemKind(k contract.Kind) bool {
	switch k {
	case contract.OtherMethod, contract.OtherPath, contract.Version, contract.Unparseable, contract.Usable, contract.InactiveBy,
		contract.Unregistered, contract.Lifetime, contract.GrantMissing, contract.TokenHeaders, contract.TokenSigned, contract.RepeatCustomer:
		return false
	}
	return true
}

func itemOf(at string) string {
	_, name, _ := strings.Cut(at, ".")
	return name
}

func alongText(along []string) string {
	if len(along) == 0 {
		return ""
	}
	names := make([]string, len(along))
	for i, at := range along {
		names[i] = itemOf(at)
	}
	return ", together with " + strings.Join(names, " and ")
}

// withoutEither leaves the item out, and the one that could stand in for it when the good request has that.
func (a *author) withoutEither() {
	changes := []Change{{At: a.at, Op: OpDrop, Text: "left out, and no " + itemOf(a.rule.Field) + " either"}}
	if _, there := a.good.JSON(contract.Address(a.rule.Field)); there {
		changes = append(changes, Change{At: contract.Address(a.rule.Field), Op: OpDrop, With: true, Text: "left out too"})
	}
	a.add("absent", a.step(a.refused(), changes...))
}

// optional leaves the item out; where the good request has none anyway, that is the case.
func (a *author) optional() {
	if !present(a.good, a.at) {
		a.add("absent", a.step(a.accepted(), Change{At: a.at, Op: OpKeep, Text: "left out, as in every good request"}))
		return
	}
	a.one("absent", a.accepted(), Change{Op: OpDrop, Text: "left out" + alongText(a.rule.Along)})
}

// jsonType is a JSON type and a value of it.
type jsonType struct{ name, value string }

// jsonTypes are one value of each JSON type; a number with few digits fits into every length.
var jsonTypes = []jsonType{
	{"string", `"text"`}, {"number", `12345`}, {"boolean", `true`}, {"array", `["text"]`}, {"object", `{"text":"text"}`},
}

func (a *author) types(is string) {
	if len(a.rule.Refuse) > 0 {
		for _, literal := range a.rule.Refuse {
			if !json.Valid([]byte(literal)) {
				literal = spell(literal)
			}
			a.one("type-"+short(literal), a.refused(), setJSON(literal, literal+" where "+article(is)+" is due"))
		}
		return
	}
	if a.where != contract.InBody && !a.embedded() {
		return // headers and parameters are text whatever is put into them
	}
	for _, t := range jsonTypes {
		if t.name != is {
			a.one(t.name, a.refused(), setJSON(t.value, article(t.name)+" where "+article(is)+" is due"))
		}
	}
	if a.has(contract.Required) {
		// A null is of the wrong type, and as good as left out: both codes answer it equally well.
		want := a.refused()
		want.Equal = true
		a.one("null", want, setJSON("null", "null where "+article(is)+" is due"))
	}
}

func article(noun string) string {
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeio") {
		return "an " + noun
	}
	return "a " + noun
}

// noJSON sends text that holds no document: what the rule lists, else JSON that breaks off.
func (a *author) noJSON() {
	a.refuse("no-json", encodeDocument(a.row.Encoding, `{"broken":`), "text that is no JSON")
}

// anyOf sends the document without any of the members of which one is needed: empty, and with the others it has.
func (a *author) anyOf() {
	a.one("none", a.refused(), Change{Op: OpMembers, Value: value([]string{}), Text: "nothing inside"})
	bare, err := bareDocument(a.row.Encoding, a.text())
	if err != nil {
		return
	}
	others := slices.DeleteFunc(memberNames(bare), func(name string) bool { return slices.Contains(a.rule.Values, name) })
	if len(others) > 0 {
		a.one("others", a.refused(), Change{Op: OpMembers, Value: value(others), Text: "only " + strings.Join(others, ", ") + " inside"})
	}
}
