package reports

import (
	"fmt"
	"strings"
	"time"
)

// dossier is a sample report with one exchange a rule and a good request an endpoint.
func dossier(failures int) *Dossier { return withExchanges(sample(failures)) }

func withExchanges(r *Report) *Dossier {
	d := &Dossier{Report: r, Form: sampleForm()}
	for _, e := range r.Endpoints {
		x := exchange(e.Name, "good-"+e.Name, 36)
		x.Good = true
		d.Exchanges = append(d.Exchanges, x)
	}
	for i := range r.Results {
		res := &r.Results[i]
		if len(res.Cases) == 0 {
			continue
		}
		x := exchange(res.Endpoint, res.Cases[0].Exchanges[0], 37+i%20)
		x.Rules, x.Case, x.Change, x.Changed = []string{res.ID}, "over", res.Cases[0].Change, []string{"partnerReferenceNo"}
		if res.Verdict != Fail {
			x.Status = 400
			x.ResponseBody = `{"responseCode":"4000601","responseMessage":"Invalid Field Format partnerReferenceNo"}`
		}
		x.Started = x.Started.Add(time.Duration(i) * 12 * time.Millisecond)
		d.Exchanges = append(d.Exchanges, x)
	}
	return d
}

func exchange(endpoint, id string, length int) Exchange {
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("WIB", 7*3600))
	return Exchange{
		ID: id, Endpoint: endpoint, Method: "POST", URL: "http://127.0.0.1:8080/snap/v1.0/registration-account-creation?flow=a",
		Fresh: []string{"X-SIGNATURE", "X-EXTERNAL-ID", "partnerReferenceNo"},
		RequestHeader: []Header{{"Content-Type", "application/json"}, {"Authorization", "Bearer {masked:120:00ffee112233}"}, {"X-TIMESTAMP", "2026-03-02T09:30:00+07:00"},
			{"X-SIGNATURE", "{masked:88:" + fmt.Sprintf("%012x", length) + "}"}, {"X-PARTNER-ID", "82150823919040624621823174737537"}, {"X-EXTERNAL-ID", "41807553358950093184162180797837"}, {"CHANNEL-ID", "95221"}},
		RequestBody: `{"partnerReferenceNo":"` + strings.Repeat("7", length) + `","customerId":"{masked:16:0a0b0c0d0e0f}","countryCode":"ID","phoneNo":"{masked:13:99aabbccddee}","additionalInfo":{"deviceId":"12345679237","channel":"mobilephone"}}`,
		Status:      200, Proto: "HTTP/1.1", ResponseHeader: []Header{{"Content-Type", "application/json"}, {"X-TIMESTAMP", "2026-03-02T09:30:00+07:00"}, {"Date", "Mon, 02 Mar 2026 02:30:00 GMT"}, {"Content-Length", "222"}},
		ResponseBody: `{"responseCode":"2000600","responseMessage":"Request has been processed successfully","referenceNo":"2020102977770000000009","accountId":"{masked:16:0a0b0c0d0e0f}"}`,
		BodySize:     170, Started: at, Took: 11_840 * time.Microsecond, Connect: 300 * time.Microsecond, FirstByte: 11 * time.Millisecond, Receive: 200 * time.Microsecond,
		Curl: `curl -sS -X POST -H "X-SIGNATURE: $(snapcert sign --request r.json)" -H "Authorization: Bearer $SNAP_TOKEN" --data-binary @body.json 'http://127.0.0.1:8080/snap/v1.0/registration-account-creation?flow=a'`,
	}
}

func sampleForm() Form {
	return Form{Provider: "PT Alpha", User: "PT Beta", API: "Registration Account Creation", Date: "2026-03-02", Rows: []FormRow{
		{No: "2.1", Service: "06", Scenario: "Invalid access token", Expected: "401xx01", Rules: []string{"P-000"}},
		{No: "2.2", Service: "06", Scenario: "Unauthorized signature", Expected: "401xx00", Rules: []string{"P-002", "P-004"}},
		{No: "2.3", Service: "06", Scenario: "Missing mandatory field", Expected: "400xx02", Rules: []string{"P-007"}},
		{No: "2.4", Service: "06", Scenario: "Wrong field format", Expected: "400xx01", Rules: []string{"P-005"}},
		{No: "2.5", Service: "06", Scenario: "Same X-EXTERNAL-ID in a day", Expected: "409xx00"},
		{No: "", Service: "06", Scenario: "Longest reference", Expected: "2000600", Rules: []string{"P-009"}, Own: true},
	}}
}

// hostileDossier is hostile in its exchanges too.
func hostileDossier() *Dossier {
	d := withExchanges(hostile())
	for i := range d.Exchanges {
		x := &d.Exchanges[i]
		x.ID, x.Change, x.URL, x.Method, x.RequestBody, x.ResponseBody, x.Failure, x.Proto, x.Curl = x.ID+nasty, nasty, nasty, nasty, nasty, nasty, nasty, nasty, nasty
		x.RequestHeader = append(x.RequestHeader, Header{nasty, nasty})
		x.ResponseHeader = append(x.ResponseHeader, Header{nasty, nasty})
		x.Attempts = []string{nasty}
	}
	d.Form = Form{nasty, nasty, nasty, nasty, []FormRow{{nasty, nasty, nasty, nasty, []string{d.Report.Results[0].ID}, "", false, nasty, true}}}
	return d
}
