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
