package suites

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Encodings of a JSON document inside a string, as rows name them.
const urlJSON = "url-json"

// bareDocument undoes a row's encoding.
func bareDocument(encoding, text string) (string, error) {
	if encoding != urlJSON {
		return text, nil
	}
	bare, err := url.PathUnescape(text)
	if err != nil {
		return "", fmt.Errorf("percent-encoded document: %w", err)
	}
	return bare, nil
}

// encodeDocument percent-encodes as browsers' encodeURIComponent does: a space is %20, never a plus sign.
func encodeDocument(encoding, bare string) string {
	if encoding != urlJSON {
		return bare
	}
	return strings.ReplaceAll(url.QueryEscape(bare), "+", "%20")
}

// documentOfLength pads a document with white space that JSON ignores, so that its members stay as they are. Encoded,
// a space is three characters long; what is left over is made up by percent-encoding a letter or digit, which adds two.
func documentOfLength(encoding, good string, n int) (string, error) {
	missing := n - utf8.RuneCountInString(good)
	bare, err := bareDocument(encoding, good)
	if err != nil {
		return "", err
	}
	end := strings.LastIndexByte(bare, '}')
	if missing < 0 || end < 0 || !json.Valid([]byte(bare)) {
		return "", errNoSuchValue
	}
	if encoding != urlJSON {
		return bare[:end] + strings.Repeat(" ", missing) + bare[end:], nil
	}
	letters := 0
	for (missing-2*letters)%3 != 0 {
		letters++
	}
	if missing < 2*letters {
		return "", errNoSuchValue
	}
	text := encodeDocument(encoding, bare[:end]) + strings.Repeat("%20", (missing-2*letters)/3) + encodeDocument(encoding, bare[end:])
	text = escapeLetters(text, letters)
	return text, check(utf8.RuneCountInString(text) == n)
}

// escapeLetters percent-encodes the first count characters that need no encoding.
func escapeLetters(text string, count int) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text):
			out.WriteString(text[i : i+3])
			i += 2
		case count > 0:
			fmt.Fprintf(&out, "%%%02X", c)
			count--
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// keepMembers leaves only the named members in a JSON object and keeps their order and spelling.
func keepMembers(object string, names []string) (string, error) {
	dec := json.NewDecoder(strings.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	var kept []string
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return "", fmt.Errorf("document: %w", err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return "", fmt.Errorf("document: %w", err)
		}
		for _, wanted := range names {
			if name == wanted {
				kept = append(kept, spell(wanted)+":"+string(value))
			}
		}
	}
	return "{" + strings.Join(kept, ",") + "}", nil
}

// memberNames lists the members of a JSON object in order; nil for anything else.
func memberNames(object string) []string {
	dec := json.NewDecoder(strings.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	names := []string{}
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return nil
		}
		if text, ok := name.(string); ok {
			names = append(names, text)
		}
	}
	return names
}
