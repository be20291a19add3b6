package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
)

// hostileText does harm wherever it is not escaped.
const hostileText = "<script>alert(1)</script>\x1b[31m\" onload=\"x\u202e"

// sampleMatrix has a rule of each outcome: proven, tied, unseen, stray, excused, failed in the run.
func sampleMatrix() *Matrix {
	seen := func(mode string) MatrixBreak {
		return MatrixBreak{Mode: mode, On: "acme.thing", Verdict: Fail, Finding: hostileText, Requests: 10, Cases: []string{"acme.thing.a/over"}}
	}
	tied, stray := seen("code"), seen("accept")
	tied.Hits = []MatrixHit{{ID: "acme.thing.a", Ref: "X-1", Was: Pass, Verdict: Warn, Finding: "shows", Tie: "because " + hostileText}}
	stray.Hits = []MatrixHit{{ID: "acme.thing.a", Ref: "X-1", Was: Pass, Verdict: Fail, Finding: "shows"}}
	missed := seen("bytes")
	missed.Verdict = Pass
	row := func(n int, breaks ...MatrixBreak) MatrixRow {
		return MatrixRow{ID: fmt.Sprintf("acme.thing.%c", 'a'+n-1), Ref: fmt.Sprintf("X-%d", n), Endpoint: "acme.thing", Kind: "max", Text: "at most " + hostileText, Breaks: breaks}
	}
	m := &Matrix{
		Schema: MatrixSchema, Tool: Tool{Name: "snapcert", Version: "1", Go: "go1"}, Seed: 7, Workers: 2, Took: 3 * time.Second,
		Baselines: []Baseline{{Endpoint: "acme.thing", Rules: 6, Requests: 10}},
		Rows: []MatrixRow{row(1, seen("accept"), seen("tight")), row(2, tied), row(3, missed), row(4, stray), row(5),
			row(6, MatrixBreak{Mode: "accept", On: "acme.thing", Failure: hostileText})},
		Faults: []FaultRun{{Fault: "hang", Text: "never answers", Reach: "every answer", Standing: CouldNotTell, Counts: map[Verdict]int{Inconclusive: 6},
			Causes: []string{hostileText}, Requests: 3}},
		Styles: []StyleRun{{Style: "terse", Text: "of few words", Standing: Conformant, Counts: map[Verdict]int{Pass: 6}, Requests: 4,
			Warnings: []StyleWarning{{ID: "acme.thing.a", Ref: "X-1", Text: "differs"}, {ID: "acme.thing.b", Ref: "X-2", Text: "differs"}}}},
		Modes: []MatrixNote{{"accept", hostileText}},
	}
	m.Rows[0].Cases, m.Rows[0].Idle = 3, []string{"acme.thing.a/fits"}
	m.Rows[4].Untouched, m.Rows[4].Excused = "not testable: "+hostileText, true
	m.Sum()
	return m
}

func TestMatrixFigures(t *testing.T) {
	m := sampleMatrix()
	f := m.Figures
	want := MatrixFigures{Rules: 5, Killed: 2, Untouched: 1, Breaks: 6, Seen: 4, Declared: 1, Stray: 1, Cases: 3, Idle: 1, Providers: 9, Requests: 67, KillRate: 40}
	if f != want || m.Sound {
		t.Errorf("%+v, sound %v, want %+v", f, m.Sound, want)
	}
	for _, tc := range []struct {
		name  string
		sound bool
		with  func(*Matrix)
	}{
		{"all is well", true, func(*Matrix) {}},
		{"a rule that nothing breaks", false, func(m *Matrix) { m.Rows = append(m.Rows, MatrixRow{Untouched: "no way"}) }},
		{"a break unseen", false, func(m *Matrix) { m.Rows[0].Breaks[0].Verdict = Inconclusive }},
		{"a stray hit", false, func(m *Matrix) { m.Rows[0].Breaks[0].Hits = []MatrixHit{{ID: "x"}} }},
		{"a tie", true, func(m *Matrix) { m.Rows[0].Breaks[0].Hits = []MatrixHit{{ID: "x", Tie: "declared"}} }},
		{"a run that failed", false, func(m *Matrix) { m.Rows[0].Breaks[0].Failure = "panic" }},
		{"an unbroken provider that fails", false, func(m *Matrix) { m.Baselines[0].Flaws = []string{"x"} }},
		{"an accident under a fault", false, func(m *Matrix) { m.Faults[0].Flaws = []string{"x"} }},
		{"a false alarm", false, func(m *Matrix) { m.Styles[0].Flaws = []string{"x"} }},
		{"an interrupt", false, func(m *Matrix) { m.Interrupted = "stopped" }},
		{"nothing broken", false, func(m *Matrix) { m.Rows = nil }},
	} {
		good := sampleMatrix()
		good.Rows = good.Rows[:2]
		tc.with(good)
		if good.Sum(); good.Sound != tc.sound {
			t.Errorf("%s: sound %v", tc.name, good.Sound)
		}
	}
}

func TestMatrixHTMLIsInert(t *testing.T) {
	for name, m := range map[string]*Matrix{"sample": sampleMatrix(), "empty": {}} {
		var b bytes.Buffer
		if err := WriteMatrixHTML(&b, m); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, bad := range []string{"<script", "<link", "<img", "<iframe", " style=", "url(", "\x1b", "\u202e"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page contains %q", name, bad)
			}
		}
		if m := regexp.MustCompile(`<[^>]*\son\w+=`).FindString(page); m != "" {
			t.Errorf("%s: a handler: %s", name, m)
		}
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			ids[html.UnescapeString(m[1])]++
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if target, inside := strings.CutPrefix(html.UnescapeString(m[1]), "#"); !inside || ids[target] != 1 {
				t.Errorf("%s: link to %s leads nowhere, or out", name, m[1])
			}
		}
		if !strings.Contains(page, `Content-Security-Policy" content="default-src 'none'; style-src 'sha256-`) {
			t.Errorf("%s: no policy", name)
		}
	}
}

func TestMatrixConsole(t *testing.T) {
	m := sampleMatrix()
	var quiet, loud bytes.Buffer
	if err := (MatrixConsole{Width: 200}).Write(&quiet, m); err != nil {
		t.Fatal(err)
	}
	if err := (MatrixConsole{Width: 200, Verbose: true}).Write(&loud, m); err != nil {
		t.Fatal(err)
	}
	for text, in := range map[string]*bytes.Buffer{
		"NOT PROVEN acme.thing.c (X-3)": &quiet, "acme.thing.a (X-1) fail instead of pass": &quiet, "the run failed": &quiet,
		"NOT SOUND: proven 2 of 5 (40.0 %); 4 of 6 breaks seen; 1 declared tie, 1 stray; 1 of 3 cases idle": &quiet,
		"proven acme.thing.a (X-1)": &loud, "declared: because": &loud, "differs (X-1, X-2)": &loud, "hang, every answer": &loud, "acme.thing.a/fits": &loud,
	} {
		if !strings.Contains(in.String(), text) {
			t.Errorf("nothing says %q in\n%s", text, in)
		}
	}
	if strings.ContainsAny(loud.String(), "\x1b\u202e") {
		t.Error("control characters reach the terminal")
	}
}

func TestMatrixJSONRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if err := WriteMatrixJSON(&b, sampleMatrix()); err != nil {
		t.Fatal(err)
	}
	var again Matrix
	if err := json.Unmarshal(b.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	again.Sum()
	if again.Figures != sampleMatrix().Figures {
		t.Errorf("%+v", again.Figures)
	}
}
