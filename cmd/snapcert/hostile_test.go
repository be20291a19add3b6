package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// hostileText is what a provider would answer to harm whoever reads about it: mark-up, a script, a policy, a formula, an
// escape sequence, a bidirectional override, a zero-width space and the end of a Markdown table's cell.
const hostileText = "=HYPERLINK(\"http://evil.example\")|<script>alert(1)</script><img src=x onerror=alert(1)><meta http-equiv=refresh content=0>" +
	"`|\u202egnp.exe\u200b]]>\u0085 @everyone [x](javascript:alert(1)) \x1b[31mred\x1b]0;title\a"

// hostile answers as the sandbox does, with the message and a header replaced.
func hostile(inner http.Handler) http.Handler {
	message, err := json.Marshal(hostileText)
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err == nil && members["accessToken"] == nil {
			members["responseMessage"] = message
			members["=cmd|' /C calc'!A1"] = message
			body, _ = json.Marshal(members) // they were JSON just now
			body = bytes.ReplaceAll(body, []byte(`\u003c`), []byte("<"))
			body = bytes.ReplaceAll(body, []byte(`\u003e`), []byte(">"))
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Header().Set("X-Note", "<script>alert(2)</script>")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body) // a client that is gone wants nothing
	})
}

// Whatever a provider answers, it is shown as text in every file of a run and on the terminal.
func TestHostileProvider(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 3, Break: []sandbox.Break{{Rule: "paydia.account-creation.body.partnerReferenceNo.max", Mode: "accept"}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(hostile(s))
	defer server.Close()
	dir := t.TempDir()
	file := ""
	for _, target := range s.Targets(server.URL) {
		if target.Provider == "paydia" {
			if file, err = writeTarget(dir, target); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, lang := range []string{"en", "id"} {
		out := filepath.Join(dir, lang)
		var screen, messages bytes.Buffer
		if code := run([]string{"certify", "--verbose", "--target", file, "--lang", lang, "--out", out}, nil, &screen, &messages); code != exitBroken {
			t.Fatalf("exit code %d: %s%s", code, &screen, &messages)
		}
		harmless(t, "the screen", screen.String())
		harmless(t, "standard error", messages.String())
		if !strings.Contains(screen.String(), "<U+202E>") {
			t.Error("the screen does not show what was answered")
		}
		for _, name := range []string{"report.html", "summary.md", "junit.xml", "ctrf.json", "report.json", "exchanges.har", "lampiran-7c.csv", "lampiran-7c.xlsx"} {
			data, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			hostileChecks[filepath.Ext(name)](t, name, data)
		}
	}
}

var hostileChecks = map[string]func(*testing.T, string, []byte){
	".html": func(t *testing.T, name string, data []byte) {
		harmless(t, name, string(data))
		for _, tag := range []string{"<script", "<img", "<meta http-equiv=refresh"} {
			if bytes.Contains(data, []byte(tag)) {
				t.Errorf("%s holds %s as mark-up", name, tag)
			}
		}
		if !bytes.Contains(data, []byte("&lt;script&gt;alert(1)")) {
			t.Errorf("%s does not show what was answered", name)
		}
	},
	".md": func(t *testing.T, name string, data []byte) {
		harmless(t, name, string(data))
		for _, live := range []string{"<script", "<img", "](javascript:", "\n=HYPER"} {
			if bytes.Contains(data, []byte(live)) {
				t.Errorf("%s holds %q", name, live)
			}
		}
	},
	".xml": func(t *testing.T, name string, data []byte) {
		harmless(t, name, string(data))
		d := xml.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	},
	".json": jsonHolds,
	".har":  jsonHolds,
	".csv": func(t *testing.T, name string, data []byte) {
		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cells(t, name, rows)
	},
	".xlsx": func(t *testing.T, name string, data []byte) {
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer func() { _ = f.Close() }() // only read
		rows, err := f.GetRows(f.GetSheetName(0))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cells(t, name, rows)
	},
}

func jsonHolds(t *testing.T, name string, data []byte) {
	if !json.Valid(data) {
		t.Errorf("%s is no JSON", name)
	}
	if bytes.Contains(data, []byte("<script")) {
		t.Errorf("%s would be mark-up in a page", name)
	}
}

// cells wants no cell that a spreadsheet would reckon with, and the answers among them.
func cells(t *testing.T, name string, rows [][]string) {
	shown := false
	for _, row := range rows {
		for _, cell := range row {
			harmless(t, name, cell)
			shown = shown || strings.Contains(cell, "HYPERLINK")
			if trimmed := strings.TrimLeft(cell, " \t\n"); trimmed != "" && strings.ContainsRune("=+-@|%", rune(trimmed[0])) {
				t.Errorf("%s: the cell %.40q would be reckoned with", name, cell)
			}
		}
	}
	if !shown {
		t.Errorf("%s does not show what was answered", name)
	}
}

// harmless wants text in which no character acts.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s is no UTF-8", what)
	}
	for i, r := range text {
		if r != '\n' && r != '\t' && r != '\r' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%s holds %U after %.30q", what, r, text[max(0, i-30):i])
			return
		}
	}
}
