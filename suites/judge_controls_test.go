package suites

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// Whatever is wrong with a provider as a whole, no refusal that it hands out may pass for a rule.
func TestNoWholeProviderFaultPasses(t *testing.T) {
	tests := []struct {
		name, got string // what everything gets, controls and all
		cause     string
		says      string
	}{
		{"always the right refusal", `400 {"responseCode":"4000601","responseMessage":"Invalid Field Format"}`, "always-the-same", "every request alike"},
		{"bad credentials", `401 {"responseCode":"4010600","responseMessage":"Unauthorized"}`, "credentials", "the signature"},
		{"401 from a gateway", `401 no`, "credentials", "HTTP 401"},
		{"dead", `connect`, "unreachable", "did not answer"},
		{"hanging", `timeout`, "unreachable", "timeout"},
		{"resetting", `reset`, "unreachable", "reset"},
		{"throttling", `429 {"responseCode":"4290600"}`, "throttled", "--rate"},
		{"failing", `500 <html>`, "server-errors", "server error"},
		{"redirecting", `302 `, "redirected", "base URL"},
		{"a web page", `200 <html>`, "not-the-standard", "no answer of the standard"},
		{"empty objects", `200 {}`, "no-success-code", "without any response code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			refuse := b.rule(contract.Max, contract.InBody, "reference", nil)
			observe := b.rule(contract.Zone, contract.InBody, "state", func(r *contract.Rule) { r.Level = contract.May })
			b.rule(contract.Present, contract.InResponse, "responseCode", func(r *contract.Rule) { r.Is = "always" })
			b.answer(b.scenario(refuse, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}}}), 0, 0, test.got)
			b.answer(b.scenario(observe, Step{Changes: badValue, Want: Want{Kind: WantObserve, Codes: []string{"4000601"}}}), 0, 0, test.got)
			b.controls(test.got)
			results, causes := b.judge(JudgeOptions{})
			for _, r := range results[:2] {
				if r.Verdict != reports.Inconclusive || r.Cause != test.cause {
					t.Errorf("%s: %s under cause %q, want inconclusive under %q", r.Kind, r.Verdict, r.Cause, test.cause)
				}
			}
			if test.got != `200 {}` && results[2].Verdict == reports.Pass {
				t.Error("a response rule passes without a success to look at")
			}
			if len(causes) != 1 || !strings.Contains(causes[0].Text, test.says) || len(causes[0].Results) < 2 || !strings.Contains(causes[0].Text, "acme.thing") {
				t.Errorf("causes %+v, want one that says %q", causes, test.says)
			}
		})
	}
}

// One control that fails, before or after, is enough to doubt every refusal between.
func TestBracket(t *testing.T) {
	const refusal = `400 {"responseCode":"4000601"}`
	tests := []struct {
		name    string
		spoil   func(*bench)
		verdict reports.Verdict
	}{
		{"whole", func(*bench) {}, "pass"},
		{"the last control is refused", func(b *bench) { b.answer("control/3", 0, 0, `401 {"responseCode":"4010600"}`) }, "inconclusive"},
		{"the first control is refused", func(b *bench) { b.answer("control/0", 0, 0, refusal) }, "inconclusive"},
		{"one of a pair without a code", func(b *bench) { b.answer("control/0", 0, 0, `200 {}`) }, "pass"},
		{"both of a pair without a code", func(b *bench) { b.answer("control/2", 0, 0, `200 {}`); b.answer("control/3", 0, 0, `200 {}`) }, "inconclusive"},
		{"a foreign success code in both", func(b *bench) {
			b.answer("control/2", 0, 0, `200 {"responseCode":"2000700"}`)
			b.answer("control/3", 0, 0, `200 {"responseCode":"2000700"}`)
		}, "inconclusive"},
		{"the closing controls were not reached", func(b *bench) {
			delete(b.evidence.Exchanges, "control/3#1")
			b.evidence.Complete, b.evidence.Interrupted = false, "stopped by the user"
		}, "not-run"},
		{"the endpoint was given up", func(b *bench) {
			delete(b.evidence.Exchanges, "control/3#1")
			b.evidence.Notes = []Note{{Kind: NoteStopped, Endpoint: "acme.thing", Text: "five failures in a row"}}
		}, "inconclusive"},
		{"no controls planned", func(b *bench) { b.plan.Scenarios = b.plan.Scenarios[4:] }, "inconclusive"},
		{"no closing controls planned", func(b *bench) { b.plan.Scenarios = slices.Delete(b.plan.Scenarios, 2, 4) }, "inconclusive"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Max, contract.InBody, "reference", nil)
			b.answer(b.scenario(r, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}}}), 0, 0, refusal)
			test.spoil(b)
			if got := b.only(t, JudgeOptions{}); got.Verdict != test.verdict {
				t.Errorf("%s, want %s: %s", got.Verdict, test.verdict, got.Reason)
			}
		})
	}
}

