package suites

import (
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// answerCase is one answer among good ones, and what a rule makes of it.
type answerCase struct {
	name    string
	kind    contract.Kind
	where   contract.Where
	item    string
	tune    func(*contract.Rule)
	got     string
	verdict reports.Verdict
	says    string
}

func is(text string) func(*contract.Rule) { return func(r *contract.Rule) { r.Is = text } }

func within(low, high int) func(*contract.Rule) {
	return func(r *contract.Rule) {
		if low >= 0 {
			r.Min = number(low)
		}
		r.Max = number(high)
	}
}

func values(all ...string) func(*contract.Rule) { return func(r *contract.Rule) { r.Values = all } }

func (c answerCase) run(t *testing.T) {
	b := newBench()
	r := b.rule(c.kind, c.where, c.item, c.tune)
	b.plan.Scenarios = append(b.plan.Scenarios, Scenario{ID: "other", Endpoint: "acme.thing", Phase: Main, Steps: []Step{{}}})
	b.answer("other", 0, 0, c.got)
	got := b.only(t, JudgeOptions{})
	said := got.Reason + strings.Join(got.Observed, " ")
	for _, f := range got.Findings {
		said += f.Text + " " + f.Received
		if f.Exchange != "other#1" || f.Expected == "" {
			t.Errorf("finding %+v", f)
		}
	}
	if got.Verdict != c.verdict || !strings.Contains(said, c.says) {
		t.Errorf("%s on %s: %s %q, want %s with %q", r.Kind, c.got, got.Verdict, said, c.verdict, c.says)
	}
}

func TestMembers(t *testing.T) {
	const ok, bad = `200 {"responseCode":"2000600"`, `400 {"responseCode":"4000601"`
	response := contract.InResponse
	for _, test := range []answerCase{
		{"present", contract.Present, response, "reference", nil, ok + `,"reference":"x"}`, "pass", ""},
		{"present, empty", contract.Present, response, "reference", nil, ok + `,"reference":""}`, "pass", ""},
		{"missing", contract.Present, response, "reference", nil, ok + `}`, "fail", "reference is missing"},
		{"null", contract.Present, response, "reference", nil, ok + `,"reference":null}`, "fail", "reference is null"},
		{"of another type", contract.Present, response, "reference", values("string"), ok + `,"reference":5}`, "fail", "number instead of string"},
		{"missing in a refusal", contract.Present, response, "reference", nil, bad + `}`, "pass", ""},
		{"always, missing in a refusal", contract.Present, response, "responseMessage", is("always"), bad + `}`, "fail", "missing"},
		{"in refusals, missing", contract.Present, response, "referenceNo", is("error"), bad + `}`, "fail", "missing"},
		{"in refusals, none seen", contract.Present, response, "referenceNo", is("error"), ok + `}`, "inconclusive", "no answer in which"},
		{"member of a container missing", contract.Present, response, "info.url", nil, ok + `,"info":{}}`, "fail", "info.url is missing"},
		{"element", contract.TypeIs, response, "list[].name", is("string"), ok + `,"list":[{"name":"a"},{"name":1}]}`, "fail", "list[1].name is number"},
		{"type", contract.TypeIs, response, "flag", is("boolean"), ok + `,"flag":true}`, "pass", ""},
		{"type null", contract.TypeIs, response, "flag", is("boolean"), ok + `,"flag":null}`, "fail", "null instead of boolean"},
		{"type in words", contract.TypeIs, response, "flag", is("boolean"), ok + `,"flag":"true"}`, "fail", "string instead of boolean"},
		{"type also taken", contract.TypeIs, response, "list", func(r *contract.Rule) { r.Is, r.Also = "array", []string{"object"} }, ok + `,"list":{}}`, "warn", "object"},
		{"type, never there", contract.TypeIs, response, "flag", is("boolean"), ok + `}`, "skip", "nothing to judge"},
		{"absent is fine", contract.Absent, response, "extra", is("string"), ok + `}`, "pass", ""},
		{"absent is fine, null is not", contract.Absent, response, "extra", is("string"), ok + `,"extra":null}`, "fail", "null"},
		{"length at the bound", contract.LengthIs, response, "extra", within(-1, 5), ok + `,"extra":"äöüßé"}`, "pass", ""},
		{"too long", contract.LengthIs, response, "extra", within(-1, 5), ok + `,"extra":"abcdef"}`, "fail", "6 characters"},
		{"too short", contract.LengthIs, response, "extra", within(3, 3), ok + `,"extra":"ab"}`, "fail", "2 characters"},
		{"masked, too long", contract.LengthIs, response, "extra", within(-1, 5), ok + `,"extra":"{masked:6:0123456789ab}"}`, "fail", "6 characters"},
		{"masked, fine", contract.LengthIs, response, "extra", within(-1, 5), ok + `,"extra":"{masked:5:0123456789ab}"}`, "pass", ""},
		{"digits", contract.Digits, response, "responseCode", within(7, 7), `400 {"responseCode":"400060"}`, "fail", "6 digits"},
		{"digits, letters", contract.Digits, response, "responseCode", within(7, 7), `400 {"responseCode":"400O601"}`, "fail", "digits alone"},
		{"digits, number", contract.Digits, response, "responseCode", nil, `400 {"responseCode":4000601}`, "fail", "number instead of string"},
		{"digits, missing", contract.Digits, response, "responseCode", is("always"), `400 {}`, "fail", "missing"},
		{"time", contract.ISO8601, response, "at", nil, ok + `,"at":"2026-06-01T07:00:00.123+07:00"}`, "pass", ""},
		{"time without offset", contract.ISO8601, response, "at", nil, ok + `,"at":"2026-06-01T07:00:00"}`, "warn", "no date and time"},
		{"no time", contract.ISO8601, response, "at", nil, ok + `,"at":"yesterday"}`, "fail", "no date and time"},
		{"one of", contract.OneOf, response, "type", values("Bearer"), ok + `,"type":"Bearer"}`, "pass", ""},
		{"one of others", contract.OneOf, response, "type", func(r *contract.Rule) { r.Values, r.Also = []string{"Bearer"}, []string{"Mac"} }, ok + `,"type":"Mac"}`, "warn", ""},
		{"one of none", contract.OneOf, response, "type", values("Bearer"), ok + `,"type":"bearer"}`, "fail", "not among"},
		{"not on error", contract.OnErrorNot, response, "extra", nil, bad + `,"extra":{}}`, "fail", "in a refusal"},
		{"not on error, on success", contract.OnErrorNot, response, "extra", nil, ok + `,"extra":{}}`, "inconclusive", "no refusal"},
		{"echo", contract.Echo, response, "state", func(r *contract.Rule) { r.Field = "body.state" }, ok + `,"state":"S-1"}`, "pass", ""},
		{"echo mangled", contract.Echo, response, "state", func(r *contract.Rule) { r.Field = "body.state" }, ok + `,"state":"s-1"}`, "fail", "not what the request sent"},
		{"link", contract.AbsoluteURL, response, "url", is("https"), ok + `,"url":"https://a.test/x"}`, "pass", ""},
		{"link, http", contract.AbsoluteURL, response, "url", is("https"), ok + `,"url":"http://a.test/x"}`, "fail", "no absolute https URL"},
		{"link, relative", contract.AbsoluteURL, response, "url", is("any"), ok + `,"url":"/x"}`, "fail", "no absolute URL"},
		{"link carries", contract.URLParams, response, "url", values("state", "partnerId"), ok + `,"url":"https://a.test/?state=S-1&partnerId=9"}`, "pass", ""},
		{"link carries, encoded", contract.URLParams, response, "url", values("state"), ok + `,"url":"https://a.test/?state=S%252D1"}`, "pass", ""},
		{"link carries too little", contract.URLParams, response, "url", values("state", "partnerId"), ok + `,"url":"https://a.test/?state=S-1"}`, "fail", "does not carry partnerId"},
		{"link alters", contract.URLParams, response, "url", values("state"), ok + `,"url":"https://a.test/?state=S-2"}`, "fail", "another value"},
		{"header there", contract.Present, contract.InResponseHeader, "x-timestamp", nil, ok + `}`, "pass", ""},
	} {
		t.Run(test.name, test.run)
	}
}

func TestWholeAnswers(t *testing.T) {
	transport := contract.InTransport
	for _, test := range []answerCase{
		{"service", contract.Service, transport, "service", nil, `400 {"responseCode":"4000701"}`, "fail", "service 07 instead of 06"},
		{"service of a malformed code", contract.Service, transport, "service", nil, `400 {"responseCode":"40007"}`, "pass", ""},
		{"no JSON", contract.JSONBody, transport, "body", nil, `400 <html>`, "fail", "no JSON"},
		{"an array", contract.JSONBody, transport, "body", nil, `400 []`, "fail", "no object"},
		{"two documents", contract.JSONBody, transport, "body", nil, `400 {}{}`, "fail", "no JSON"},
		{"a failure's page", contract.JSONBody, transport, "body", nil, `502 <html>`, "pass", ""},
		{"a limiter's page", contract.JSONBody, transport, "body", nil, `429 slow down`, "pass", ""},
		{"status", contract.StatusMatch, contract.InResponse, "responseCode", nil, `200 {"responseCode":"4000601"}`, "fail", "HTTP status is 200"},
		{"status of a failure", contract.StatusMatch, contract.InResponse, "responseCode", nil, `500 {"responseCode":"5040600"}`, "fail", "HTTP status is 500"},
		{"status of an unlisted code", contract.StatusMatch, contract.InResponse, "responseCode", nil, `400 {"responseCode":"4040600"}`, "warn", "HTTP status is 400"},
		{"listed", contract.Listed, contract.InResponse, "responseCode", nil, `400 {"responseCode":"4000602"}`, "pass", ""},
		{"unlisted", contract.Listed, contract.InResponse, "responseCode", nil, `404 {"responseCode":"4040600"}`, "fail", "not among"},
		{"listed by status and case", contract.Listed, contract.InResponse, "responseCode", values("40400"), `404 {"responseCode":"4040600"}`, "pass", ""},
		{"unlisted, of another service", contract.Listed, contract.InResponse, "responseCode", nil, `404 {"responseCode":"4040700"}`, "pass", ""},
		{"wording", contract.MessageText, contract.InResponse, "responseMessage", nil, `400 {"responseCode":"4000602","responseMessage":"INVALID mandatory-field: Invalid Mandatory Field, partnerReferenceNo"}`, "pass", ""},
		{"wording, other", contract.MessageText, contract.InResponse, "responseMessage", nil, `400 {"responseCode":"4000602","responseMessage":"Bad request"}`, "fail", "not worded"},
		{"code seen", contract.CodeSeen, contract.InCodes, "4000601", nil, `400 {"responseCode":"4000601"}`, "pass", ""},
		{"code with another status", contract.CodeSeen, contract.InCodes, "4000601", nil, `200 {"responseCode":"4000601"}`, "fail", "HTTP status 200 instead of 400"},
		{"code never seen", contract.CodeSeen, contract.InCodes, "4000601", nil, goodAnswer, "inconclusive", "never seen"},
		{"refusal's shape", contract.ErrorShape, transport, "answer", nil, `400 {"responseCode":"4000601"}`, "fail", "no responseMessage"},
		{"no refusal", contract.ErrorShape, transport, "answer", nil, goodAnswer, "inconclusive", "no refusal"},
		{"headers", contract.Headers, transport, "answer", func(r *contract.Rule) {
			r.Values, r.Is, r.Field = []string{"Content-Type", "X-TIMESTAMP"}, "iso8601", "response-header.X-TIMESTAMP"
		}, goodAnswer, "pass", ""},
		{"a success of another service's", contract.TokenCall, transport, "token", nil, `200 {"responseCode":"2007300"}`, "fail", "service 73"},
	} {
		t.Run(test.name, test.run)
	}
}

// A value that a more basic rule of its row rejects is that rule's business alone.
func TestMoreBasicRuleOwnsTheBreach(t *testing.T) {
	b := newBench()
	present := b.rule(contract.Present, contract.InResponse, "state", values("string"))
	length := b.rule(contract.LengthIs, contract.InResponse, "state", within(-1, 3))
	echo := b.rule(contract.Echo, contract.InResponse, "state", func(r *contract.Rule) { r.Field = "body.state" })
	for _, r := range []*contract.Rule{present, length, echo} {
		r.Row = present.Row
	}
	present.Row.Rules = []*contract.Rule{present, length, echo}
	for body, broken := range map[string]string{`5`: "present", `null`: "present", `"too long"`: "length-is", `"S-2"`: "echo", `"S-1"`: ""} {
		b.controls(`200 {"responseCode":"2000600","state":` + body + `}`)
		results, _ := b.judge(JudgeOptions{})
		for _, r := range results {
			if (r.Verdict == reports.Fail) != (r.Kind == broken) {
				t.Errorf("state %s: %s is %s, only %q is broken", body, r.Kind, r.Verdict, broken)
			}
		}
	}
}

// Equal breaches of many answers are one finding that counts them.
func TestEveryAnswer(t *testing.T) {
	b := newBench()
	b.rule(contract.Present, contract.InResponseHeader, "X-REQUEST", nil)
	b.rule(contract.TLS, contract.InTransport, "connection", nil)
	results, _ := b.judge(JudgeOptions{})
	if len(results[0].Findings) != 1 || results[0].Findings[0].Text != "X-REQUEST is missing (4 answers alike)" {
		t.Errorf("%+v", results[0].Findings)
	}
	for id := range b.evidence.Exchanges {
		b.evidence.Exchanges[id].Got.TLS = nil
	}
	if results, _ = b.judge(JudgeOptions{}); results[1].Verdict != reports.Skip {
		t.Errorf("without TLS: %s", results[1].Verdict)
	}
	for id := range b.evidence.Exchanges {
		b.evidence.Exchanges[id].Got.TLS = &snap.TLS{Version: "TLS 1.2", CipherSuite: "X"}
	}
	if results, _ = b.judge(JudgeOptions{}); results[1].Verdict != reports.Fail {
		t.Errorf("TLS 1.2: %s", results[1].Verdict)
	}
}

// What answers another method or path is not the endpoint's word, and neither is a gateway's page that the contract
// foresees.
func TestAnswersThatDoNotSpeak(t *testing.T) {
	b := newBench()
	b.rule(contract.JSONBody, contract.InTransport, "body", nil)
	path := b.rule(contract.OtherPath, contract.InTransport, "path", nil)
	b.answer(b.scenario(path, Step{Changes: []Change{{Op: OpPath, Text: "longer"}}, Want: Want{Kind: WantRefuse, Codes: []string{"4040600"}}}), 0, 0, `404 nothing`)
	other := b.rule(contract.Enum, contract.InHeader, "Content-Type", nil)
	b.answer(b.scenario(other, Step{Changes: badValue, Want: Want{Kind: WantRefuse, Codes: []string{"4000601"}, Gateway: []int{415}}}), 0, 0, `415 no`)
	if got := b.only(t, JudgeOptions{}); got.Verdict != reports.Pass {
		t.Errorf("%s %+v", got.Verdict, got.Findings)
	}
}

func TestNamesField(t *testing.T) {
	tests := []struct {
		name, got string
		alone     bool // no other rule has a verdict on the request
		verdict   reports.Verdict
	}{
		{"named", `400 {"responseCode":"4000602","responseMessage":"Invalid Mandatory Field REFERENCE"}`, false, "pass"},
		{"not named", `400 {"responseCode":"4000602","responseMessage":"Invalid Mandatory Field"}`, false, "fail"},
		{"refused for another reason", `401 {"responseCode":"4010600","responseMessage":"Unauthorized"}`, false, "inconclusive"},
		{"accepted", goodAnswer, false, "inconclusive"},
		{"accepted, and nobody else says so", goodAnswer, true, "fail"},
		{"another code, and nobody else says so", `401 {"responseCode":"4010600"}`, true, "fail"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench()
			b.rule(contract.NamesField, contract.InTransport, "refusal", func(r *contract.Rule) {
				r.Family, r.Is, r.Codes = contract.FamilyMissing, "body", []string{"4000602"}
			})
			required := b.rule(contract.Required, contract.InBody, "reference", func(r *contract.Rule) { r.Codes = []string{"4000602"} })
			if test.alone {
				required.Ref = ""
			}
			b.answer(b.scenario(required, Step{Changes: []Change{{At: "body.reference", Op: OpDrop, Text: "left out"}}, Want: Want{Kind: WantRefuse, Codes: []string{"4000602"}}}), 0, 0, test.got)
			if got := b.only(t, JudgeOptions{}); got.Verdict != test.verdict {
				t.Errorf("%s, want %s: %s %+v", got.Verdict, test.verdict, got.Reason, got.Findings)
			}
		})
	}
}

