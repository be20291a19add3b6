package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// inert fails when text holds a character that acts: no control character but line breaks and tabs, no bidi, no
// zero-width character, and only whole UTF-8.
func inert(t interface{ Errorf(string, ...any) }, what, text string) {
	if !utf8.ValidString(text) {
		t.Errorf("%s is no UTF-8", what)
	}
	for i, r := range text {
		if r == '\n' || r == '\t' || r == '\r' {
			continue
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%s holds %U: %q", what, r, text[max(0, i-20):min(len(text), i+20)])
			return
		}
	}
}

func rendered(t *testing.T, write func(io.Writer, *Dossier) error, d *Dossier) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func paper(t *testing.T, name string, d *Dossier) string {
	t.Helper()
	for _, p := range Papers() {
		if p.Name == name {
			return rendered(t, p.Write, d)
		}
	}
	t.Fatalf("no paper %s", name)
	return ""
}

func TestHostileTerminal(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		plain := rendered(t, func(w io.Writer, d *Dossier) error { return Console{Verbose: verbose}.Write(w, d.Report) }, hostileDossier())
		inert(t, "the screen", plain)
		coloured := rendered(t, func(w io.Writer, d *Dossier) error {
			return Console{Color: true, Verbose: verbose}.Write(w, d.Report)
		}, hostileDossier())
		ours := regexp.MustCompile("\x1b\\[[0-9;]*m")
		inert(t, "the screen without our colours", ours.ReplaceAllString(coloured, ""))
		if strings.Contains(coloured, "\x1b[31mred") {
			t.Error("a colour of the evidence took effect")
		}
	}
}

func TestHostileHTML(t *testing.T) {
	for _, o := range []HTMLOptions{{}, {Open: true}} {
		page := htmlOf(t, hostileDossier(), o)
		inert(t, "report.html", page)
		for _, bad := range []string{"<script>", "<img", `href="javascript:`, `href="http`} {
			if strings.Contains(page, bad) {
				t.Errorf("report.html contains %s", bad)
			}
		}
		if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") || !strings.Contains(page, "&lt;U+202E&gt;") {
			t.Error("the evidence is not shown as text")
		}
		balanced(t, page)
	}
}

// balanced checks that evidence opened or closed no element: every end tag fits the element that is open.
func balanced(t *testing.T, page string) {
	t.Helper()
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta" || m[2] == "br" || m[2] == "col" || m[2] == "p" || m[2] == "li":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("</%s> closes %v", m[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
}

func TestHostileMarkdown(t *testing.T) {
	c := Compare(sample(2), hostile())
	for name, text := range map[string]string{
		"summary.md":     paper(t, "summary.md", hostileDossier()),
		"the comparison": rendered(t, func(w io.Writer, _ *Dossier) error { return c.WriteMarkdown(w) }, nil),
	} {
		inert(t, name, strings.ReplaceAll(text, "&#8288;", ""))
		bare := regexp.MustCompile("(?s)(`+)[^`].*?[^`]?(`+)").ReplaceAllString(text, "") // what stands in code spans has no effect
		for _, bad := range []string{"<script", "<img", "](", "@everyone", "://", "#1 "} {
			if i := strings.Index(bare, bad); i >= 0 {
				t.Errorf("%s lets %q take effect: %q", name, bad, bare[max(0, i-40):min(len(bare), i+40)])
			}
		}
		for _, row := range strings.Split(text, "\n") {
			if strings.HasPrefix(row, "::") || strings.HasPrefix(row, "%0A::") {
				t.Errorf("%s holds a workflow command: %s", name, row)
			}
		}
	}
}

// TestHostileMarkdownTables finds cells that were split: every row has as many pipes as the head of its table.
func TestHostileMarkdownTables(t *testing.T) {
	pipes := regexp.MustCompile(`(^|[^\\])\|`)
	want := 0
	for _, row := range strings.Split(paper(t, "summary.md", hostileDossier()), "\n") {
		if !strings.HasPrefix(row, "|") {
			want = 0
			continue
		}
		got := len(pipes.FindAllString(strings.ReplaceAll(row, "||", "| |"), -1))
		if want == 0 {
			want = got
		}
		if got != want {
			t.Errorf("a row has %d bars, its table %d: %.200s", got, want, row)
		}
	}
}

