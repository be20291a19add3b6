package suites

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// The environment variables that a command to repeat a request takes its secrets from. Other masked values are taken
// from variables named after their source or item: SNAP_ACCOUNT_ID, SNAP_PHONE.
const (
	envSecret = "SNAP_CLIENT_SECRET"
	envKey    = "SNAP_PRIVATE_KEY"
	envToken  = "SNAP_TOKEN"
	envPrefix = "SNAP_"
)

// SeamlessMark stands for the seamless signature in a command to repeat a request: "snapcert sign" makes it anew.
const SeamlessMark = "{seamless-sign}"

// maskPattern is one mask, see [snap.Masker].
var maskPattern = regexp.MustCompile(`\{masked:\d+:[0-9a-f]{12}\}`)

// itemPattern is the name of the item whose value begins where the text ends: a member of a JSON document, percent-encoded
// or not, or a parameter.
var itemPattern = regexp.MustCompile(`(?:(?:"|%22)([^"%&=?]+)(?:"|%22)\s*(?::|%3A)[\s\[]*(?:"|%22)?|[?&]([^"%&=?]+)=)$`)

// learn finds which masks stand for values that the target supplies: those of good requests, by their source.
func (p *papers) learn(all []*snap.Exchange) {
	p.known = map[string]string{}
	for _, x := range all {
		call, at := p.calls[x.Endpoint], p.sent[x.ID]
		if call == nil || at.scenario == nil || len(at.scenario.Rules) > 0 {
			continue
		}
		for _, h := range x.Sent.Header {
			p.note(call, h.Name, h.Value)
		}
		for _, text := range []string{x.Sent.URL, x.Sent.Body} {
			for _, span := range maskPattern.FindAllStringIndex(text, -1) {
				p.note(call, itemAt(text[:span[0]]), text[span[0]:span[1]])
			}
		}
	}
}

func (p *papers) note(call *contract.Endpoint, item, value string) {
	if mask := maskPattern.FindString(value); mask != "" {
		p.known[mask] = envOf(call, item)
	}
}

func itemAt(before string) string {
	found := itemPattern.FindStringSubmatch(before)
	if found == nil {
		return "value"
	}
	return found[1] + found[2]
}

// rowOf is the request's row of an item, by the name it has where it stands.
func rowOf(call *contract.Endpoint, item string) *contract.Row {
	for _, rows := range [][]contract.Row{call.Header, call.Query, call.Body} {
		for i := range rows {
			if strings.EqualFold(lastName(rows[i].Name), item) {
				return &rows[i]
			}
		}
	}
	return nil
}

// hump is where a word begins inside a name.
var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func envOf(call *contract.Endpoint, item string) string {
	if row := rowOf(call, item); row != nil && row.From != "" {
		if row.From == contract.FromB2BToken {
			return envToken
		}
		item = string(row.From)
	}
	item = hump.ReplaceAllString(item, "${1}_$2") // accountId is ACCOUNT_ID, whether the contract or the page names it
	return envPrefix + strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, item))
}

// signsRightly begins the note on what a command does not repeat.
const signsRightly = "this line signs rightly, and so does not repeat what was sent: "

// line is one command under construction.
type line struct {
	*papers
	call    *contract.Endpoint
	changed map[string]bool // items that the request changes
	about   string          // how, in words
	words   []string
}

