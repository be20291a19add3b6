package reports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// lineMark says how a line of a request relates to the good request it was made from.
type lineMark int

const (
	same  lineMark = iota
	fresh          // differs as it does in every request
	added          // stands here and not in the good request
	gone           // stands in the good request and not here
)

// marked is one line of a request beside its good request.
type marked struct {
	Mark lineMark
	Text string
}

// beside lines a request up with the good request: the request line, parameters, headers by name, then the body. Without
// a good request no line is marked. JSON bodies are indented, so that one changed member is one changed line.
func beside(x, good *Exchange) []marked {
	if good == nil || good == x {
		good = x
	}
	var out []marked
	base, params := split(x.URL)
	goodBase, goodParams := split(good.URL)
	out = append(out, change(good.Method+" "+goodBase, x.Method+" "+base, false)...)
	out = append(out, named(x, lines(goodParams, paramName, "  "), lines(params, paramName, "  "))...)
	out = append(out, named(x, headerLines(good.RequestHeader), headerLines(x.RequestHeader))...)
	was, is := bodyLines(good.RequestBody), bodyLines(x.RequestBody)
	if len(was)+len(is) > 0 {
		out = append(out, marked{Text: ""})
	}
	return append(out, bodyDiff(x, was, is)...)
}

// named is a line that has a name: a header or a parameter.
type namedLine struct{ name, text string }

func headerLines(headers []Header) []namedLine {
	var out []namedLine
	for _, h := range headers {
		out = append(out, namedLine{h.Name, h.Name + ": " + h.Value})
	}
	return out
}

func lines(params []string, name func(string) string, indent string) []namedLine {
	var out []namedLine
	for i, p := range params {
		lead := "&"
		if i == 0 {
			lead = "?"
		}
		out = append(out, namedLine{name(p), indent + lead + p})
	}
	return out
}

// named pairs lines by name; what only the good request had follows.
func named(x *Exchange, was, is []namedLine) []marked {
	var out []marked
	used := make([]bool, len(was))
	for _, l := range is {
		at := -1
		for i, w := range was {
			if !used[i] && strings.EqualFold(w.name, l.name) {
				at = i
				break
			}
		}
		if at < 0 {
			out = append(out, marked{added, l.text})
			continue
		}
		used[at] = true
		out = append(out, change(was[at].text, l.text, x.alwaysNew(l.name))...)
	}
	for i, w := range was {
		if !used[i] {
			out = append(out, marked{gone, w.text})
		}
	}
	return out
}

// change is one line that was another.
func change(was, is string, everyTime bool) []marked {
	switch {
	case strings.TrimLeft(was, " ?&") == strings.TrimLeft(is, " ?&"):
		return []marked{{same, is}}
	case everyTime:
		return []marked{{fresh, is}}
	}
	return []marked{{gone, was}, {added, is}}
}

// alwaysNew tells whether the item differs in every request and is not what this one is about: neither named as changed
// nor mentioned in the words for the change.
func (x *Exchange) alwaysNew(name string) bool {
	about := func(n string) bool { return strings.EqualFold(n, name) }
	return slices.ContainsFunc(x.Fresh, about) && !slices.ContainsFunc(x.Changed, about) && !mentions(x.Change, name)
}

// mentions tells whether a name stands in a text as a word of its own.
func mentions(text, name string) bool {
	part := func(b byte) bool {
		return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '_' || b == '-'
	}
	for from := 0; name != ""; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(name)
		if (at == 0 || !part(text[at-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
		from = end
	}
	return false
}

// freshOf finds the names whose values differ between good requests, which are meant to be the same but for what has to
// be new every time.
func freshOf(good []*Exchange) []string {
	seen := map[string]string{}
	var out []string
	note := func(name, value string) {
		if before, ok := seen[name]; ok && before != value && !slices.Contains(out, name) {
			out = append(out, name)
		}
		seen[name] = value
	}
	for _, x := range good {
		_, params := split(x.URL)
		for _, p := range params {
			note(paramName(p), p)
		}
		for _, h := range x.RequestHeader {
			note(h.Name, h.Value)
		}
		for _, l := range bodyLines(x.RequestBody) {
			if m := member.FindStringSubmatch(l); m != nil {
				note(m[1], strings.TrimSuffix(l, ","))
			}
		}
	}
	return out
}

// bodyLines indents JSON without touching its tokens; other bodies are split where they break.
func bodyLines(body string) []string {
	if body == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(strings.ReplaceAll(indented(body), "\r\n", "\n"), "\n"), "\n")
}

// deepest is how far JSON is indented: what a provider nests deeper than anyone reads would grow by the square of it.
const deepest = 64

// indented is JSON on lines of its own, its tokens as they were; what is no JSON stays as it is.
func indented(body string) string {
	depth := 0
	for i := range len(body) { // brackets inside strings count too, and do little harm
		switch body[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > deepest {
			return body
		}
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
		return body
	}
	return b.String()
}

// diffCells bounds the work of comparing two bodies; beyond it all that differs counts as replaced.
const diffCells = 250_000

// bodyDiff compares two bodies line by line by their longest common subsequence, commas at line ends left aside.
func bodyDiff(x *Exchange, was, is []string) []marked {
	equal := func(a, b string) bool {
		return a == b || strings.TrimSuffix(a, ",") == strings.TrimSuffix(b, ",") || x.sameMember(a, b)
	}
	take := func(w, s string) marked {
		if strings.TrimSuffix(w, ",") != strings.TrimSuffix(s, ",") {
			return marked{fresh, s}
		}
		return marked{same, s}
	}
	var head, tail []marked
	for len(was) > 0 && len(is) > 0 && equal(was[0], is[0]) {
		head = append(head, take(was[0], is[0]))
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && equal(was[len(was)-1], is[len(is)-1]) {
		tail = append(tail, take(was[len(was)-1], is[len(is)-1]))
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	slices.Reverse(tail)
	n, m := len(was), len(is)
	if n*m > diffCells {
		return slices.Concat(head, all(gone, was), all(added, is), tail)
	}
	long := make([][]int, n+1)
	for i := range long {
		long[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if equal(was[i], is[j]) {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && equal(was[i], is[j]):
			head = append(head, take(was[i], is[j]))
			i, j = i+1, j+1
		case j == m || i < n && long[i+1][j] >= long[i][j+1]:
			head = append(head, marked{gone, was[i]})
			i++
		default:
			head = append(head, marked{added, is[j]})
			j++
		}
	}
	return append(head, tail...)
}

func all(m lineMark, text []string) []marked {
	out := make([]marked, len(text))
	for i, t := range text {
		out[i] = marked{m, t}
	}
	return out
}

// member matches a line of indented JSON that holds one member with a scalar value.
var member = regexp.MustCompile(`^\s*"((?:[^"\\]|\\.)*)": [^\[{]`)

// sameMember tells whether two lines hold the same member, one whose value is new in every request.
func (x *Exchange) sameMember(a, b string) bool {
	p, q := member.FindStringSubmatch(a), member.FindStringSubmatch(b)
	return p != nil && q != nil && p[1] == q[1] && x.alwaysNew(p[1])
}