func TestHostileXML(t *testing.T) {
	text := paper(t, "junit.xml", hostileDossier())
	inert(t, "junit.xml", text)
	d := xml.NewDecoder(strings.NewReader(text))
	found := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
			t.Error("evidence became an element")
		}
		if c, ok := token.(xml.CharData); ok && strings.Contains(string(c), "<script>alert(1)</script>") {
			found = true
		}
	}
	if !found {
		t.Error("the evidence is not in junit.xml")
	}
}

func TestHostileSpreadsheet(t *testing.T) {
	d := hostileDossier()
	for _, prefix := range []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1", "|x"} {
		d.Form.Rows = append(d.Form.Rows, FormRow{No: prefix, Service: prefix, Scenario: prefix, Expected: prefix, Note: prefix, Rules: []string{d.Report.Results[0].ID}})
	}
	risky := regexp.MustCompile(`^\s*[=+\-@＝＋－＠|%]`)
	check := func(where string, rows [][]string) {
		for _, row := range rows {
			for _, c := range row {
				inert(t, where, c)
				if risky.MatchString(c) {
					t.Errorf("%s holds a cell that begins a formula: %.40q", where, c)
				}
			}
		}
	}
	check("the CSV", csvRows(t, d))
	f, rows := xlsxRows(t, d)
	check("the workbook", rows)
	name := f.GetSheetName(0)
	for r := range rows {
		for c := range 8 {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				t.Fatal(err)
			}
			formula, err1 := f.GetCellFormula(name, at)
			linked, _, err2 := f.GetCellHyperLink(name, at)
			if err1 != nil || err2 != nil || formula != "" || linked {
				t.Errorf("%s: formula %q, link %v (%v %v)", at, formula, linked, err1, err2)
			}
		}
	}
}

func TestHostileJSON(t *testing.T) {
	for _, name := range []string{"report.json", "ctrf.json", "exchanges.har"} {
		text := paper(t, name, hostileDossier())
		if !json.Valid([]byte(text)) || strings.Contains(text, "<script") || strings.ContainsAny(text, "\x00\x1b\x07") {
			t.Errorf("%s is no JSON, or holds mark-up or control characters", name)
		}
	}
	if _, err := ReadJSON("report.json", strings.NewReader(paper(t, "report.json", hostileDossier()))); err != nil {
		t.Error(err)
	}
}

// TestLongEvidenceFitsEveryFormat has one answer of more than a hundred thousand characters.
func TestLongEvidenceFitsEveryFormat(t *testing.T) {
	d := dossier(1)
	long := strings.Repeat("<é=", 40_000)
	d.Exchanges[4].ResponseBody, d.Report.Results[0].Findings[0].Received, d.Exchanges[4].RequestBody = long, long, long
	for _, p := range Papers() {
		text := rendered(t, p.Write, d)
		if p.Name == "summary.md" && len(text) > 1<<20 {
			t.Errorf("summary.md has %d bytes", len(text))
		}
		if p.Name == "exchanges.har" && strings.Count(text, "é") < 80_000 {
			t.Error("the HAR lost evidence")
		}
	}
	xlsxRows(t, d)
}

func TestSanitisersOnAnyText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "text")
		inert(r, "visible", visible(s, false))
		inert(r, "cell", cell(s))
		inert(r, "code", code(s))
		for name, text := range map[string]string{"line": line(s), "prose": prose(s), "code": code(s)} {
			if strings.ContainsAny(text, "\n\r\t") {
				r.Errorf("%s breaks the line: %q", name, text)
			}
		}
		if strings.ContainsAny(prose(s), "<>") {
			r.Errorf("prose lets mark-up through: %q", prose(s))
		}
		if strings.ContainsAny(string(rawText(s)), "<>") {
			r.Errorf("rawText lets mark-up through: %q", rawText(s))
		}
	})
}
