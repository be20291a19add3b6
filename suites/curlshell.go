package suites

import (
	"regexp"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// shell quotes text for a shell, each mask in it as the variable that holds its value.
func (l *line) shell(text, item string) string {
	var b strings.Builder
	b.WriteByte('\'')
	rest := 0
	for _, span := range maskPattern.FindAllStringIndex(text, -1) {
		b.WriteString(strings.ReplaceAll(text[rest:span[0]], "'", `'\''`))
		rest = span[1]
		name := item
		if name == "" {
			name = itemAt(text[:span[0]])
		}
		if row := rowOf(l.call, name); row != nil && row.From == contract.FromSeamlessSign {
			b.WriteString(SeamlessMark)
			continue
		}
		b.WriteString(`'"` + l.variable(text[span[0]:span[1]], name) + `"'`)
	}
	b.WriteString(strings.ReplaceAll(text[rest:], "'", `'\''`))
	b.WriteByte('\'')
	return b.String()
}

// variable is what a shell puts in place of a mask; it stops where the variable is not set. A value that was made for the change has no name of its own: the shell
// asks for it.
func (l *line) variable(mask, item string) string {
	if name := l.known[mask]; name != "" {
		return "${" + name + ":?}"
	}
	name := envOf(l.call, item)
	if !l.changed[strings.ToLower(item)] && (l.about == "" || rowOf(l.call, item) != nil) {
		return "${" + name + ":?}"
	}
	return "${" + name + "_CHANGED:?" + strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"\\$`{}\n'", r) {
			return ' '
		}
		return r
	}, l.about) + "}"
}

// shellWord quotes a word where a shell needs it.
func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._/:=,-]+$`)
