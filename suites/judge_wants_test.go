package suites

import (
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

var badValue = []Change{{At: "body.reference", Op: OpSet, Text: "65 characters instead of 64"}}

// A refusal passes for the right reason only: the right code under the right status, and nothing that may have had any
// other reason.
func TestRefuse(t *testing.T) {
	tests := []struct {
		name, got string
		tune      func(*contract.Rule)
		verdict   reports.Verdict
		strict    reports.Verdict
		says      string
	}{
		{"right code and status", `400 {"responseCode":"4000601"}`, nil, "pass", "pass", ""},
		{"right code as a number", `400 {"responseCode":4000601}`, nil, "pass", "pass", ""},
		{"another listed code", `400 {"responseCode":"4000602"}`, nil, "warn", "warn", "a better fit is 4000601"},
		{"right code, status 200", `200 {"responseCode":"4000601"}`, nil, "fail", "fail", "the HTTP status is 200"},
		{"right code, other 4xx", `422 {"responseCode":"4000601"}`, nil, "fail", "fail", "the HTTP status is 422"},
		{"right code of a table without statuses", `200 {"responseCode":"4010600"}`, func(r *contract.Rule) { r.Codes = []string{"4010600"} }, "warn", "fail", "the HTTP status is 200"},
		{"another code", `401 {"responseCode":"4010600"}`, nil, "fail", "fail", "with another code: 4010600 instead of 4000601"},
		{"another service", `400 {"responseCode":"4000701"}`, nil, "fail", "fail", "with another code"},
		{"malformed code", `400 {"responseCode":"400"}`, nil, "fail", "fail", "without a response code"},
		{"success code under 400", `400 {"responseCode":"2000600"}`, nil, "fail", "fail", "with another code"},
		{"no body", `400`, nil, "fail", "fail", "without a response code"},
		{"gateway", `404 not here`, func(r *contract.Rule) { r.Gateway = []int{404} }, "warn", "warn", "before it reached"},
		{"gateway, another status", `403 no`, func(r *contract.Rule) { r.Gateway = []int{404} }, "fail", "fail", "without a response code"},
		{"accepted", goodAnswer, nil, "fail", "fail", "was accepted although"},
		{"accepted without code", `200 {}`, nil, "fail", "fail", "was accepted although"},
		{"accepted, inferred", goodAnswer, func(r *contract.Rule) { r.Basis = contract.Inferred }, "warn", "fail", "was accepted although"},
		{"accepted, sample", goodAnswer, func(r *contract.Rule) { r.Basis = contract.Sample }, "warn", "fail", "was accepted although"},
		{"accepted, disputed", goodAnswer, func(r *contract.Rule) { r.Basis = contract.Disputed }, "warn", "warn", "was accepted although"},
		{"accepted, should", goodAnswer, func(r *contract.Rule) { r.Level = contract.Should }, "warn", "fail", "was accepted although"},
		{"accepted, may", goodAnswer, func(r *contract.Rule) { r.Level = contract.May }, "warn", "warn", "was accepted although"},
		{"accepted, only codes inferred", goodAnswer, func(r *contract.Rule) { r.CodesBasis = contract.Inferred }, "fail", "fail", "was accepted although"},
		{"another code, codes inferred", `401 {"responseCode":"4010600"}`, func(r *contract.Rule) { r.CodesBasis = contract.Inferred }, "warn", "fail", "another code"},
		{"200 and a page", `200 <html>`, nil, "fail", "fail", "no answer of the standard"},
		{"429", `429 {"responseCode":"4290600"}`, nil, "inconclusive", "inconclusive", "too many requests"},
		{"429 as code only", `400 {"responseCode":"4290600"}`, nil, "inconclusive", "inconclusive", "too many requests"},
		{"500", `500 {"responseCode":"5000600"}`, nil, "inconclusive", "inconclusive", "HTTP 500"},
		{"500 around the right code", `500 {"responseCode":"4000601"}`, nil, "inconclusive", "inconclusive", "HTTP 500"},
		{"5xx as code only", `400 {"responseCode":"5000600"}`, nil, "inconclusive", "inconclusive", "5000600"},
		{"502 page", `502 <html>`, nil, "inconclusive", "inconclusive", "HTTP 502"},
		{"redirect", `302 `, nil, "inconclusive", "inconclusive", "redirected; not followed"},
		{"timeout", `timeout`, nil, "inconclusive", "inconclusive", "no answer (timeout"},
		{"reset", `reset`, nil, "inconclusive", "inconclusive", "no answer (reset"},
		{"our own fault", `request`, nil, "error", "error", "could not be made"},
		{"interrupted", `canceled`, nil, "not-run", "not-run", "no answer"},
		{"never sent", ``, nil, "not-run", "not-run", "never reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Max, contract.InBody, "reference", test.tune)
			codes, gateway, _ := r.Answers()
			id := b.scenario(r, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: codes, Gateway: gateway}})
			b.answer(id, 0, 0, test.got)
			got := b.only(t, JudgeOptions{})
			if got.Verdict != test.verdict {
				t.Errorf("verdict %s, want %s: %s %v", got.Verdict, test.verdict, got.Reason, got.Findings)
			}
			if strict := b.only(t, JudgeOptions{Strict: true}); strict.Verdict != test.strict {
				t.Errorf("strict verdict %s, want %s", strict.Verdict, test.strict)
			}
			said := got.Reason
			for _, f := range got.Findings {
				said += f.Text
				if f.Exchange == "" || f.Expected == "" || f.Received == "" || !strings.Contains(f.Change, "65 characters") {
					t.Errorf("a finding leaves something unsaid: %+v", f)
				}
			}
			if !strings.Contains(said, test.says) {
				t.Errorf("says %q, want %q in it", said, test.says)
			}
		})
	}
}