// curl is a shell line that sends the exchange's request again: "snapcert sign" gives it a new time, new references and a
// new signature, and curl sends it. Secrets come from the environment.
func (p *papers) curl(x *snap.Exchange, call *contract.Endpoint, s *Scenario, step int, e *Evidence) string {
	if call == nil || x.Sent.URL == "" {
		return ""
	}
	l := &line{papers: p, call: call, changed: map[string]bool{}}
	var notes []string
	if s != nil {
		st := &s.Steps[step]
		l.about = changeText(s, step)
		for _, c := range st.Changes {
			if _, name := c.At.Split(); name != "" {
				l.changed[strings.ToLower(lastName(name))] = true
			}
			if c.Op == OpTamper || c.Op == OpSwapCase || c.Op == OpSeamless {
				notes = append(notes, signsRightly+c.Text)
			}
		}
		if words := st.Sign.Words(); words != "" && !st.Sign.None {
			notes = append(notes, signsRightly+words)
		}
		if len(s.Steps) > 1 {
			notes = append(notes, fmt.Sprintf("request %d of %d of this case: it follows on the one before it", step+1, len(s.Steps)))
		}
		if st.Copies > 1 {
			notes = append(notes, fmt.Sprintf("%d of these were sent at once", st.Copies))
		}
	}
	l.words = append(l.words, "snapcert", "sign", "--format", "config", "--provider", shellWord(call.Provider.Provider))
	for _, f := range p.flags {
		l.words = append(l.words, shellWord(f))
	}
	if call.Token {
		l.words = append(l.words, "--token-call", "--key-env", envKey)
	} else {
		l.words = append(l.words, "--secret-env", envSecret, "--token-env", envToken)
	}
	for _, value := range l.unique(x, s, step, e) {
		l.words = append(l.words, "--renew", shellWord(value))
	}
	l.headers(x)
	if x.Sent.Body != "" {
		l.words = append(l.words, "-d", l.shell(x.Sent.Body, ""))
		if strings.Contains(l.words[len(l.words)-1], SeamlessMark) && !call.Token {
			l.words = append(l.words, "--key-env", envKey)
			if row, _, _ := call.RowFrom(contract.FromSeamlessSign); row != nil && l.changed[strings.ToLower(lastName(row.Name))] && len(notes) == 0 {
				notes = append(notes, signsRightly+l.about)
			}
		}
	}
	l.words = append(l.words, "-X", shellWord(x.Sent.Method), l.shell(x.Sent.URL, ""))
	text := strings.Join(l.words, " ") + " | curl -sS -i -K -"
	for i := len(notes) - 1; i >= 0; i-- {
		text = "# " + notes[i] + "\n" + text
	}
	return text
}

// headers are those that signing does not make, and those made by hand; what the request leaves out is left out.
func (l *line) headers(x *snap.Exchange) {
	for i := range l.call.Header {
		row := &l.call.Header[i]
		made := row.From == contract.FromSignature || row.From == contract.FromTimestamp || row.From == contract.FromB2BToken
		if _, sent := x.Sent.HeaderValue(row.Name); made && !sent {
			l.words = append(l.words, "--leave-out", shellWord(row.Name))
		}
		if _, sent := x.Sent.HeaderValue(row.Name); row.From == contract.FromClientKey && l.call.Token && !sent { // signed, and not sent
			l.words = append(l.words, "--client-key", `"${`+envOf(l.call, row.Name)+`:?}"`, "--leave-out", shellWord(row.Name))
		}
	}
	for _, h := range x.Sent.Header {
		row := rowOf(l.call, h.Name)
		if row != nil && row.From == contract.FromSignature {
			continue
		}
		if row != nil && !l.changed[strings.ToLower(h.Name)] && (row.From == contract.FromTimestamp || row.From == contract.FromB2BToken) {
			continue
		}
		l.words = append(l.words, "-H", l.shell(h.Name+": "+h.Value, h.Name))
	}
}

// unique are the values that must not be used twice, but for those that a story uses again itself or that are the change.
func (l *line) unique(x *snap.Exchange, s *Scenario, step int, e *Evidence) []string {
	var out []string
	for _, row := range slices.Concat(l.call.Header, l.call.Query, l.call.Body) {
		if row.From != contract.FromExternalID && row.From != contract.FromReference && row.From != contract.FromFresh {
			continue
		}
		value, ok := valueIn(x, &row)
		if !ok || len(value) < 8 || snap.IsMasked(value) || slices.Contains(out, value) || usedAgain(value, s, step, e) {
			continue
		}
		out = append(out, value)
	}
	return out
}

// valueIn is the text of an item as it stands in a request, and whether it needs no escape anywhere.
func valueIn(x *snap.Exchange, row *contract.Row) (string, bool) {
	if value, ok := x.Sent.HeaderValue(row.Name); ok {
		return value, plainValue.MatchString(value)
	}
	name := lastName(row.Name)
	for _, mark := range []string{`"` + name + `":"`, `"` + name + `": "`, "?" + name + "=", "&" + name + "="} {
		if _, after, found := strings.Cut(x.Sent.URL+"\n"+x.Sent.Body, mark); found {
			value := after[:max(0, strings.IndexAny(after+"&", "\"&\n"))]
			return value, plainValue.MatchString(value)
		}
	}
	return "", false
}

var plainValue = regexp.MustCompile(`^[^\s"\\%&{}]+$`)

// usedAgain tells whether another request of the same story has the value too.
func usedAgain(value string, s *Scenario, step int, e *Evidence) bool {
	if s == nil {
		return false
	}
	for i := range s.Steps {
		for _, x := range e.Of(s, i) {
			if i == step || x == nil {
				continue
			}
			if strings.Contains(x.Sent.URL+x.Sent.Body, value) || slices.ContainsFunc(x.Sent.Header, func(f snap.Field) bool { return f.Value == value }) {
				return true
			}
		}
	}
	return false
}