// A request that starts from a variant of the good one is judged only if that variant was accepted as it is.
func TestVariantControl(t *testing.T) {
	for got, want := range map[string]reports.Verdict{goodAnswer: reports.Pass, `400 {"responseCode":"4000601"}`: reports.Inconclusive} {
		b := newBench()
		r := b.rule(contract.Max, contract.InBody, "reference", nil)
		b.answer(b.scenario(r, Step{Variant: "other", Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}}}), 0, 0, `400 {"responseCode":"4000601"}`)
		b.plan.Scenarios = append(b.plan.Scenarios, Scenario{ID: "variant", Endpoint: "acme.thing", Phase: Main, Steps: []Step{{Variant: "other", Want: Want{Kind: WantAccept}}}})
		b.answer("variant", 0, 0, got)
		if result := b.only(t, JudgeOptions{}); result.Verdict != want {
			t.Errorf("variant got %s: %s, want %s", got, result.Verdict, want)
		}
	}
}

func TestUnsent(t *testing.T) {
	tests := []struct {
		name     string
		note     *Note
		complete bool
		verdict  reports.Verdict
	}{
		{"no account", &Note{Kind: NoteSkipped, Text: "no inactive account"}, true, "skip"},
		{"given up", &Note{Kind: NoteNotSent, Text: "no token"}, true, "inconclusive"},
		{"cut off", &Note{Kind: NoteNotSent, Text: "interrupted"}, false, "not-run"},
		{"nothing known", nil, true, "not-run"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Max, contract.InBody, "reference", nil)
			id := b.scenario(r, Step{Want: Want{Kind: WantRefuse}})
			b.evidence.Complete = test.complete
			if test.note != nil {
				test.note.Scenario = id
				b.evidence.Notes = []Note{*test.note}
			}
			got := b.only(t, JudgeOptions{})
			if got.Verdict != test.verdict || got.Reason == "" {
				t.Errorf("%s %q, want %s", got.Verdict, got.Reason, test.verdict)
			}
		})
	}
}

// Judging twice, and judging evidence that came in another order, gives the same.
// A rule that held as far as it could be asked says what it was not asked.
func TestSkippedInPart(t *testing.T) {
	b := newBench()
	r := b.rule(contract.Max, contract.InBody, "reference", nil)
	refused := Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}}}
	b.answer(b.scenario(r, refused), 0, 0, `400 {"responseCode":"4000601"}`)
	b.plan.Scenarios = append(b.plan.Scenarios, Scenario{ID: "skipped", Endpoint: b.endpoint.Name(), Rules: []string{r.ID}, Phase: Main, Steps: []Step{refused}})
	b.evidence.Notes = []Note{{Kind: NoteSkipped, Endpoint: b.endpoint.Name(), Scenario: "skipped", Text: "no such account"}}
	result := b.only(t, JudgeOptions{})
	if result.Verdict != reports.Pass || !slices.Contains(result.Observed, "not exercised in full: no such account") {
		t.Errorf("%s with %q, want a pass that says what was skipped", result.Verdict, result.Observed)
	}
}

func TestJudgeIsPure(t *testing.T) {
	b := newBench()
	for _, name := range []string{"reference", "state", "email"} {
		r := b.rule(contract.Max, contract.InBody, name, nil)
		b.answer(b.scenario(r, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}}}), 0, 0, `500 `)
	}
	b.rule(contract.Present, contract.InResponse, "referenceNo", nil)
	first, causes := b.judge(JudgeOptions{})
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		ids := slices.Sorted(maps.Keys(b.evidence.Exchanges))
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		shuffled := map[string]*snap.Exchange{}
		for _, id := range ids {
			shuffled[id] = b.evidence.Exchanges[id]
		}
		b.evidence.Exchanges = shuffled
		again, causesAgain := b.judge(JudgeOptions{})
		if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(causes, causesAgain) {
			t.Fatal("the same evidence gives another judgement")
		}
	}
}