func TestAcceptAndObserve(t *testing.T) {
	tests := []struct {
		name, got string
		kind      WantKind
		verdict   reports.Verdict
		observed  bool
	}{
		{"accepted", goodAnswer, WantAccept, "pass", false},
		{"accepted with another success code", `202 {"responseCode":"2020600"}`, WantAccept, "pass", false},
		{"accepted without code", `200 {}`, WantAccept, "pass", false},
		{"refused", `400 {"responseCode":"4000601"}`, WantAccept, "fail", false},
		{"refused under 200", `200 {"responseCode":"4000601"}`, WantAccept, "fail", false},
		{"refused without a code", `400 `, WantAccept, "fail", false},
		{"200 and a page", `200 <html>`, WantAccept, "inconclusive", false},
		{"500", `500 `, WantAccept, "inconclusive", false},
		{"observed: accepted", goodAnswer, WantObserve, "pass", true},
		{"observed: listed code", `400 {"responseCode":"4000602"}`, WantObserve, "pass", true},
		{"observed: gateway", `415 `, WantObserve, "pass", true},
		{"observed: another code", `401 {"responseCode":"4010600"}`, WantObserve, "warn", false},
		{"observed: another status", `404 `, WantObserve, "warn", false},
		{"observed: 200 and a page", `200 <html>`, WantObserve, "inconclusive", false},
		{"observed: 429", `429 `, WantObserve, "inconclusive", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.BareMediaType, contract.InHeader, "Content-Type", func(r *contract.Rule) {
				if test.kind == WantObserve {
					r.Level = contract.May
				}
			})
			id := b.scenario(r, Step{Changes: badValue, Want: Want{Kind: test.kind, Codes: []string{"4000601", "4000602"}, Gateway: []int{415}}})
			b.answer(id, 0, 0, test.got)
			got := b.only(t, JudgeOptions{})
			if got.Verdict != test.verdict || len(got.Observed) > 0 != test.observed {
				t.Errorf("%s %v, want %s: %s %v", got.Verdict, got.Observed, test.verdict, got.Reason, got.Findings)
			}
		})
	}
}

