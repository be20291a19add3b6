package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func htmlOf(t *testing.T, d *Dossier, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLHasNeitherScriptNorLinksOutside(t *testing.T) {
	for _, n := range []int{0, 1, 200} {
		page := htmlOf(t, dossier(n), HTMLOptions{})
		for _, bad := range []string{"<script", "javascript:", "<link", "<img", "<iframe", " style=", "@import", "url(", " on"} {
			if bad == " on" {
				if m := regexp.MustCompile(`<[^>]*\son\w+=`).FindString(page); m != "" {
					t.Errorf("a handler: %s", m)
				}
			} else if strings.Contains(page, bad) {
				t.Errorf("the page contains %q", bad)
			}
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") {
				t.Errorf("a link to %s", m[1])
			}
		}
	}
}

// TestHTMLPolicyAdmitsOnlyTheStyle recomputes what the policy says from what a browser would hash.
func TestHTMLPolicyAdmitsOnlyTheStyle(t *testing.T) {
	page := htmlOf(t, dossier(1), HTMLOptions{})
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if style == nil || policy == nil {
		t.Fatal("no style or no policy")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if got := html.UnescapeString(policy[1]); got != want {
		t.Errorf("policy is %s, should be %s", got, want)
	}
}

func TestHTMLHasAnAnchorForEveryRuleAndLink(t *testing.T) {
	d := dossier(5)
	page := htmlOf(t, d, HTMLOptions{})
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		ids[html.UnescapeString(m[1])]++
	}
	for _, r := range d.Report.Results {
		if ids[r.ID] != 1 {
			t.Errorf("rule %s has %d anchors", r.ID, ids[r.ID])
		}
	}
	for i := range d.Exchanges {
		if ids[fmt.Sprintf("x%d", i+1)] != 1 {
			t.Errorf("exchange %s is shown %d times", d.Exchanges[i].ID, ids[fmt.Sprintf("x%d", i+1)])
		}
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[html.UnescapeString(m[1])] == 0 {
			t.Errorf("link to %s leads nowhere", m[1])
		}
	}
}

func TestHTMLShowsTheChangeAgainstTheGoodRequest(t *testing.T) {
	page := htmlOf(t, dossier(1), HTMLOptions{})
	row := page[strings.Index(page, `<tbody id="alpha.account-creation.body.field0.max"`):]
	row = row[:strings.Index(row, "</tbody>")]
	for _, want := range []string{
		"<del>  \"partnerReferenceNo\": \"" + strings.Repeat("7", 36) + "\",</del>", "<ins>  \"partnerReferenceNo\": \"" + strings.Repeat("7", 37) + "\",</ins>",
		"POST http://127.0.0.1:8080/snap", "HTTP/1.1 200 OK", "11.84ms", "snapcert certify --rule P-000", "account-creation, Body, 0",
	} {
		if !strings.Contains(row, want) {
			t.Errorf("the row has no %s", want)
		}
	}
	if n := strings.Count(row, "<ins>") + strings.Count(row, "<del>"); n != 2 {
		t.Errorf("%d lines are marked, should be the changed one only", n)
	}
}

func TestHTMLFoldsAllOrNothing(t *testing.T) {
	closed, open := htmlOf(t, dossier(0), HTMLOptions{}), htmlOf(t, dossier(0), HTMLOptions{Open: true})
	if strings.Contains(closed, "<details open") || strings.Contains(open, "<details>") || strings.Count(closed, "<details>") != strings.Count(open, "<details open>") {
		t.Error("the print variant should differ in being unfolded only")
	}
}

// TestHTMLOfALargeRunStaysSmall is the promise of 1,000 rules and 5,000 exchanges in 10 MB with nothing said twice.
func TestHTMLOfALargeRunStaysSmall(t *testing.T) {
	d := large(1000, 5)
	page := htmlOf(t, d, HTMLOptions{})
	if len(page) > 10_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if n := strings.Count(page, "<article"); n != len(d.Exchanges) {
		t.Errorf("%d of %d exchanges are shown", n, len(d.Exchanges))
	}
	d = large(100, 3)
	if small := htmlOf(t, d, HTMLOptions{Limit: 150_000}); len(small) > 300_000 || !strings.Contains(small, "left out") || strings.Count(small, "<tbody id=") != 100 {
		t.Errorf("with a tight limit: %d bytes, %d rules", len(small), strings.Count(small, "<tbody id="))
	}
}

// large is a run of so many rules with so many exchanges each, whose answers have long bodies.
func large(rules, each int) *Dossier {
	r := sample(0)
	r.Results = slices.Grow(r.Results[:0], rules)
	d := &Dossier{Report: r}
	filler := strings.Repeat(`{"key":"<value>"},`, 200)
	for i := range rules {
		e := r.Endpoints[i%4].Name
		res := Result{ID: fmt.Sprintf("%s.body.f%d.max", e, i), Ref: fmt.Sprintf("P-%04d", i), Endpoint: e, Where: "body", Text: "a rule of some length", Level: "must", Basis: "documented",
			Cite: "page, Body, 1", State: "checked", Verdict: Pass, Repeat: "snapcert certify --rule P", Took: time.Millisecond}
		for k := range each {
			x := exchange(e, fmt.Sprintf("e%d-%d", i, k), 30+k)
			x.Rules, x.Change, x.ResponseBody = []string{res.ID}, "longer", filler
			d.Exchanges = append(d.Exchanges, x)
			res.Cases = append(res.Cases, Case{ID: x.Case, Change: x.Change, Expected: "refused", Received: "refused", Verdict: Pass, Exchanges: []string{x.ID}})
		}
		r.Results = append(r.Results, res)
	}
	settle(r)
	return d
}

func TestLanguagesHaveTheSameMessages(t *testing.T) {
	en, err := messages(English)
	if err != nil {
		t.Fatal(err)
	}
	id, err := messages(Indonesian)
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, text := range en {
		if id[key] == "" {
			t.Errorf("id lacks %q", key)
		}
		if a, b := verbs.FindAllString(text, -1), verbs.FindAllString(id[key], -1); !slices.Equal(a, b) {
			t.Errorf("%q takes %v in en and %v in id", key, a, b)
		}
	}
	for key := range id {
		if en[key] == "" {
			t.Errorf("en lacks %q", key)
		}
	}
	for _, v := range Verdicts {
		if en["verdict-"+string(v)] == "" || en["explain-"+string(v)] == "" {
			t.Errorf("no words for verdict %s", v)
		}
	}
}

// TestTemplatesUseKnownMessages finds a key that is misspelt in a template: it would show as itself.
func TestTemplatesUseKnownMessages(t *testing.T) {
	en, err := messages(English)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"html/front.tmpl", "html/chapters.tmpl"} {
		text, err := htmlFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bt "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			if en[m[1]] == "" {
				t.Errorf("%s uses %q, which no language has", name, m[1])
			}
		}
	}
}

func TestHTMLInIndonesian(t *testing.T) {
	d := dossier(1)
	d.Lang = Indonesian
	page := htmlOf(t, d, HTMLOptions{})
	for _, want := range []string{`<html lang="id">`, "Laporan kesesuaian", "Tidak sesuai", "Tidak diuji", "Daftar isi"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	d.Lang = "fr"
	if err := WriteHTML(&bytes.Buffer{}, d, HTMLOptions{}); err == nil {
		t.Error("a language without messages is taken")
	}
}

func BenchmarkHTML(b *testing.B) {
	d := large(1000, 5)
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteHTML(&out, d, HTMLOptions{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len()), "bytes")
	}
}
