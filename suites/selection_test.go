package suites

import (
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// A selection is no verdict on an endpoint: what was not selected is left out, and the report says that it is a part.
func TestSummaryOfASelection(t *testing.T) {
	o := against(t, sandbox.Options{})
	o.Selection.Rules = []string{"P-028", "S-03"}
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Run.Narrowed || report.Standing != reports.Partial || reports.ExitCode(report) != reports.ExitHeld || len(report.Endpoints) != 2 {
		t.Fatalf("narrowed %v, standing %s, exit code %d, endpoints %+v", report.Run.Narrowed, report.Standing, reports.ExitCode(report), report.Endpoints)
	}
	if own, standard := report.Endpoints[0], report.Endpoints[1]; own.Name != "paydia.account-creation" || own.Standard || !standard.Standard || standard.Service != "" {
		t.Errorf("endpoints %+v", report.Endpoints)
	}
}

// Lengths are several kinds of rule, which one label finds together.
func TestLengthLabel(t *testing.T) {
	kinds := map[contract.Kind]bool{}
	for _, r := range planOf(t, Selection{LabelFilter: "kind:length"}, 1).Rules {
		kinds[r.Kind] = true
	}
	for _, kind := range []contract.Kind{contract.Length, contract.Max, contract.LengthIs} {
		if !kinds[kind] {
			t.Errorf("kind:length does not find %s", kind)
		}
	}
	for _, r := range planOf(t, Selection{LabelFilter: "kind:max"}, 1).Rules {
		if r.Kind != contract.Max {
			t.Errorf("kind:max finds %s", r.Kind)
		}
	}
}
