package suites

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// The form of a good provider: the five rows of every service first, and each row that passes shows a call of its own
// service that was answered with the code the row expects.
func TestFormOfAGoodProvider(t *testing.T) {
	o := against(t, sandbox.Options{})
	var evidence *Evidence
	o.Collected = func(e *Evidence) { evidence = e }
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(o.Providers, o.Selection, o.Seed)
	if err != nil {
		t.Fatal(err)
	}
	official, err := fixtures.OfficialForm()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := reports.WriteFormCSV(&text, &reports.Dossier{Report: report, Form: Form(plan, official), Exchanges: Exchanges(plan, evidence)}); err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(&text)
	in.FieldsPerRecord = -1
	lines, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for _, e := range plan.Endpoints {
		paths[e.Service+" "+e.Name()] = e.Path
	}
	rows, passed, own := 0, 0, false
	for _, line := range lines {
		if len(line) != 8 || line[0] == "No" {
			continue
		}
		no, service, expected, request, response, result, notes := line[0], line[1], line[3], line[4], line[5], line[6], line[7]
		rows++
		isOwn := strings.HasPrefix(no, "T.")
		if own && !isOwn {
			t.Errorf("%s %s stands after scenarios of our own", no, service)
		}
		own = isOwn
		switch {
		case result == "" && (request != "" || response != "" || !strings.Contains(notes, "Not tested: ")):
			t.Errorf("%s %s was not tested, and has %q %q %q", no, service, request, response, notes)
		case result == "PASS":
			passed++
			if !strings.Contains(request, paths[service]) || !strings.Contains(response, `"`+expected+`"`) {
				t.Errorf("%s %s expects %s and shows\n%s\n%s", no, service, expected, request, response)
			}
		case result != "":
			t.Errorf("%s %s is %s: %s", no, service, result, notes)
		}
	}
	if want := len(plan.Endpoints) * len(official.Scenarios); rows != want || passed < 25 {
		t.Errorf("%d rows of %d, %d passed", rows, want, passed)
	}
}