func TestOneOfCopies(t *testing.T) {
	const dup = `409 {"responseCode":"4090601"}`
	tests := []struct {
		name    string
		got     []string
		verdict reports.Verdict
	}{
		{"one wins", []string{dup, goodAnswer, dup}, "pass"},
		{"two win", []string{goodAnswer, goodAnswer, dup}, "fail"},
		{"none wins", []string{dup, dup, dup}, "fail"},
		{"a loser gets another code", []string{goodAnswer, dup, `400 {"responseCode":"4000601"}`}, "fail"},
		{"a loser gets the code under 200", []string{goodAnswer, dup, `200 {"responseCode":"4090601"}`}, "fail"},
		{"one is throttled", []string{goodAnswer, dup, `429 `}, "inconclusive"},
		{"one times out", []string{dup, dup, `timeout`}, "inconclusive"},
		{"two win and one times out", []string{goodAnswer, `timeout`, goodAnswer}, "fail"},
		{"two win before the run is stopped", []string{goodAnswer, goodAnswer, ``}, "fail"},
		{"one was not sent", []string{goodAnswer, dup, ``}, "not-run"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Unique, contract.InBody, "reference", nil)
			id := b.scenario(r, Step{Copies: len(test.got), Want: Want{Kind: WantOneOf, Codes: []string{"4090601"}}})
			for i, got := range test.got {
				b.answer(id, 0, i, got)
			}
			if got := b.only(t, JudgeOptions{}); got.Verdict != test.verdict {
				t.Errorf("%s, want %s: %s %v", got.Verdict, test.verdict, got.Reason, got.Findings)
			}
		})
	}
}

// What a later step shows rests on the earlier ones.
func TestSteps(t *testing.T) {
	const conflict = `409 {"responseCode":"4090601"}`
	good := Step{Want: Want{Kind: WantAccept}}
	prepare := Step{Want: Want{Kind: WantNothing}}
	bent := Step{Want: Want{Kind: WantNothing}, Changes: badValue}
	early := Step{Want: Want{Kind: WantAccept}, PauseFor: beforeExpiry}
	again := Step{Want: Want{Kind: WantRefuse, Codes: []string{"4090601"}}, Changes: []Change{{At: "body.reference", Op: OpCopy, Text: "the same again"}}}
	fine := Step{Want: Want{Kind: WantAccept}, Changes: []Change{{At: "body.reference", Op: OpCopy, Text: "the same again"}}}
	tests := []struct {
		name          string
		first, second Step
		got           [2]string
		verdict       reports.Verdict
	}{
		{"both as foreseen", good, again, [2]string{goodAnswer, conflict}, "pass"},
		{"the second is accepted", good, again, [2]string{goodAnswer, goodAnswer}, "fail"},
		{"the first is refused", good, again, [2]string{conflict, conflict}, "inconclusive"},
		{"the first is refused, set-up", prepare, again, [2]string{conflict, conflict}, "inconclusive"},
		{"the first fails, set-up", prepare, again, [2]string{`503 `, conflict}, "inconclusive"},
		{"the first is meant to be refused", bent, again, [2]string{`400 {"responseCode":"4000601"}`, conflict}, "pass"},
		{"the first is meant to be refused, then a good one", bent, fine, [2]string{`400 {"responseCode":"4000601"}`, goodAnswer}, "pass"},
		{"the good one after it is refused", bent, fine, [2]string{`400 {"responseCode":"4000601"}`, conflict}, "fail"},
		{"the early one is refused", early, again, [2]string{conflict, conflict}, "warn"},
		{"the second was not sent", good, again, [2]string{goodAnswer, ""}, "not-run"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			r := b.rule(contract.Unique, contract.InBody, "reference", func(r *contract.Rule) {
				if test.verdict == reports.Warn {
					r.Level = contract.Should
				}
			})
			id := b.scenario(r, test.first, test.second)
			b.answer(id, 0, 0, test.got[0])
			b.answer(id, 1, 0, test.got[1])
			if got := b.only(t, JudgeOptions{}); got.Verdict != test.verdict {
				t.Errorf("%s, want %s: %s %v", got.Verdict, test.verdict, got.Reason, got.Findings)
			}
		})
	}
}
