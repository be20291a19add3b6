package reports

import (
	"encoding/json"
	"os"
	"testing"
)

func schema(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHARFitsItsSchema(t *testing.T) {
	broken := dossier(1)
	x := &broken.Exchanges[0]
	x.Status, x.Failure, x.ResponseHeader, x.ResponseBody = 0, "no connection", nil, ""
	for name, d := range map[string]*Dossier{"none": {Report: sample(0)}, "some": dossier(5), "no answer": broken, "hostile": hostileDossier()} {
		t.Run(name, func(t *testing.T) { fits(t, schema(t, "har.schema.json"), []byte(paper(t, "exchanges.har", d))) })
	}
}

func TestHAREntry(t *testing.T) {
	x := exchange("alpha.binding", "id", 36)
	x.TLS = 2_000_000
	x.URL += "&scope=a%20b"
	e := newHAREntry(&x)
	if e.Time != 11.84 || e.Timings.Connect != 2.3 || e.Timings.SSL != 2 || e.Timings.Wait != 11 {
		t.Errorf("times are %v %+v", e.Time, e.Timings)
	}
	if len(e.Request.Query) != 2 || e.Request.Query[1] != (harPair{"scope", "a b"}) {
		t.Errorf("parameters are %v", e.Request.Query)
	}
	if e.Response.StatusText != "OK" || e.Response.Content.MimeType != "application/json" || e.Request.Post.Text != x.RequestBody || e.Curl != x.Curl {
		t.Errorf("the entry is %+v", e)
	}
	x.Base64, x.Truncated = true, true
	if c := newHAREntry(&x).Response.Content; c.Encoding != "base64" || c.Comment == "" {
		t.Errorf("the content is %+v", c)
	}
}

func TestCTRFFitsItsSchema(t *testing.T) {
	r := sample(3)
	r.Results[10].Verdict, r.Results[11].Verdict, r.Results[13].Verdict, r.Results[15].Verdict = Inconclusive, NotRun, Known, StaleWaiver
	for name, d := range map[string]*Dossier{"all verdicts": {Report: r}, "hostile": hostileDossier(), "empty": {Report: &Report{Tool: Tool{Name: "snapcert"}}}} {
		t.Run(name, func(t *testing.T) { fits(t, schema(t, "ctrf.schema.json"), []byte(paper(t, "ctrf.json", d))) })
	}
	var f ctrfFile
	if err := json.Unmarshal([]byte(paper(t, "ctrf.json", &Dossier{Report: r})), &f); err != nil {
		t.Fatal(err)
	}
	s := f.Results.Summary
	if s.Tests != 80 || s.Failed != 4 || s.Other != 1 || s.Pending != 1 || s.Skipped != 2 || s.Passed != 72 {
		t.Errorf("the sums are %+v", s)
	}
}
