package suites

import (
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// summary makes the report of a judgement.
func (o *Options) summary(plan *Plan, e *Evidence, v *judgement) *reports.Report {
	report := &reports.Report{
		Schema: reports.Schema,
		Tool:   o.tool(),
		Run: reports.Run{
			ID: e.RunID, Seed: e.Seed, Started: e.Started, Ended: e.Ended, Complete: e.Complete, Interrupted: e.Interrupted,
			Strict: o.Strict, Selection: e.Selection.Text(), Narrowed: e.Selection.narrowed(), Command: o.Command, Requests: requests(e),
		},
		Target:  o.targetInfo(),
		Results: v.results,
		Causes:  v.causes,
		Waivers: v.waivers,
	}
	for _, x := range e.Exchanges {
		if x.Got != nil && x.Got.TLS != nil && (report.Target.TLSLeaf == "" || x.Got.TLS.LeafSHA256 < report.Target.TLSLeaf) {
			report.Target.TLSLeaf = x.Got.TLS.LeafSHA256
		}
	}
	chosen := map[string]bool{}
	for _, r := range plan.Rules {
		chosen[r.ID] = true
	}
	whole := true
	for _, endpoint := range involved(plan) {
		sum, complete := summaryOf(endpoint, v, chosen)
		whole = whole && complete
		if endpoint.Provider.Reference && !slices.Contains(plan.Endpoints, endpoint) {
			sum.Standard, sum.Title, sum.Service = true, "standard where pages are silent", ""
		}
		if len(sum.Counts) > 0 { // none of the others' rules were selected
			report.Endpoints = append(report.Endpoints, sum)
		}
	}
	report.Contracts = contractsOf(plan)
	report.Standing = reports.Stand(v.results)
	if !e.Complete && (report.Standing == reports.Conformant || report.Standing == reports.Partial) {
		report.Standing = reports.IncompleteRun
	}
	if report.Standing == reports.Conformant && !whole {
		report.Standing = reports.Partial
	}
	return report
}

// summaryOf sums up one endpoint, and says whether all that is mandatory on its page was selected: less than that can be
// conformant only in part.
func summaryOf(e *contract.Endpoint, v *judgement, chosen map[string]bool) (reports.Endpoint, bool) {
	var own []reports.Result
	for i := range v.results {
		if v.results[i].Endpoint == e.Name() {
			own = append(own, v.results[i])
		}
	}
	sum := reports.Endpoint{
		Name: e.Name(), Title: e.Title, Service: e.Service, Page: e.Page,
		Standing: reports.Stand(own), Counts: reports.Count(own), Controls: v.control[e.Name()],
	}
	for _, r := range e.Rules {
		if r.Ref != "" && levelOf(r) == contract.Must && r.State != contract.NotTestable && !chosen[r.ID] {
			if sum.Standing == reports.Conformant {
				sum.Standing = reports.Partial
			}
			return sum, false
		}
	}
	return sum, true
}

// involved are the selected endpoints, and the others that own a rule of the plan: token calls, the standard.
func involved(plan *Plan) []*contract.Endpoint {
	all := append([]*contract.Endpoint(nil), plan.Endpoints...)
	known := map[*contract.Endpoint]bool{}
	for _, e := range all {
		known[e] = true
	}
	for _, r := range plan.Rules {
		if !known[r.Endpoint] {
			known[r.Endpoint] = true
			all = append(all, r.Endpoint)
		}
	}
	return all
}

func contractsOf(plan *Plan) []reports.Contract {
	var all []reports.Contract
	known := map[string]bool{}
	for _, e := range involved(plan) {
		if p := e.Provider; !known[p.Provider] {
			known[p.Provider] = true
			all = append(all, reports.Contract{Provider: p.Provider, Digest: p.Digest})
		}
	}
	return all
}

// targetInfo is the target as printed.
func (o *Options) targetInfo() reports.Target {
	info := o.Target
	var names, bases, providers []string
	for _, t := range o.Targets {
		names, bases, providers = append(names, t.Name), append(bases, t.BaseURL), append(providers, t.Provider)
	}
	if len(info.Provider) == 0 {
		info.Provider = uniqueInOrder(providers)
	}
	if info.Name == "" {
		info.Name = strings.Join(uniqueInOrder(names), ", ")
	}
	if info.BaseURL == "" {
		info.BaseURL = strings.Join(uniqueInOrder(bases), ", ")
	}
	return info
}

func uniqueInOrder(texts []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, t := range texts {
		if t != "" && !seen[t] {
			seen[t] = true
			kept = append(kept, t)
		}
	}
	return kept
}

// requests counts what was sent, repeated tries included.
func requests(e *Evidence) int {
	n := 0
	for _, x := range e.Exchanges {
		n += 1 + len(x.Attempts)
	}
	return n
}
