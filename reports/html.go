package reports

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

//go:embed html
var htmlFiles embed.FS

// HTMLOptions say how report.html is made.
type HTMLOptions struct {
	Open  bool // every exchange unfolded, to be printed
	Limit int  // bytes the file should stay below; 0 means 9.5 MB
}

// htmlLimit is the size that still opens at once.
const htmlLimit = 9_500_000

// WriteHTML writes report.html: one file with no script, no link to the outside and a policy that forbids both. A file
// that grows beyond the limit is made again with less evidence in it, and says so; the verdicts are never left out.
func WriteHTML(w io.Writer, d *Dossier, o HTMLOptions) error {
	if o.Limit <= 0 {
		o.Limit = htmlLimit
	}
	b := &bounded{limit: o.Limit}
	for _, t := range []thrift{thriftNone, thriftSome, thriftPasses} {
		b.Reset()
		if t == thriftPasses {
			b.limit = math.MaxInt
		}
		err := renderHTML(b, d, o, t)
		if errors.Is(err, errLarge) {
			continue
		}
		if err != nil {
			return fmt.Errorf("writing report.html: %w", err)
		}
		break
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing report.html: %w", err)
	}
	return nil
}

// bounded stops the rendering of a page that grows too large, rather than finish what will be thrown away.
type bounded struct {
	bytes.Buffer
	limit int
}

var errLarge = errors.New("the page is too large")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		return 0, errLarge
	}
	return b.Buffer.Write(p)
}

// thrift is how much evidence is left out to keep the file small.
type thrift int

const (
	thriftNone   thrift = iota
	thriftSome          // shorter bodies, command lines only where something went wrong
	thriftPasses        // exchanges of rules that held are left out
)

// bodyLimit is how many characters of a body are shown.
func (t thrift) bodyLimit() int {
	if t == thriftNone {
		return 2000
	}
	return 400
}

func renderHTML(w io.Writer, d *Dossier, o HTMLOptions, t thrift) error {
	said, err := messages(d.Lang)
	if err != nil {
		return err
	}
	style, hash, err := styled("html/style.css")
	if err != nil {
		return err
	}
	c := catalogue(said)
	book, err := OpenPhrasebook(cmp.Or(d.Lang, English))
	if err != nil {
		return err
	}
	tmpl, err := template.New("report").Funcs(c.funcs(book)).ParseFS(htmlFiles, "html/*.tmpl")
	if err != nil {
		return fmt.Errorf("reading the templates: %w", err)
	}
	p := newPage(d, c, o, t)
	p.Style, p.StyleHash = style, hash
	return tmpl.ExecuteTemplate(w, "report", p)
}

// styled is style sheets of ours and what the page's policy has to say to admit them, and nothing else: mark-up that was
// injected could not even be styled.
func styled(names ...string) (template.HTML, template.HTMLAttr, error) {
	var css strings.Builder
	for _, name := range names {
		data, err := htmlFiles.ReadFile(name)
		if err != nil {
			return "", "", fmt.Errorf("reading the style: %w", err)
		}
		css.Write(data)
	}
	sum := sha256.Sum256([]byte(css.String()))
	return template.HTML("<style>" + css.String() + "</style>"), //nolint:gosec // our own files
		template.HTMLAttr("sha256-" + base64.StdEncoding.EncodeToString(sum[:])), nil
}

// catalogue holds the messages of one language.
type catalogue map[string]string

// say is a message with its numbers filled in. An unknown key shows itself.
func (c catalogue) say(key string, args ...any) string {
	text, ok := c[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// count is a number of things: "rules", "cases", "exchanges".
func (c catalogue) count(what string, n int) string {
	if n == 1 {
		return c.say(what+"-one", n)
	}
	return c.say(what+"-many", n)
}

// named is the message for a value of a closed set, or the value itself when data brought another.
func (c catalogue) named(prefix, value string) string {
	if text, ok := c[prefix+value]; ok {
		return text
	}
	return visible(value, false)
}

func (c catalogue) funcs(book *Phrasebook) template.FuncMap {
	text := func(v any) string { return fmt.Sprint(v) }
	return template.FuncMap{
		"t": c.say, "count": c.count,
		"standing": func(s Standing) string { return c.named("standing-", string(s)) },
		"verdict":  func(v Verdict) string { return c.named("verdict-", string(v)) },
		"explain":  func(v Verdict) string { return c.named("explain-", string(v)) },
		"level":    func(s string) string { return c.named("level-", s) },
		"basis":    func(s string) string { return c.named("basis-", s) },
		"where":    func(s string) string { return c.named("where-", s) },
		"tone":     func(v any) string { return tones[text(v)].class },
		"sign":     func(v any) string { return tones[text(v)].sign },
		"show":     func(s string) string { return visible(strings.ReplaceAll(s, "\r\n", "\n"), true) },
		"tell": func(s string) string { // a sentence of the tool's own
			said, _ := book.Say(s)
			return visible(strings.ReplaceAll(said, "\r\n", "\n"), true)
		},
		"raw":          rawText,
		"short":        (*Result).short,
		"findings":     func(r *Result) []Finding { return r.Findings[:min(len(r.Findings), maxFindings)] },
		"firstFinding": func(r *Result) []Finding { return r.Findings[:min(len(r.Findings), 1)] },
		"surplus": func(r *Result) string {
			if n := len(r.Findings) - maxFindings; n > 0 {
				return c.say("findings-more", n)
			}
			return ""
		},
	}
}

// rawText is hostile text for the content of an element, never for an attribute. html/template would escape quotes too,
// which doubles the size of JSON.
func rawText(s string) template.HTML {
	s = visible(s, true)
	if strings.ContainsAny(s, "&<>") {
		s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
	}
	return template.HTML(s) //nolint:gosec // escaped just now
}

// tones give each verdict and standing a colour class and a sign, so that neither colour nor words have to be read alone.
var tones = map[string]struct{ class, sign string }{
	string(Pass): {"good", "✓"}, string(Fail): {"bad", "✗"}, string(Warn): {"doubt", "!"}, string(Skip): {"soft", "–"},
	string(Inconclusive): {"odd", "?"}, string(Error): {"odd", "⚠"}, string(Known): {"doubt", "≈"}, string(StaleWaiver): {"bad", "✗"}, string(NotRun): {"soft", "○"},
	string(Conformant): {"good", "✓"}, string(Partial): {"doubt", "◐"}, string(NotConformant): {"bad", "✗"}, string(CouldNotTell): {"odd", "?"}, string(IncompleteRun): {"odd", "○"},
}
