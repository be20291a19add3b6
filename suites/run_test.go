package suites

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// mixed is a bench with one rule of every verdict that evidence can give.
func mixed() *bench {
	b := newBench()
	codes := []string{"4000601", "4000602"}
	for name, got := range map[string]string{
		"holds": `400 {"responseCode":"4000601"}`, "broken": goodAnswer, "better": `400 {"responseCode":"4000602"}`,
		"unclear": `500 `, "ours": `request`, "unsent": ``,
	} {
		r := b.rule(contract.Max, contract.InBody, name, nil)
		b.answer(b.scenario(r, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: codes}}), 0, 0, got)
	}
	b.rule(contract.Stated, contract.InBody, "stated", func(r *contract.Rule) { r.Untestable = "needs a browser" })
	b.rule(contract.Present, contract.InResponse, "reference", nil)
	b.rule(contract.Present, contract.InResponse, "absent", nil)
	return b
}

// What is judged behind specs is what the pure judge says, twice in one process.
func TestSpecsAgreeWithJudge(t *testing.T) {
	for range 2 {
		b := mixed()
		pure := judgeAll(b.plan, b.evidence, JudgeOptions{})
		var told []Progress
		o := Options{Seed: 1, Progress: func(p Progress) { told = append(told, p) }}
		specs, err := behindSpecs(t.Context(), b.plan, b.evidence, o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(pure.results, specs.results) || !reflect.DeepEqual(pure.causes, specs.causes) {
			t.Errorf("behind specs:\n%+v\npure:\n%+v", specs.results, pure.results)
		}
		if len(told) != len(b.plan.Rules) || told[len(told)-1].Done != len(b.plan.Rules) || told[0].Stage != StageJudge {
			t.Errorf("progress was told %d times for %d rules", len(told), len(b.plan.Rules))
		}
	}
}

func TestSpecNotReached(t *testing.T) {
	b := mixed()
	book := newBook(func() *judgement { return judgeAll(b.plan, b.evidence, JudgeOptions{}) })
	book.result(b.plan.Rules[0].ID)
	for i, r := range book.settled("stopped").results {
		if (r.Verdict == reports.NotRun && r.Reason == "stopped") != (i > 0) {
			t.Errorf("%s: %s %q", r.ID, r.Verdict, r.Reason)
		}
	}
}

func TestTwoRulesOfOneName(t *testing.T) {
	b := mixed()
	b.plan.Rules = append(b.plan.Rules, b.plan.Rules[0])
	if _, err := behindSpecs(t.Context(), b.plan, b.evidence, Options{}); err == nil {
		t.Error("two specs of one name were taken")
	}
}

func TestEmptySelection(t *testing.T) {
	b := newBench()
	b.rule(contract.Present, contract.InResponse, "reference", nil)
	_, err := Run(t.Context(), Options{Providers: []*contract.Provider{b.endpoint.Provider}, Selection: Selection{LabelFilter: "nothing"}})
	if !errors.Is(err, ErrNothingSelected) {
		t.Errorf("error %v", err)
	}
	_, err = Run(t.Context(), Options{Providers: []*contract.Provider{b.endpoint.Provider}, Selection: Selection{LabelFilter: "&& &&"}})
	if err == nil {
		t.Error("a broken label filter was taken")
	}
}

func TestSummary(t *testing.T) {
	b := mixed()
	o := Options{Strict: true, Command: "snapcert certify"}
	report := o.summary(b.plan, b.evidence, judgeAll(b.plan, b.evidence, o.judging()))
	if report.Standing != reports.NotConformant || report.Endpoints[0].Standing != reports.NotConformant || len(report.Results) != len(b.plan.Rules) {
		t.Errorf("standing %s, endpoint %s, %d results", report.Standing, report.Endpoints[0].Standing, len(report.Results))
	}
	if got := report.Results[0].Repeat; got != "snapcert certify --rule "+b.plan.Rules[0].ID {
		t.Errorf("repeat %q", got)
	}

	b = newBench()
	b.rule(contract.Present, contract.InResponse, "reference", nil)
	b.rule(contract.Present, contract.InResponse, "responseMessage", nil)
	report = o.summary(b.plan, b.evidence, judgeAll(b.plan, b.evidence, o.judging()))
	if report.Standing != reports.Conformant {
		t.Errorf("everything held: %s", report.Standing)
	}
	b.plan.Rules = b.plan.Rules[:1]
	report = o.summary(b.plan, b.evidence, judgeAll(b.plan, b.evidence, o.judging()))
	if report.Standing != reports.Partial || report.Endpoints[0].Standing != reports.Partial {
		t.Errorf("one of two mandatory rules was selected: %s, %s", report.Standing, report.Endpoints[0].Standing)
	}
	b.evidence.Complete = false
	report = o.summary(b.plan, b.evidence, judgeAll(b.plan, b.evidence, o.judging()))
	if report.Standing != reports.IncompleteRun {
		t.Errorf("the run was cut off: %s", report.Standing)
	}
}

func TestMatcherListsEverything(t *testing.T) {
	r := &reports.Result{ID: "a.b", Verdict: reports.Fail, Findings: []reports.Finding{{Verdict: reports.Fail, Text: "first", Exchange: "x#1"}, {Verdict: reports.Warn, Text: "second"}}}
	m := HaveNoViolations()
	ok, err := m.Match(r)
	if ok || err != nil {
		t.Fatal(ok, err)
	}
	for _, want := range []string{"1. fail: first", "2. warn: second", "x#1"} {
		if !strings.Contains(m.FailureMessage(*r), want) {
			t.Errorf("%q is not in %q", want, m.FailureMessage(r))
		}
	}
	for verdict, holds := range map[reports.Verdict]bool{
		reports.Pass: true, reports.Warn: true, reports.Known: true, reports.Skip: true, reports.StaleWaiver: false,
		reports.Error: false, reports.Inconclusive: false, reports.NotRun: false,
	} {
		if ok, _ := m.Match(reports.Result{Verdict: verdict}); ok != holds {
			t.Errorf("%s: %v", verdict, ok)
		}
	}
	if _, err := m.Match("text"); err == nil {
		t.Error("a text was taken for a result")
	}
}
