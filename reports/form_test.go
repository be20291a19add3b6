package reports

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func csvRows(t *testing.T, d *Dossier) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteFormCSV(&b, d); err != nil {
		t.Fatal(err)
	}
	c := csv.NewReader(&b)
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func xlsxRows(t *testing.T, d *Dossier) (*excelize.File, [][]string) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteFormXLSX(&b, d); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return f, rows
}

func TestFormRows(t *testing.T) {
	d := dossier(1) // P-000 fails
	rows := csvRows(t, d)
	at := 5 // the empty line is skipped by the reader
	if got := strings.Join(rows[at], "|"); got != "No|Service|Scenario|Expected Result|Request|Response|Result|Notes" {
		t.Fatalf("columns are %s", got)
	}
	for i, want := range []struct{ no, scenario, result, note string }{
		{"2.1", "Invalid access token", "NOT PASS", "P-000: a value that is too long was taken"},
		{"2.2", "Unauthorized signature", "PASS", "Rules: P-002, P-004"},
		{"2.3", "Missing mandatory field", "PASS", "Rules: P-007 (a better fit is 4000602)"},
		{"2.4", "Wrong field format", "", "Not tested: P-005: not testable: needs a browser"},
		{"2.5", "Same X-EXTERNAL-ID in a day", "", "Not tested: no rule of the provider's page states this."},
		{"T.1", "[Own scenario] Longest reference", "PASS", "Rules: P-009"},
	} {
		row := rows[at+1+i]
		if row[0] != want.no || row[2] != want.scenario || row[6] != want.result || row[7] != want.note {
			t.Errorf("row %d is %q, should have %+v", i, row, want)
		}
		if tested := want.result != ""; (row[4] != "") != tested || (row[5] != "") != tested {
			t.Errorf("row %d: request and response should be given just when there is a result: %q", i, row)
		}
	}
	first := rows[at+1]
	for _, part := range []string{"POST http://127.0.0.1:8080/snap", "\nX-TIMESTAMP: ", "\n\n{\"partnerReferenceNo\""} {
		if !strings.Contains(first[4], part) {
			t.Errorf("request has no %q: %s", part, first[4])
		}
	}
	if !strings.HasPrefix(first[5], "HTTP/1.1 200 OK\n") {
		t.Errorf("response is %s", first[5])
	}
}

func TestFormIsTheSameInBothFormats(t *testing.T) {
	d := dossier(1)
	_, inXLSX := xlsxRows(t, d)
	inXLSX = slices.DeleteFunc(inXLSX, func(row []string) bool { return len(row) == 0 })
	inCSV := csvRows(t, d)
	if len(inXLSX) != len(inCSV) {
		t.Fatalf("%d rows in the workbook, %d in the CSV", len(inXLSX), len(inCSV))
	}
	for i, row := range inCSV {
		var filled []string
		for _, c := range inXLSX[i] {
			if c != "" || i > 5 {
				filled = append(filled, c)
			}
		}
		if strings.TrimRight(strings.Join(filled, "|"), "|") != strings.TrimRight(strings.Join(row, "|"), "|") {
			t.Errorf("row %d: workbook %q, CSV %q", i, filled, row)
		}
	}
}

func TestFormHeadFallsBackToTheReport(t *testing.T) {
	d := dossier(0)
	d.Form.Provider, d.Form.User, d.Form.API, d.Form.Date = "", "", "", ""
	rows := csvRows(t, d)
	for i, want := range []string{"PT Alpha", "PT Beta", "Endpoint alpha.account-creation; Endpoint alpha.binding; Endpoint beta.inquiry; Endpoint beta.oauth-code", "2026-03-02"} {
		if rows[i+1][1] != want {
			t.Errorf("head field %s is %q", rows[i+1][0], rows[i+1][1])
		}
	}
}

// A success is told from a rule on codes, which has no case of its own: the good request is what shows it.
func TestFormShowsTheGoodRequestForSuccess(t *testing.T) {
	d := dossier(0)
	endpoint := d.Report.Endpoints[0].Name
	d.Report.Results[3].Verdict, d.Report.Results[3].Cases, d.Report.Results[3].Findings = Pass, nil, nil
	d.Form.Rows = []FormRow{{No: "2.6", Scenario: "Success", Expected: "200xx00", Rules: []string{d.Report.Results[3].ID}, Endpoint: endpoint, Success: true}}
	row := fill(d).rows[0]
	if row[6] != formPass || !strings.Contains(row[4], "POST http") || !strings.Contains(row[5], "200 OK") {
		t.Errorf("the row is %q", row)
	}
	d.Form.Rows[0].Success = false
	if row := fill(d).rows[0]; row[6] != "" || !strings.Contains(row[7], "no exchange was recorded") {
		t.Errorf("without a good request the row is %q", row)
	}
}

// All text of a row shows, as far as the format lets a row grow.
func TestFormRowsAreHighEnough(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
	}{{"", 16}, {"one line", 16}, {"a\nb\nc", 40}, {strings.Repeat("x", 100), 40}, {strings.Repeat("long\n", 900), 409}} {
		if got := heightOf([8]string{"", "", "", "", tt.text}); got != tt.want {
			t.Errorf("a row of %.20q is %v points high, want %v", tt.text, got, tt.want)
		}
	}
}

// What a rule of the standard found on one endpoint is not held against another.
func TestFormRowsAreOfTheirEndpoint(t *testing.T) {
	d := dossier(0)
	one, other := d.Report.Endpoints[0].Name, d.Report.Endpoints[1].Name
	res := &d.Report.Results[0]
	res.Endpoint, res.Verdict = "snap.standard", Fail
	on := func(endpoint, id, code string) Exchange {
		x := exchange(endpoint, id, 36)
		x.Rules, x.Change, x.ResponseBody = []string{res.ID}, "left out", `{"responseCode":"`+code+`"}`
		return x
	}
	d.Exchanges = append(d.Exchanges, on(one, "a", "2000600"), on(other, "b", "4000702"))
	res.Cases = []Case{{Change: "left out", Exchanges: []string{"a"}}, {Change: "left out", Exchanges: []string{"b"}}}
	res.Findings = []Finding{{Verdict: Fail, Text: "was accepted", Exchange: "a"}}
	d.Form.Rows = []FormRow{{No: "1", Expected: "4000602", Rules: []string{res.ID}, Endpoint: one}, {No: "2", Expected: "4000702", Rules: []string{res.ID}, Endpoint: other}}
	rows := fill(d).rows
	if rows[0][6] != formNotPass || !strings.Contains(rows[0][5], "2000600") {
		t.Errorf("where it was found: %q", rows[0])
	}
	if rows[1][6] != formPass || !strings.Contains(rows[1][5], "4000702") {
		t.Errorf("elsewhere: %q", rows[1])
	}
}