// A page that has another code for the family than the rule leaves nothing for the rule to be about.
func TestNamesFieldOfAPageWithAnotherCode(t *testing.T) {
	b := newBench()
	b.rule(contract.NamesField, contract.InTransport, "refusal", func(r *contract.Rule) {
		r.Family, r.Is, r.Codes = contract.FamilyMissing, "body", []string{"4000602"}
	})
	required := b.rule(contract.Required, contract.InBody, "reference", func(r *contract.Rule) { r.Codes = []string{"4000603"} })
	b.answer(b.scenario(required, Step{Changes: []Change{{At: "body.reference", Op: OpDrop, Text: "left out"}}, Want: Want{Kind: WantRefuse, Codes: []string{"4000603"}}}),
		0, 0, `400 {"responseCode":"4000603","responseMessage":"Missing"}`)
	if got := b.only(t, JudgeOptions{}); got.Verdict != reports.Skip || !strings.Contains(got.Reason, "another code") {
		t.Errorf("%s: %s %+v", got.Verdict, got.Reason, got.Findings)
	}
}

// The planner and the judge must agree on which kinds need no request of their own.
func TestAnswerKindsArePassive(t *testing.T) {
	for kind := range memberKinds {
		if !Passive(kind) {
			t.Errorf("%s is judged on all answers, and the planner makes requests for it", kind)
		}
	}
	for kind := range wholeKinds {
		if !Passive(kind) {
			t.Errorf("%s is judged on all answers, and the planner makes requests for it", kind)
		}
	}
}
