package reports

import (
	"embed"
	"encoding/json"
	"fmt"
)

// Lang is the language of a report's own words. Rules, findings and evidence stay as they were written.
type Lang string

// The languages.
const (
	English    Lang = "en"
	Indonesian Lang = "id"
)

//go:embed lang/*.json
var langFiles embed.FS

// ParseLang reads a language tag; "" is English.
func ParseLang(s string) (Lang, error) {
	switch Lang(s) {
	case "", English:
		return English, nil
	case Indonesian:
		return Indonesian, nil
	}
	return "", fmt.Errorf("no report in language %q; there are en and id", s)
}

// messages is the catalogue of a language.
func messages(l Lang) (map[string]string, error) {
	if l == "" {
		l = English
	}
	data, err := langFiles.ReadFile("lang/" + string(l) + ".json")
	if err != nil {
		return nil, fmt.Errorf("no report in language %q: %w", l, err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("reading the messages of language %q: %w", l, err)
	}
	return m, nil
}
