package reports

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func screenOf(t *testing.T, c Console, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := c.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestScreenTellsEachFailure(t *testing.T) {
	got := screenOf(t, Console{}, sample(1))
	for _, want := range []string{
		"alpha.account-creation  06  not conformant       1", "1. fail P-000 alpha.account-creation.body.field0.max", "sent      11 characters instead of 5",
		"expected  refused with 4000601 (HTTP 400) (must, documented: account-creation, Body, 0)", "received  HTTP 200, 2000600", "repeat    snapcert certify --rule P-000",
		"1 warning\n", "P-007 a better fit is 4000602", "2 not tested\n", "NOT CONFORMANT: 1 rule broken;",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen has no %q:\n%s", want, got)
		}
	}
}

func TestScreenIsPlainWithoutColour(t *testing.T) {
	if got := screenOf(t, Console{}, sample(5)); strings.Contains(got, "\x1b") {
		t.Error("there are escapes")
	}
	if got := screenOf(t, Console{Color: true}, sample(5)); !strings.Contains(got, "\x1b[1;31m") {
		t.Error("there is no red")
	}
}

func TestScreenOfACleanRunIsShort(t *testing.T) {
	got := screenOf(t, Console{Width: 80}, sample(0))
	if n := strings.Count(got, "\n"); n > 24 {
		t.Errorf("it takes %d lines", n)
	}
	for _, l := range strings.Split(got, "\n") {
		if utf8.RuneCountInString(l) > 80 {
			t.Errorf("wider than the terminal: %s", l)
		}
	}
}

// TestScreenFoldsWhatOneCauseExplains has a whole endpoint that could not be judged: one cause, a line a rule.
func TestScreenFoldsWhatOneCauseExplains(t *testing.T) {
	r := sample(0)
	r.Causes = []Cause{{ID: "c", Text: "the good request was answered 401"}}
	for i := range r.Results {
		if res := &r.Results[i]; res.Endpoint == "alpha.binding" {
			res.Verdict, res.Cause, res.Reason = Inconclusive, "c", "the good request was answered 401"
			r.Causes[0].Results = append(r.Causes[0].Results, res.ID)
		}
	}
	settle(r)
	got := screenOf(t, Console{}, r)
	if n := strings.Count(got, "the good request was answered 401"); n != 1 {
		t.Errorf("the cause is told %d times:\n%s", n, got)
	}
	if !strings.Contains(got, "one cause, 20 rules") || !strings.Contains(got, "COULD NOT TELL: nothing was learned about 20 rules") {
		t.Error(got)
	}
	if !strings.Contains(got, "and 14 rules more of this cause: --verbose lists all") || strings.Count(screenOf(t, Console{Verbose: true}, r), "inconclusive P-") != 20 {
		t.Error(got)
	}
}

// TestScreenKeepsCommandsWhole has a terminal that is narrower than the command to copy.
func TestScreenKeepsCommandsWhole(t *testing.T) {
	r := sample(1)
	r.Results[0].Repeat = "snapcert certify --target a/rather/long/path/of/a/target/file.yaml --rule alpha.account-creation.body.field0.max"
	if got := screenOf(t, Console{Width: 60}, r); !strings.Contains(got, "repeat    "+r.Results[0].Repeat+"\n") {
		t.Error(got)
	}
}

func TestScreenVerboseListsAll(t *testing.T) {
	r := sample(0)
	for i := range 30 {
		r.Results[i+10].Verdict = Warn
		r.Results[i+10].Findings = []Finding{{Verdict: Warn, Text: fmt.Sprintf("warning number %d.", i)}}
	}
	folded, whole := screenOf(t, Console{}, r), screenOf(t, Console{Verbose: true}, r)
	if strings.Contains(folded, "number 20.") || !strings.Contains(folded, "more kinds of warning: --verbose lists all") {
		t.Error("warnings are not folded")
	}
	for i := range 30 {
		if !strings.Contains(whole, fmt.Sprintf("number %d.", i)) {
			t.Errorf("warning %d is not listed", i)
		}
	}
}

func TestJUnitVerdicts(t *testing.T) {
	r := sample(1)
	set := map[int]Verdict{8: StaleWaiver, 9: Error, 10: Inconclusive, 11: NotRun, 12: Known}
	for i, v := range set {
		r.Results[i].Verdict, r.Results[i].Reason = v, "because of "+string(v)
	}
	var all junitSuites
	if err := xml.Unmarshal([]byte(paper(t, "junit.xml", &Dossier{Report: r})), &all); err != nil {
		t.Fatal(err)
	}
	if all.Tests != 80 || all.Failures != 2 || all.Errors != 2 || all.Skipped != 3 {
		t.Errorf("the sums are %d %d %d %d", all.Tests, all.Failures, all.Errors, all.Skipped)
	}
	seen := map[string]junitCase{}
	for _, s := range all.Suites {
		for _, c := range s.Cases {
			if _, twice := seen[c.Name]; twice || c.Class != s.Name {
				t.Errorf("case %s is doubled or in the wrong suite", c.Name)
			}
			seen[c.Name] = c
		}
	}
	for i, res := range r.Results {
		c, ok := seen[res.ID]
		if !ok || c.Properties[0] != (junitProperty{"verdict", string(res.Verdict)}) {
			t.Fatalf("%s: %+v", res.ID, c)
		}
		want := map[Verdict]string{Fail: "failure", StaleWaiver: "failure", Error: "error", Inconclusive: "error", Skip: "skipped", NotRun: "skipped"}[res.Verdict]
		got := ""
		for name, o := range map[string]*junitOutcome{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
			if o != nil {
				got += name
			}
		}
		if got != want || (c.Out != "") != slices.Contains([]Verdict{Warn, Known}, res.Verdict) {
			t.Errorf("result %d, %s: written as %q with output %q", i, res.Verdict, got, c.Out)
		}
	}
}

// TestSummaryIsCut has more failures than a step summary holds.
func TestSummaryIsCut(t *testing.T) {
	r := sample(4000)
	got := paper(t, "summary.md", &Dossier{Report: r})
	if len(got) > 1<<20 || !strings.Contains(got, "more entries do not fit") || strings.Count(got, "<details>") != strings.Count(got, "</details>") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-200:])
	}
	if small := paper(t, "summary.md", &Dossier{Report: sample(1)}); strings.Contains(small, "do not fit") {
		t.Error("a short one is cut")
	}
}
