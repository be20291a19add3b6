package suites

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// replaceMiddle puts one character in the place of the middle one; a prefix is no part of the value.
func replaceMiddle(good, prefix, char string) string {
	runes := []rune(strings.TrimPrefix(good, prefix))
	if len(runes) == 0 {
		return prefix + char
	}
	middle := len(runes) / 2
	return prefix + string(runes[:middle]) + char + string(runes[middle+1:])
}

// otherLike draws a value that looks like good: digits for digits, letters of the same case for letters, the rest as it
// is. It never equals good. Of a JWT only the signature is drawn: one whose parts cannot even be read would be refused by
// a provider that never looks at the signature.
func otherLike(good string, random *rand.Rand) string {
	if last := strings.LastIndexByte(good, '.'); strings.HasPrefix(good, "eyJ") && strings.Count(good, ".") == 2 && last < len(good)-1 {
		return good[:last+1] + otherLike(good[last+1:], random)
	}
	const upper, lower = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
	out := []rune(good)
	for i, c := range out {
		switch {
		case c >= '0' && c <= '9':
			out[i] = rune('0' + random.IntN(10))
		case c >= 'A' && c <= 'Z':
			out[i] = rune(upper[random.IntN(len(upper))])
		case c >= 'a' && c <= 'z':
			out[i] = rune(lower[random.IntN(len(lower))])
		}
	}
	if string(out) != good {
		return string(out)
	}
	for i, c := range out {
		switch {
		case c >= '0' && c <= '8' || c >= 'A' && c <= 'Y' || c >= 'a' && c <= 'y':
			out[i]++
			return string(out)
		case c == '9' || c == 'Z' || c == 'z':
			out[i]--
			return string(out)
		}
	}
	return good + "0"
}

func swapCase(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsUpper(c) {
			return unicode.ToLower(c)
		}
		return unicode.ToUpper(c)
	}, s)
}

// escapeJSON spells a JSON string otherwise: slashes as \/ and its first letter or digit as \u00XX. Every parser reads
// the same text.
func escapeJSON(raw json.RawMessage) json.RawMessage {
	var out strings.Builder
	done := false
	text := string(raw)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			out.WriteString(text[i : i+2])
			i++
		case c == '/':
			out.WriteString(`\/`)
		case !done && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'):
			fmt.Fprintf(&out, `\u%04x`, c)
			done = true
		default:
			out.WriteByte(c)
		}
	}
	return json.RawMessage(out.String())
}

// otherPath lengthens a path by a character, or replaces its version segment when what is given is one.
func otherPath(path, with string) string {
	if !strings.HasPrefix(with, "/") {
		return path + with
	}
	at := versionSegment.FindStringIndex(path)
	if at == nil {
		return path + with
	}
	segment := strings.TrimSuffix(with, "/")
	if strings.HasSuffix(path[at[0]:at[1]], "/") {
		segment += "/"
	}
	return path[:at[0]] + segment + path[at[1]:]
}

// memberText is the text of a member of a JSON object by its dotted path; numbers as they are spelled.
func memberText(body []byte, path string) (string, bool) {
	raw := json.RawMessage(body)
	for _, name := range strings.Split(path, ".") {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return "", false
		}
		next, ok := object[name]
		if !ok {
			return "", false
		}
		raw = next
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, text != ""
	}
	if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		return string(raw), true
	}
	return "", false
}
