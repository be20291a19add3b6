package suites

import (
	"bytes"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// Evidence judged by contracts that ask for other requests: rules about those are left open, and the answers that were got
// still count for the rules about answers.
func TestEvidenceOfOtherContracts(t *testing.T) {
	const bound, shape = "paydia.account-creation.body.partnerReferenceNo.max", "paydia.account-creation.response.responseMessage.present"
	o := against(t, sandbox.Options{})
	o.Selection.Endpoints = []string{"paydia"}
	var journal bytes.Buffer
	o.Journal = &journal
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	evidence, err := ReadJournal(&journal)
	if err != nil {
		t.Fatal(err)
	}
	// One refusal that the rule on lengths brought about says too little.
	spoilt := 0
	for id, x := range evidence.Exchanges {
		if strings.HasPrefix(id, bound+"/length-65") && x.Got != nil {
			x.Got.Body = strings.Replace(x.Got.Body, "responseMessage", "note", 1)
			spoilt++
		}
	}
	if spoilt == 0 {
		t.Fatal("no such exchange")
	}
	verdicts := func(providers []*contract.Provider) (about, of reports.Verdict, reason string) {
		t.Helper()
		report, err := Rejudge(evidence, Options{Providers: providers, Targets: o.Targets})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range report.Results {
			switch r.ID {
			case bound:
				of, reason = r.Verdict, r.Reason
			case shape:
				about = r.Verdict
			}
		}
		return about, of, reason
	}
	if about, of, _ := verdicts(builtin(t)); about != reports.Fail || of != reports.Pass {
		t.Fatalf("by the same contracts the answer is %q and the bound %q", about, of)
	}
	other := builtin(t)
	for _, p := range other {
		for _, e := range p.Endpoints {
			for _, r := range e.Rules {
				if r.ID == bound {
					shorter := 48
					r.Max = &shorter
				}
			}
		}
	}
	about, of, reason := verdicts(other)
	if about != reports.Fail {
		t.Errorf("an answer of before is %q for a rule about answers", about)
	}
	if of != reports.Inconclusive || !strings.Contains(reason, "did not send") && !strings.Contains(reason, "was sent") {
		t.Errorf("a bound that was not tried is %q: %s", of, reason)
	}
}
