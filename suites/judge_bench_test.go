package suites

import (
	"strconv"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// bench is a made-up provider with one endpoint, a plan for it and evidence written by hand: what the judge sees, without
// anything that sends.
type bench struct {
	endpoint *contract.Endpoint
	plan     *Plan
	evidence *Evidence
}

const (
	benchRequest = `{"reference":"R-1","state":"S-1"}`
	goodAnswer   = `200 {"responseCode":"2000600","responseMessage":"Successful","reference":"R-1"}`
)

func newBench() *bench {
	provider := &contract.Provider{Provider: "acme"}
	endpoint := &contract.Endpoint{
		Endpoint: "thing", Service: "06", Method: "POST", Path: "/thing", Success: []string{"2000600"}, Provider: provider,
		Codes: []contract.Row{{Name: "4000601", Status: 400, Message: "Invalid Field Format [field]"}, {Name: "4000602", Status: 400, Message: "Invalid Mandatory Field {field}"}, {Name: "4090601", Status: 409}, {Name: "5040600", Status: 504}},
		Body:  []contract.Row{{Name: "reference"}, {Name: "state"}},
	}
	provider.Endpoints = []*contract.Endpoint{endpoint}
	b := &bench{
		endpoint: endpoint,
		plan:     &Plan{Endpoints: []*contract.Endpoint{endpoint}},
		evidence: &Evidence{Header: Header{Started: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}, Exchanges: map[string]*snap.Exchange{}, Complete: true},
	}
	for i, phase := range []Phase{Opening, Opening, Closing, Closing} {
		id := "control/" + strconv.Itoa(i)
		b.plan.Scenarios = append(b.plan.Scenarios, Scenario{
			ID: id, Endpoint: endpoint.Name(), Phase: phase, Steps: []Step{{Want: Want{Kind: WantAccept}}},
		})
		b.answer(id, 0, 0, goodAnswer)
	}
	return b
}

// rule adds a documented must rule; tune may change it.
func (b *bench) rule(kind contract.Kind, where contract.Where, name string, tune func(*contract.Rule)) *contract.Rule {
	r := &contract.Rule{
		Ref: "T-" + strconv.Itoa(len(b.plan.Rules)+1), Kind: kind, Where: where, Row: &contract.Row{Name: name, Cite: "thing, 1"},
		Endpoint: b.endpoint, Basis: contract.Documented, CodesBasis: contract.Documented, Level: contract.Must, State: contract.Checked,
		Codes: []string{"4000601", "4000602"},
	}
	if tune != nil {
		tune(r)
	}
	r.ID = "acme.thing." + string(where) + "." + name + "." + string(kind)
	r.Row.Rules = append(r.Row.Rules, r)
	b.plan.Rules = append(b.plan.Rules, r)
	b.endpoint.Rules = append(b.endpoint.Rules, r)
	return r
}

// scenario adds a scenario for a rule and returns its id.
func (b *bench) scenario(r *contract.Rule, steps ...Step) string {
	id := r.ID + "/case"
	b.plan.Scenarios = append(b.plan.Scenarios, Scenario{ID: id, Endpoint: b.endpoint.Name(), Rules: []string{r.ID}, Phase: Main, Steps: steps})
	return id
}

// answer records what a step got: "400 {…}" is an HTTP answer, "connect", "canceled" and the like a failure, "" nothing.
func (b *bench) answer(scenario string, step, copyIndex int, got string) *snap.Exchange {
	if got == "" {
		return nil
	}
	x := &snap.Exchange{
		ID: ExchangeID(scenario, step, copyIndex), Endpoint: b.endpoint.Name(), Took: time.Millisecond,
		Sent: snap.Sent{Method: "POST", URL: "https://acme.test/thing", Body: benchRequest},
	}
	b.evidence.Exchanges[x.ID] = x
	status, err := strconv.Atoi(got[:min(3, len(got))])
	if err != nil {
		x.Failure = &snap.Failure{Kind: snap.FailureKind(got), Detail: "as the test says"}
		return x
	}
	body := ""
	if len(got) > 4 {
		body = got[4:]
	}
	x.Got = &snap.Response{
		Status: status, Body: body, BodySize: int64(len(body)),
		Header: []snap.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "X-TIMESTAMP", Value: "2026-06-01T07:00:00+07:00"}},
		TLS:    &snap.TLS{Version: "TLS 1.3"},
	}
	return x
}

// controls replaces what all four controls got.
func (b *bench) controls(got string) {
	for i := range 4 {
		id := "control/" + strconv.Itoa(i)
		delete(b.evidence.Exchanges, ExchangeID(id, 0, 0))
		b.answer(id, 0, 0, got)
	}
}

func (b *bench) judge(o JudgeOptions) ([]reports.Result, []reports.Cause) {
	return Judge(b.plan, b.evidence, o)
}

// only judges and returns the result of the first rule.
func (b *bench) only(t *testing.T, o JudgeOptions) reports.Result {
	t.Helper()
	results, _ := b.judge(o)
	if len(results) == 0 {
		t.Fatal("no result")
	}
	return results[0]
}

func number(n int) *int { return &n }
