package reports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

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
