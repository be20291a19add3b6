package suites

import (
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

func TestWaivers(t *testing.T) {
	const id = "acme.thing.body.reference.max"
	tests := []struct {
		name, got, rule, code, expires string
		verdict                        reports.Verdict
		state                          string
	}{
		{"used, by id", goodAnswer, id, "", "2026-12-31", "known", "used"},
		{"used, by number", goodAnswer, "T-1", "2000600", "2026-12-31", "known", "used"},
		{"used on its last day", goodAnswer, id, "", "2026-06-01", "known", "used"},
		{"fails in another way", goodAnswer, id, "4000602", "2026-12-31", "fail", "in another way"},
		{"holds now", `400 {"responseCode":"4000601"}`, id, "", "2026-12-31", "stale-waiver", "no longer fails"},
		{"warns", `400 {"responseCode":"4000602"}`, id, "", "2026-12-31", "warn", "idle"},
		{"not learned", `500 `, id, "", "2026-12-31", "inconclusive", "idle"},
		{"expired", goodAnswer, id, "", "2026-05-31", "fail", "expired on 2026-05-31"},
		{"of no rule", goodAnswer, "acme.thing.body.nothing.max", "", "2026-12-31", "fail", "matches no rule"},
		{"without a date", goodAnswer, id, "", "", "fail", "its date"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Max, contract.InBody, "reference", nil)
			b.answer(b.scenario(r, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601", "4000602"}}}), 0, 0, test.got)
			v := judgeAll(b.plan, b.evidence, JudgeOptions{Waivers: []fixtures.Waiver{
				{Rule: test.rule, Code: test.code, Owner: "qa", Reason: "known", Ticket: "T-9", Expires: test.expires},
			}})
			if v.results[0].Verdict != test.verdict {
				t.Errorf("verdict %s, want %s", v.results[0].Verdict, test.verdict)
			}
			if len(v.waivers) != 1 || !strings.Contains(v.waivers[0].State, test.state) || v.waivers[0].Owner != "qa" {
				t.Errorf("waivers %+v, want a state with %q", v.waivers, test.state)
			}
		})
	}
}

// A waiver lasts to the end of its day in Jakarta.
func TestWaiverDay(t *testing.T) {
	for at, stale := range map[string]bool{"2026-05-31T16:59:59Z": false, "2026-05-31T17:00:00Z": true} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := outdated("2026-05-31", when) != ""; got != stale {
			t.Errorf("at %s: stale %v", at, got)
		}
	}
}

// A rule that no request can show has nothing to waive.
func TestWaiverOfUntestableRule(t *testing.T) {
	b := newBench()
	r := b.rule(contract.Stated, contract.InBody, "stated", func(r *contract.Rule) { r.State, r.Untestable = contract.NotTestable, "needs a browser" })
	v := judgeAll(b.plan, b.evidence, JudgeOptions{Waivers: []fixtures.Waiver{{Rule: r.ID, Expires: "2026-12-31"}}})
	if len(v.waivers) != 1 || !v.waivers[0].Stale() {
		t.Errorf("%+v", v.waivers)
	}
}

// A waiver for a rule that this run did not select is neither used nor stale.
func TestWaiverOfUnselectedRule(t *testing.T) {
	b := newBench()
	b.rule(contract.Present, contract.InResponse, "reference", nil)
	b.rule(contract.Present, contract.InResponse, "other", nil)
	waivers := []fixtures.Waiver{{Rule: b.plan.Rules[1].ID, Expires: "2026-12-31"}}
	b.plan.Rules, b.plan.contracts = b.plan.Rules[:1], []*contract.Provider{b.endpoint.Provider}
	if v := judgeAll(b.plan, b.evidence, JudgeOptions{Waivers: waivers}); len(v.waivers) != 0 {
		t.Errorf("%+v", v.waivers)
	}
}
