package suites

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// author writes the scenarios of one rule on one call.
type author struct {
	rule      *contract.Rule
	e         *contract.Endpoint // the call that is sent
	row       *contract.Row      // the call's own row of the item; nil when the rule is about no item
	where     contract.Where
	at        contract.Address
	copies    int             // sent at once where a race is looked for
	good      *contract.Draft // the good request with placeholders, to see what is in it
	refusal   Want
	scenarios []Scenario
}

// placeholderTime stands for now where a plan only needs to know that a value can be made.
var placeholderTime = time.Date(2026, 1, 2, 3, 4, 5, 0, jakarta())

// newAuthor returns nil when the call has no such item, which happens to rules of the standard only.
func newAuthor(r *contract.Rule, e *contract.Endpoint, copies int) (*author, error) {
	a := &author{rule: r, e: e, where: r.Where, copies: copies}
	if r.Where == contract.InHeader || r.Where == contract.InQuery || r.Where == contract.InBody {
		a.row = r.Row
		if r.Endpoint != e {
			a.row, a.where = counterpart(r, e)
			if a.row == nil {
				return nil, nil
			}
		}
		a.at = contract.AddressOf(a.where, a.row)
	}
	codes, gateway, _ := r.AnswersFor(e)
	a.refusal = Want{Kind: WantRefuse, Codes: codes, Gateway: gateway}
	good, err := sample(e, r.Variant)
	if err != nil {
		return nil, err
	}
	a.good = good
	return a, nil
}

// sample is a good request with placeholders for what the target, the clock and the run supply.
func sample(e *contract.Endpoint, variant string) (*contract.Draft, error) {
	const placeholder = "placeholder"
	known := map[contract.Source]string{contract.FromChannelID: "12345"}
	for _, s := range []contract.Source{
		contract.FromPartnerID, contract.FromClientKey, contract.FromMerchantID, contract.FromAccountID,
		contract.FromCustomerToken, contract.FromDevice,
	} {
		known[s] = placeholder
	}
	random := rand.New(rand.NewPCG(1, 2))
	good, err := e.Draft(contract.Values{Known: known, Fresh: func(row *contract.Row) string { return contract.Invent(row, random) }}, variant)
	if err != nil {
		return nil, err
	}
	if row, where, ok := e.RowFrom(contract.FromSeamlessSign); ok {
		if at := contract.AddressOf(where, row); present(good, at) {
			if err := good.SetText(at, placeholder); err != nil {
				return nil, err
			}
		}
	}
	prepared, err := good.Prepare(contract.Signing{ClientKey: placeholder, Token: placeholder, CustomerToken: placeholder, At: placeholderTime})
	if err != nil {
		return nil, err
	}
	return prepared.Draft, nil
}

// refused and accepted are the wants of a breach and of its absence. Of a rule that is only observed, both answers are
// right.
func (a *author) refused() Want {
	w := a.refusal
	if levelOf(a.rule) == contract.May {
		w.Kind = WantObserve
	}
	return w
}

func (a *author) accepted() Want {
	if levelOf(a.rule) == contract.May {
		return a.observed()
	}
	return Want{Kind: WantAccept}
}

func (a *author) observed() Want {
	w := a.refusal
	w.Kind = WantObserve
	return w
}

// step is one request with changes.
func (a *author) step(want Want, changes ...Change) Step {
	return Step{Name: "1", Endpoint: a.e.Name(), Variant: a.rule.Variant, Changes: changes, Want: want}
}

// setUp is a good request that only prepares what follows.
func (a *author) setUp() Step { return a.step(Want{Kind: WantAccept}) }

// add appends a scenario. Names repeat only when the same value is listed twice; a number then tells them apart.
func (a *author) add(name string, steps ...Step) *Scenario {
	id := a.rule.ID + "/"
	if a.rule.Endpoint != a.e {
		id += a.e.Name() + "."
	}
	id += name
	for i := 2; a.taken(id); i++ {
		id = strings.TrimSuffix(id, "-"+strconv.Itoa(i-1)) + "-" + strconv.Itoa(i)
	}
	for i := range steps {
		if i > 0 && steps[i].Name == "1" {
			steps[i].Name = strconv.Itoa(i + 1)
		}
	}
	a.scenarios = append(a.scenarios, Scenario{
		ID: id, Endpoint: a.e.Name(), Rules: []string{a.rule.ID}, Phase: Main, Needs: a.rule.Needs, Steps: steps,
	})
	return &a.scenarios[len(a.scenarios)-1]
}

func (a *author) taken(id string) bool {
	for i := range a.scenarios {
		if a.scenarios[i].ID == id {
			return true
		}
	}
	return false
}

// one adds a case: a good request with one change, made along on the items that go with it.
func (a *author) one(name string, want Want, c Change) {
	if c.At == "" {
		c.At = a.at
	}
	changes := []Change{c}
	for _, along := range a.rule.Along {
		with := c
		with.At, with.With = a.addressHere(contract.Address(along)), true
		changes = append(changes, with)
	}
	a.add(name, a.step(want, changes...))
}

// addressHere turns an address in the rule's own endpoint into that of the same item in the call.
func (a *author) addressHere(at contract.Address) contract.Address {
	if a.rule.Endpoint == a.e {
		return at
	}
	row, where, ok := a.rule.Endpoint.Row(at)
	if !ok {
		return at
	}
	if here, hereWhere := sameItem(row, where, a.e); here != nil {
		return contract.AddressOf(hereWhere, here)
	}
	return at
}

// text is the item's text in the good request.
func (a *author) text() string {
	text, _ := a.good.Text(a.at)
	return text
}

func (a *author) shape() shape { return shapeOf(a.row, a.where, a.text()) }

func set(value, words string) Change {
	return Change{Op: OpSet, Value: json.RawMessage(spell(value)), Text: words}
}

func setJSON(value, words string) Change {
	return Change{Op: OpSet, Value: json.RawMessage(value), Text: words}
}

func value(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("suites: a change's value cannot fail to marshal: " + err.Error())
	}
	return text
}

// short is text as part of a scenario's id: letters, digits and hyphens, at most 24 of them.
func short(text string) string {
	var out strings.Builder
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_':
			out.WriteRune(c)
		case c == '+':
			out.WriteString("plus")
		default:
			out.WriteByte('-')
		}
	}
	s := strings.Trim(out.String(), "-")
	if s == "" {
		s = "value"
	}
	return s[:min(24, len(s))]
}

// shown is a value as a report says it: long ones only begin.
func shown(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return strconv.Quote(string(runes[:32])) + "… (" + strconv.Itoa(len(runes)) + " characters)"
	}
	return strconv.Quote(text)
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}
