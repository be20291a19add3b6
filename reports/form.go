package reports

import (
	"cmp"
	"fmt"
	"strings"
)

// Form is the official functional-test form (Lampiran 7.C, Skenario dan Hasil Uji Fungsionalitas) before its result is
// known. Its rows are data of the caller, in the official order: nothing here knows a scenario.
type Form struct {
	Provider string // firm that offers the API; the report's, when empty
	User     string // firm that calls it; the report's, when empty
	API      string // name of the API; the titles of the report's endpoints, when empty
	Date     string // of the test; the day the run started, when empty
	Rows     []FormRow
}

// FormRow is one scenario of the form.
type FormRow struct {
	No       string
	Service  string
	Scenario string
	Expected string
	Rules    []string // ids or inventory numbers of the rules that give the result; none when nothing can test it
	Endpoint string   // provider.endpoint whose exchanges show the result; any, when empty
	Success  bool     // a good request shows the result, where the rules name no exchange
	Note     string   // always shown
	Own      bool     // a scenario of ours, not of the official list; such rows come last
}

// Form fields and columns as the official sheet names them.
const (
	formTitle    = "Lampiran 7.C Skenario dan Hasil Uji Fungsionalitas"
	formProvider = "Nama Penyedia Layanan"
	formUser     = "Nama Pengguna Layanan"
	formAPI      = "Nama API"
	formDate     = "Tanggal Pengujian"
	ownScenario  = "[Own scenario] "
)

var formColumns = [8]string{"No", "Service", "Scenario", "Expected Result", "Request", "Response", "Result", "Notes"}

// The results a form knows.
const (
	formPass    = "PASS"
	formNotPass = "NOT PASS"
)

// sheet is the form filled in.
type sheet struct {
	head [][2]string
	rows [][8]string
}

// fill gives every row its result: NOT PASS when a rule behind it failed, waived or not; PASS when all of them were judged
// and held; blank with a note when that could not be told. Request and Response are the raw text of the exchange that
// decided.
func fill(d *Dossier) *sheet {
	r, f := d.Report, d.Form
	var titles []string
	for _, e := range r.Endpoints {
		if !e.Standard {
			titles = append(titles, cmp.Or(e.Title, e.Name))
		}
	}
	s := &sheet{head: [][2]string{
		{formProvider, cmp.Or(f.Provider, r.Parties.Provider)},
		{formUser, cmp.Or(f.User, r.Parties.User)},
		{formAPI, cmp.Or(f.API, strings.Join(titles, "; "))},
		{formDate, cmp.Or(f.Date, r.Run.Started.Format("2006-01-02"))},
	}}
	results := map[string]*Result{}
	for i := range r.Results {
		results[r.Results[i].ID], results[r.Results[i].Ref] = &r.Results[i], &r.Results[i]
	}
	clerk := &formClerk{results: results, exchanges: map[string]*Exchange{}, good: map[string]*Exchange{}}
	for i := range d.Exchanges {
		x := &d.Exchanges[i]
		clerk.exchanges[x.ID] = x
		if x.Good && clerk.good[x.Endpoint] == nil && x.Status >= 200 && x.Status < 400 {
			clerk.good[x.Endpoint] = x
		}
	}
	own := 0
	for _, last := range []bool{false, true} {
		for _, row := range f.Rows {
			if row.Own != last {
				continue
			}
			no, scenario := row.No, row.Scenario
			if row.Own {
				own++
				no, scenario = cmp.Or(no, fmt.Sprintf("T.%d", own)), ownScenario+scenario
			}
			verdict, note, x := clerk.decide(&row)
			line := [8]string{no, row.Service, scenario, row.Expected, "", "", verdict, join(row.Note, note)}
			if verdict != "" && x != nil {
				line[4], line[5] = x.requestText(), x.responseText()
			}
			s.rows = append(s.rows, line)
		}
	}
	for i := range r.Waivers { // the sheet has no place for them but below the scenarios
		w := &r.Waivers[i]
		s.rows = append(s.rows, [8]string{fmt.Sprintf("W.%d", i+1), "", w.title(), "", "", "", "", w.State + "; " + w.Reason})
	}
	return s
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
