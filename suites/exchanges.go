package suites

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// Exchanges are the exchanges of a run as its papers show them, in the order they were sent: each with the rules it was
// sent for, what was changed in it, and the command that sends it again. Evidence of other contracts than the plan's is
// shown as far as the plan knows it. Flags are put on every command, such as --providers and its folder.
func Exchanges(plan *Plan, e *Evidence, flags ...string) []reports.Exchange {
	p := &papers{flags: flags, calls: map[string]*contract.Endpoint{}, sent: map[string]place{}}
	for _, endpoint := range involved(plan) {
		for _, call := range endpoint.Provider.Endpoints {
			p.calls[call.Name()] = call
		}
	}
	for i := range plan.Scenarios {
		s := &plan.Scenarios[i]
		for step := range s.Steps {
			for c := range max(1, s.Steps[step].Copies) {
				p.sent[ExchangeID(s.ID, step, c)] = place{s, step}
			}
		}
	}
	all := make([]*snap.Exchange, 0, len(e.Exchanges))
	for _, x := range e.Exchanges {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *snap.Exchange) int {
		return cmp.Or(a.Started.Compare(b.Started), strings.Compare(a.ID, b.ID))
	})
	p.learn(all)
	out := make([]reports.Exchange, len(all))
	for i, x := range all {
		out[i] = p.exchange(x, e)
	}
	return out
}

// place is where in the plan an exchange comes from.
type place struct {
	scenario *Scenario
	step     int
}

// papers turns exchanges into what is shown of them.
type papers struct {
	flags []string
	calls map[string]*contract.Endpoint
	sent  map[string]place
	known map[string]string // mask of a good request's value -> environment variable
}

// fresh are the sources whose value is another in every request.
func fresh(s contract.Source) bool {
	switch s {
	case contract.FromTimestamp, contract.FromSignature, contract.FromSeamlessSign, contract.FromB2BToken,
		contract.FromExternalID, contract.FromReference, contract.FromFresh:
		return true
	}
	return false
}

func (p *papers) exchange(x *snap.Exchange, e *Evidence) reports.Exchange {
	at, planned := p.sent[x.ID]
	call := p.calls[x.Endpoint]
	out := reports.Exchange{
		ID: x.ID, Endpoint: x.Endpoint, Method: x.Sent.Method, URL: x.Sent.URL, RequestHeader: headersOf(x.Sent.Header), RequestBody: x.Sent.Body,
		Started: x.Started, Took: x.Took, Connect: x.Phases.Connect, TLS: x.Phases.TLS, FirstByte: x.Phases.FirstByte, Receive: x.Phases.Body,
	}
	if x.Failure != nil {
		out.Failure = string(x.Failure.Kind) + ": " + x.Failure.Detail
	}
	if got := x.Got; got != nil {
		out.Status, out.Proto, out.ResponseHeader, out.ResponseBody = got.Status, got.Proto, headersOf(got.Header), got.Body
		out.BodySize, out.Truncated, out.Base64 = got.BodySize, got.Truncated, got.NotUTF8
	}
	for i, a := range x.Attempts {
		out.Attempts = append(out.Attempts, fmt.Sprintf("try %d was answered %d; sent again after %s", i+1, a.Status, a.Waited))
	}
	if call != nil {
		for _, rows := range [][]contract.Row{call.Header, call.Query, call.Body} {
			for i := range rows {
				if fresh(rows[i].From) {
					out.Fresh = append(out.Fresh, lastName(rows[i].Name))
				}
			}
		}
	}
	if !planned {
		out.Good = call != nil && call.Token // a token that was fetched to go on with
		out.Curl = p.curl(x, call, nil, 0, nil)
		return out
	}
	s, step := at.scenario, &at.scenario.Steps[at.step]
	out.Rules, out.Variant = s.Rules, step.Variant
	out.Case = s.ID[strings.LastIndexByte(s.ID, '/')+1:]
	for _, c := range step.Changes {
		if _, name := c.At.Split(); name != "" {
			out.Changed = append(out.Changed, lastName(name))
		}
	}
	out.Good = len(s.Rules) == 0 && len(step.Changes) == 0 && step.Sign == SignAs{}
	if !out.Good {
		out.Change = changeText(s, at.step)
	}
	out.Curl = p.curl(x, call, s, at.step, e)
	return out
}

// lastName is the name an item has where it stands: of a dotted path the last part.
func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func headersOf(fields []snap.Field) []reports.Header {
	out := make([]reports.Header, len(fields))
	for i, f := range fields {
		out[i] = reports.Header(f)
	}
	return out
}
