package reports

import (
	"fmt"
	"strings"
	"time"
)

// nasty is what a hostile provider might put anywhere: mark-up, script, ANSI, bidi, control characters, bytes that are
// no UTF-8, formula prefixes, table and fence breakers, mentions, workflow commands.
const nasty = "=cmd|' /C calc'!A0 <script>alert(1)</script><img src=x onerror=alert(1)> \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202etxt.exe\u202c " +
	"\x00\x08\x7f\u0085\u200b\ufeff\ufffe\xff\xc3 | ``` `x` [link](javascript:alert(1)) @everyone #1 http://evil.example/ ]]> &lt; %0A::error::x\r\n=1+1\n+2\n-3\n@4\t\u2028end"

// sample is a report with the wanted number of failures over four endpoints, and one of every other verdict.
func sample(failures int) *Report {
	start := time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("WIB", 7*3600))
	r := &Report{
		Schema: Schema, Tool: Tool{"snapcert", "1.0.0", "go1.26"},
		Run: Run{ID: "r-7", Seed: 42, Started: start, Ended: start.Add(2100 * time.Millisecond), Complete: true, Requests: 812, Command: "snapcert certify"},
		Target: Target{Name: "embedded sandbox", BaseURL: "http://127.0.0.1:8080", Embedded: true, Provider: []string{"alpha"},
			Build: "2026.03.1", TLSLeaf: strings.Repeat("ab", 32)},
		Parties:   Parties{Provider: "PT Alpha", User: "PT Beta", Tester: "Sari", Role: "QA Lead"},
		Contracts: []Contract{{"alpha", strings.Repeat("cd", 32)}},
		Preflight: []Check{{"token", Pass, "a token was issued", ""}},
	}
	for i, name := range []string{"alpha.account-creation", "alpha.binding", "beta.inquiry", "beta.oauth-code"} {
		r.Endpoints = append(r.Endpoints, Endpoint{Name: name, Title: "Endpoint " + name, Service: fmt.Sprintf("%02d", 6+i), Page: "https://docs.example/" + name})
	}
	left := failures
	for i := range max(failures, 40) * 2 {
		e := r.Endpoints[i%4].Name
		res := Result{
			ID: fmt.Sprintf("%s.body.field%d.max", e, i), Ref: fmt.Sprintf("P-%03d", i), Endpoint: e, Where: "body", Item: fmt.Sprintf("field%d", i), Kind: "max",
			Text: fmt.Sprintf("field%d has at most %d characters", i, 10+i), Level: "must", Basis: "documented", Cite: fmt.Sprintf("account-creation, Body, %d", i),
			Codes: []string{"4000601"}, State: "checked", File: "fixtures/providers/alpha/x.yaml", Line: 10 + i, Verdict: Pass, Repeat: fmt.Sprintf("snapcert certify --rule P-%03d", i),
			Took: 12 * time.Millisecond, Cases: []Case{{ID: "over", Change: fmt.Sprintf("%d characters instead of 5", 11+i), Expected: "refused with 4000601 (HTTP 400)",
				Received: "HTTP 400, 4000601", Verdict: Pass, Exchanges: []string{fmt.Sprintf("x%d", i)}}},
		}
		switch {
		case i%2 == 0 && left > 0:
			left--
			breakIt(&res, i)
		case i == 3:
			res.Verdict, res.Reason, res.Cases = Skip, "no inactive account was supplied", nil
			res.State = stateNeedsAccount
			res.Level = "should"
		case i == 5:
			res.Verdict, res.Reason, res.State, res.Cases = Skip, "not testable: needs a browser", stateNotTestable, nil
		case i == 7:
			res.Verdict = Warn
			res.Findings = []Finding{{Verdict: Warn, Change: "left out", Expected: "4000602", Received: "HTTP 400, 4000601", Text: "a better fit is 4000602"}}
		}
		r.Results = append(r.Results, res)
	}
	if failures > 3 {
		r.Causes = []Cause{{ID: "c1", Text: "lengths are not checked at all"}}
		for i := range r.Results {
			if res := &r.Results[i]; res.Verdict == Fail && i%4 == 0 {
				res.Cause = "c1"
				r.Causes[0].Results = append(r.Causes[0].Results, res.ID)
			}
		}
	}
	settle(r)
	return r
}

func breakIt(res *Result, i int) {
	res.Verdict = Fail
	res.Cases[0].Verdict, res.Cases[0].Received = Fail, "HTTP 200, 2000600"
	res.Findings = []Finding{{Verdict: Fail, Case: "over", Change: res.Cases[0].Change, Expected: res.Cases[0].Expected, Received: "HTTP 200, 2000600",
		Text: "a value that is too long was taken", Exchange: fmt.Sprintf("x%d", i)}}
}

// settle fills what follows from the results.
func settle(r *Report) {
	r.Standing = Stand(r.Results)
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		var own []Result
		for _, res := range r.Results {
			if res.Endpoint == e.Name {
				own = append(own, res)
			}
		}
		e.Standing, e.Counts = Stand(own), Count(own)
	}
}

// hostile is a report in which every text a provider or a user chooses is nasty.
func hostile() *Report {
	r := sample(5)
	r.Target.Name, r.Target.BaseURL, r.Target.Build, r.Run.Command = nasty, nasty, nasty, nasty
	r.Parties = Parties{nasty, nasty, nasty, nasty}
	r.Preflight = []Check{{nasty, Warn, nasty, nasty}}
	r.Waivers = []Waiver{{nasty, nasty, nasty, nasty, nasty, nasty, WaiverUsed}}
	r.Causes[0].Text = nasty
	for i := range r.Endpoints {
		r.Endpoints[i].Title, r.Endpoints[i].Page, r.Endpoints[i].Controls, r.Endpoints[i].Service = nasty, nasty, nasty, nasty
	}
	for i := range r.Results {
		res := &r.Results[i]
		res.Text, res.Cite, res.Note, res.Ref, res.Repeat, res.Observed = nasty, nasty, nasty, nasty, nasty, []string{nasty}
		if res.Reason != "" {
			res.Reason = nasty
		}
		for j := range res.Findings {
			f := &res.Findings[j]
			f.Change, f.Expected, f.Received, f.Text = nasty, nasty, nasty, nasty
		}
		for j := range res.Cases {
			c := &res.Cases[j]
			c.Change, c.Expected, c.Received = nasty, nasty, nasty
		}
	}
	return r
}
