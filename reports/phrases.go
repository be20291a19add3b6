package reports

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed lang/phrases/*.json
var phraseFiles embed.FS

// Phrasebook puts the tool's own sentences, which reach a report in English, into the language of its reader. Rules,
// changes, findings and reasons are made from few patterns, so a list of those covers them; what no pattern knows, such
// as a note of a contract or an answer, stays as it was written. It is for one goroutine.
type Phrasebook struct {
	sorts map[string][]phrase // by what a pattern's places ask for: sentences, kinds, lengths, parts
	parts *strings.Replacer   // the longest first
	known map[string]string
}

// phrase is one pattern. Its places are {w} for a word, {n} for a number, {q} for text that stays, {t} for text that is
// another phrase, {k} for a kind of value, {l} for a length. In the translation {1} is the first place; {1~} translates a
// place that stays, {1,} one that is a list of parts.
type phrase struct {
	begin  string // what stands before the first place: most patterns are told apart by it
	match  *regexp.Regexp
	places []string
	out    string
}

// OpenPhrasebook reads the phrases of a language; English has none and needs none.
func OpenPhrasebook(l Lang) (*Phrasebook, error) {
	b := &Phrasebook{sorts: map[string][]phrase{}, known: map[string]string{}}
	data, err := phraseFiles.ReadFile("lang/phrases/" + string(l) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the phrases of %s: %w", l, err)
	}
	var file map[string][][2]string
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("reading the phrases of %s: %w", l, err)
	}
	var parts []string
	for _, pair := range file["parts"] {
		parts = append(parts, pair[0], pair[1])
	}
	b.parts = strings.NewReplacer(parts...)
	for sort, pairs := range file {
		for _, pair := range pairs {
			b.sorts[sort] = append(b.sorts[sort], newPhrase(pair[0], pair[1]))
		}
	}
	return b, nil
}

var place = regexp.MustCompile(`\{[a-z1-9][~,]?\}`)

func newPhrase(pattern, out string) phrase {
	p := phrase{out: out, places: place.FindAllString(pattern, -1)}
	p.begin, _, _ = strings.Cut(pattern, "{")
	var b strings.Builder
	b.WriteString("(?s)^")
	rest := 0
	for _, at := range place.FindAllStringIndex(pattern, -1) {
		b.WriteString(regexp.QuoteMeta(pattern[rest:at[0]]))
		b.WriteString(map[string]string{"{w}": `(\S+?)`, "{n}": `(\d+)`}[pattern[at[0]:at[1]]])
		if s := pattern[at[0]:at[1]]; s != "{w}" && s != "{n}" {
			b.WriteString(`(.+?)`)
		}
		rest = at[1]
	}
	b.WriteString(regexp.QuoteMeta(pattern[rest:]) + "$")
	p.match = regexp.MustCompile(b.String())
	return p
}

// Say is a text in the reader's language, and whether a pattern knew it.
func (b *Phrasebook) Say(text string) (string, bool) {
	if len(b.sorts) == 0 || text == "" {
		return text, false
	}
	if said, ok := b.known[text]; ok {
		return said, said != text
	}
	said, ok := b.as("phrases", text)
	b.known[text] = said
	return said, ok
}

// as translates a text as one of a sort; a text that none of the sort's patterns fits stays.
func (b *Phrasebook) as(sort, text string) (string, bool) {
next:
	for _, p := range b.sorts[sort] {
		if !strings.HasPrefix(text, p.begin) {
			continue
		}
		found := p.match.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		for i, kind := range p.places {
			value, ok := found[i+1], true
			switch kind {
			case "{k}":
				value, ok = b.as("kinds", value)
			case "{l}":
				value, ok = b.as("lengths", value)
			case "{t}":
				value, _ = b.as("phrases", value)
			}
			if !ok {
				continue next
			}
			found[i+1] = value
		}
		return place.ReplaceAllStringFunc(p.out, func(mark string) string {
			value := found[mark[1]-'0']
			switch mark[2] {
			case '~':
				value, _ = b.as("phrases", value)
			case ',':
				value = b.list(value)
			}
			return value
		}), true
	}
	return text, false
}

// list translates a list in words: the names of parts in it, and what joins them.
func (b *Phrasebook) list(text string) string { return b.parts.Replace(text) }
