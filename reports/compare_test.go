package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	run := func(verdicts ...Verdict) *Report {
		r := &Report{Run: Run{Complete: true}, Target: Target{BaseURL: "https://x.example"}}
		for i, v := range verdicts {
			if v != "" {
				r.Results = append(r.Results, Result{ID: fmt.Sprintf("r%d", i), Ref: fmt.Sprintf("P-%d", i), Level: "must", Verdict: v, Text: "a rule"})
			}
		}
		return r
	}
	build := func(r *Report) *Report { r.Target.Build = "7"; return r }
	narrowed := func(r *Report) *Report { r.Run.Selection = "r1"; return r }
	shaky := run(Pass)
	shaky.Results[0].Cases = []Case{{Change: "c", Verdict: Pass}, {Change: "c", Verdict: Fail}}
	for _, c := range []struct {
		name     string
		old, now *Report
		earlier  []*Report
		change   Change
		exit     int
	}{
		{"nothing", run(Pass), run(Pass), nil, "", 0},
		{"newly failing", run(Pass), run(Fail), nil, NewlyFailing, 1},
		{"newly failing after a warning", run(Warn), run(Fail), nil, NewlyFailing, 1},
		{"a waiver went stale", run(Known), run(StaleWaiver), nil, NewlyFailing, 1},
		{"fixed", run(Fail), run(Pass), nil, Fixed, 0},
		{"fixed and no longer waived", run(Known), run(Pass), nil, Fixed, 0},
		{"still failing", run(Fail), run(Fail), nil, StillFailing, 0},
		{"newly waived", run(Fail), run(Known), nil, NewlyWaived, 0},
		{"newly unclear", run(Pass), run(Inconclusive), nil, NewlyUnclear, 1},
		{"no longer unclear", run(Inconclusive), run(Pass), nil, Other, 0},
		{"added", run(Pass), run(Pass, Pass), nil, Added, 0},
		{"added and failing", run(Pass), run(Pass, Fail), nil, Added, 1},
		{"gone", run(Pass, Pass), run(Pass), nil, Gone, 1},
		{"gone from a narrowed run", run(Pass, Pass), narrowed(run(Pass)), nil, Gone, 0},
		{"a failure gone", run(Pass, Fail), run(Pass), nil, Gone, 0},
		{"fails now and did before", run(Pass), run(Fail), []*Report{run(Fail)}, Flaky, 1},
		{"swung back", run(Fail), run(Pass), []*Report{run(Pass)}, Flaky, 0},
		{"swings though the build is the same", build(run(Fail)), build(run(Pass)), nil, Flaky, 0},
		{"equal cases disagree", run(Pass), shaky, nil, Flaky, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(c.old, c.now, c.earlier...)
			if got.ExitCode() != c.exit {
				t.Errorf("exit code %d, should be %d", got.ExitCode(), c.exit)
			}
			if c.change == "" {
				if len(got.Differences) != 0 {
					t.Errorf("found %v", got.Differences)
				}
				return
			}
			if len(got.Differences) != 1 || got.Differences[0].Change != c.change {
				t.Fatalf("found %v, should be %s", got.Differences, c.change)
			}
			var text, markdown bytes.Buffer
			if err := got.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			if err := got.WriteMarkdown(&markdown); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), string(c.change)) || !strings.Contains(strings.ToLower(markdown.String()), "### "+string(c.change)) {
				t.Errorf("not told:\n%s\n%s", &text, &markdown)
			}
		})
	}
}

// TestCompareFoldsWholeEndpoints has an endpoint that only the old run had, with a failure that is told all the same.
func TestCompareFoldsWholeEndpoints(t *testing.T) {
	old, now := &Report{}, &Report{}
	for i, v := range []Verdict{Pass, Pass, Skip, Fail} {
		old.Results = append(old.Results, Result{ID: fmt.Sprintf("a.b.r%d", i), Endpoint: "a.b", Verdict: v})
	}
	both := Result{ID: "a.c.r0", Endpoint: "a.c", Verdict: Pass}
	old.Results, now.Results = append(old.Results, both, Result{ID: "a.c.r1", Endpoint: "a.c", Verdict: Pass}), append(now.Results, both)
	c := Compare(old, now)
	var text, markdown bytes.Buffer
	if err := c.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{text.String(), markdown.String()} {
		if !strings.Contains(got, "the whole endpoint, 3 rules: 1 skip, 2 pass") || !strings.Contains(got, "a.b.r3") || !strings.Contains(got, "a.c.r1") || strings.Contains(got, "a.b.r0") {
			t.Error(got)
		}
	}
}
