package suites

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// askStatus holds the code against the status line. What a page says of its listed codes is no word on others.
func askStatus(r *contract.Rule, e *contract.Endpoint, a *answer, _ member) (*breach, bool) {
	if a.code == "" {
		return nil, false
	}
	if a.code.HTTP() == a.status {
		return nil, true
	}
	return &breach{
		text:     fmt.Sprintf("the HTTP status is %d where the response code says %d", a.status, a.code.HTTP()),
		expected: fmt.Sprintf("HTTP %d with %s", a.code.HTTP(), a.code),
		mild:     r.Endpoint == e && len(e.Codes) > 0 && codeRow(e, a.code) == nil,
	}, true
}

func askListed(r *contract.Rule, e *contract.Endpoint, a *answer, _ member) (*breach, bool) {
	if a.code == "" || a.code.Service() != e.Service {
		return nil, false
	}
	if codeRow(e, a.code) != nil || isSuccess(e, a.code) || slices.Contains(r.Values, string(a.code[:3])+a.code.Case()) {
		return nil, true
	}
	return &breach{text: fmt.Sprintf("%s is not among the listed response codes", a.code), expected: "a response code that is listed"}, true
}

// codeRow finds the row of an endpoint's code table.
func codeRow(e *contract.Endpoint, code snap.Code) *contract.Row {
	for i := range e.Codes {
		if snap.FillCode(e.Codes[i].Name, e.Service) == code {
			return &e.Codes[i]
		}
	}
	return nil
}

// askMessageText compares leniently: the row's words must come in the message, in order and side by side.
func askMessageText(_ *contract.Rule, e *contract.Endpoint, a *answer, m member) (*breach, bool) {
	row := codeRow(e, a.code)
	text, isText := m.value.(string)
	if a.code == "" || row == nil || row.Message == "" || !isText || snap.IsMasked(text) {
		return nil, false
	}
	want, got := plainWords(row.Message), plainWords(text)
	for i := 0; i+len(want) <= len(got); i++ {
		if slices.Equal(want, got[i:i+len(want)]) {
			return nil, true
		}
	}
	return &breach{
		text:     fmt.Sprintf("the message of %s is not worded as listed", a.code),
		expected: fmt.Sprintf("%s with “%s”", a.code, row.Message),
	}, true
}

// plainWords are the words of a message without what may differ: letter case, punctuation, what stands in brackets, and
// names of fields (which are written in mixed case or with a hyphen).
func plainWords(text string) []string {
	var kept strings.Builder
	depth := 0
	for _, c := range text {
		switch {
		case strings.ContainsRune("[{(<", c):
			depth++
		case strings.ContainsRune("]})>", c):
			depth = max(0, depth-1)
		case depth == 0 && (unicode.IsLetter(c) || unicode.IsDigit(c) || c == '-'):
			kept.WriteRune(c)
		case depth == 0:
			kept.WriteByte(' ')
		}
	}
	var words []string
	for _, w := range strings.Fields(kept.String()) {
		if w = strings.Trim(w, "-"); w != "" && !isFieldName(w) {
			words = append(words, strings.ToLower(w))
		}
	}
	return words
}

func isFieldName(word string) bool {
	if strings.Contains(word, "-") {
		return true
	}
	var before rune
	for _, c := range word {
		if unicode.IsUpper(c) && unicode.IsLower(before) {
			return true
		}
		before = c
	}
	return false
}
