package reports

// Form is the official functional-test form (Lampiran 7.C, Skenario dan Hasil Uji Fungsionalitas) before its result is
// known. Its rows are data of the caller: nothing here knows a scenario.
type Form struct {
	Provider string // firm that offers the API
	User     string // firm that calls it
	API      string // name of the API
	Date     string // of the test
	Rows     []FormRow
}

// FormRow is one scenario of the form.
type FormRow struct {
	No       string
	Service  string
	Scenario string
	Expected string
	Rules    []string // ids or inventory numbers of the rules that give the result; none when nothing can test it
	Note     string   // always shown
	Own      bool     // a scenario of ours, not of the official list
}
