package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
)

// mostFacts bounds what a profile in a file can put on the page.
const mostFacts = 40

// profileFacts lists a profile's members in their own order and words, so that the page shows what was asked for without
// knowing each of them.
func profileFacts(profile json.RawMessage) []fact {
	d := json.NewDecoder(bytes.NewReader(profile))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []fact
	for d.More() && len(out) < mostFacts {
		name, err := d.Token()
		if err != nil {
			return out
		}
		text, err := flat(d, false)
		if err != nil {
			return out
		}
		if key, ok := name.(string); ok && text != "" {
			out = append(out, fact{cut(hyphened(key), 40), cut(text, 600)})
		}
	}
	return out
}

// hyphened turns a member's name into that of the profile's file: "warmUp" is "warm-up" there.
func hyphened(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// flat writes the next value on one line: "rate 100/1s, for 5s; rate 10/1s, for 1m".
func flat(d *json.Decoder, inside bool) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	switch v := t.(type) {
	case json.Delim:
		separator := "; "
		if v == '{' || inside {
			separator = ", "
		}
		var parts []string
		for d.More() {
			part := ""
			if v == '{' {
				name, err := d.Token()
				if err != nil {
					return "", err
				}
				part, _ = name.(string)
				part += " "
			}
			text, err := flat(d, true)
			if err != nil {
				return "", err
			}
			parts = append(parts, part+text)
		}
		if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.Join(parts, separator), nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		if v {
			return "yes", nil
		}
		return "no", nil
	}
	return "", nil
}
