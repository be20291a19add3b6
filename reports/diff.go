package reports

import (
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
	out = append(out, named(x, paramLines(goodParams), paramLines(params))...)
	out = append(out, named(x, headerLines(good.RequestHeader), headerLines(x.RequestHeader))...)
	was, is := bodyLines(good.RequestBody), bodyLines(x.RequestBody)
	if len(was)+len(is) > 0 {
		out = append(out, marked{Text: ""})
	}
	return append(out, bodyDiff(x, was, is)...)
}

// namedLine is a line that has a name: a header or a parameter.
type namedLine struct{ name, text string }

func headerLines(headers []Header) []namedLine {
	var out []namedLine
	for _, h := range headers {
		out = append(out, namedLine{h.Name, h.Name + ": " + h.Value})
	}
	return out
}

func paramLines(params []string) []namedLine {
	var out []namedLine
	for i, p := range params {
		lead := "&"
		if i == 0 {
			lead = "?"
		}
		out = append(out, namedLine{paramName(p), "  " + lead + p})
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
