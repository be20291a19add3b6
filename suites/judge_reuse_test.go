package suites

import (
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// A value that may be used once a day is new when the day has ended in Jakarta, wherever the run is.
func TestValueOfADay(t *testing.T) {
	const conflict = `409 {"responseCode":"4090601"}`
	midnight := time.Date(2026, 6, 1, 17, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name          string
		is            string
		first, second time.Time
		got           string
		verdict       reports.Verdict
	}{
		{"within the day", "day", midnight.Add(-2 * time.Hour), midnight.Add(-time.Second), goodAnswer, "fail"},
		{"the day ends between the two", "day", midnight.Add(-time.Second), midnight, goodAnswer, "inconclusive"},
		{"the day ends while the second is answered", "day", midnight.Add(-time.Second), midnight.Add(-time.Nanosecond), goodAnswer, "inconclusive"},
		{"refused all the same", "day", midnight.Add(-time.Second), midnight, conflict, "pass"},
		{"for good", "always", midnight.Add(-time.Second), midnight, goodAnswer, "fail"},
		{"midnight in London", "day", midnight.Add(7*time.Hour - time.Second), midnight.Add(7 * time.Hour), goodAnswer, "fail"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Unique, contract.InHeader, "X-EXTERNAL-ID", func(r *contract.Rule) { r.Is = test.is })
			id := b.scenario(r, Step{Want: Want{Kind: WantAccept}},
				Step{Want: Want{Kind: WantRefuse, Codes: []string{"4090601"}}, Changes: []Change{{At: "header.X-EXTERNAL-ID", Op: OpCopy, Text: "the same again"}}})
			b.answer(id, 0, 0, goodAnswer).Started = test.first
			b.answer(id, 1, 0, test.got).Started = test.second
			if got := b.only(t, JudgeOptions{}); got.Verdict != test.verdict {
				t.Errorf("%s, want %s: %s %v", got.Verdict, test.verdict, got.Reason, got.Findings)
			}
		})
	}
}

// Where a page leaves open what a second use gets, it is kept whether the first answer came again.
func TestReplayIsTold(t *testing.T) {
	for says, second := range map[string]string{
		"the first answer once more": goodAnswer,
		"an answer of its own":       strings.TrimSuffix(goodAnswer, "}") + `,"referenceNo":"R-2"}`,
	} {
		b := newBench()
		r := b.rule(contract.Unique, contract.InHeader, "X-EXTERNAL-ID", func(r *contract.Rule) { r.Is, r.Level = "day", contract.May })
		id := b.scenario(r, Step{Want: Want{Kind: WantAccept}},
			Step{Want: Want{Kind: WantObserve, Codes: []string{"4090601"}}, Changes: []Change{{At: "header.X-EXTERNAL-ID", Op: OpCopy, Text: "the same again"}}})
		b.answer(id, 0, 0, goodAnswer)
		b.answer(id, 1, 0, second)
		got := b.only(t, JudgeOptions{})
		if got.Verdict != reports.Pass || len(got.Observed) != 1 || !strings.HasSuffix(got.Observed[0], says) {
			t.Errorf("%s %v, want a pass that says %q", got.Verdict, got.Observed, says)
		}
	}
}
