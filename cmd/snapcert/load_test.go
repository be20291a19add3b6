package main

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/loadprofiles"
	"github.com/snapcert/snapcert/reports"
)

const calm = `
name: calm
about: A little.
stages: [wire]
load: [{rate: 60/1s, for: 1s}]
duplicates: 20%
sample: 50%
timeout: 2s
thresholds: [success >= 99%, p99 < 1900ms, schedule delay p99 < 1s]
`

// loaded puts one endpoint of a sandbox under load.
func loaded(t *testing.T, o sandbox.Options) *reports.Load {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	o.Providers, o.Seed = providers, 1
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := fixtures.Provider(providers, "paydia")
	if err != nil {
		t.Fatal(err)
	}
	p, err := loadprofiles.Parse("calm.yaml", []byte(calm))
	if err != nil {
		t.Fatal(err)
	}
	transport, err := loadprofiles.NewTransport(p, loadprofiles.TransportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	a := &app{clock: snap.SystemClock()}
	site := loadprofiles.Site{Transport: transport}
	for _, target := range s.Targets(server.URL) {
		if target.Provider == provider.Provider {
			site.Subjects = a.subjects(target, provider, base, server.Client().Transport, func(*contract.Endpoint) bool { return true })
		}
	}
	judging := &loadSite{providers: providers}
	load, err := loadprofiles.Run(context.Background(), p, loadprofiles.Options{
		Sites: map[string]loadprofiles.Site{loadprofiles.StageWire: site}, Seed: 1, Judge: judging.judge,
	})
	if err != nil {
		t.Fatal(err)
	}
	return load
}

// kept finds a threshold by the beginning of its text.
func kept(t *testing.T, l *reports.Load, text string) bool {
	t.Helper()
	for _, threshold := range l.Thresholds {
		if strings.HasPrefix(threshold.Text, text) {
			return threshold.Kept
		}
	}
	t.Fatalf("no threshold %q in %+v", text, l.Thresholds)
	return false
}

// What a provider answers counts, not how fast: one that is quick and wrong in any of these ways crosses a threshold.
func TestQuickAndWrong(t *testing.T) {
	const success, latency, once, rules = "success", "p99", "no deliberate duplicate", "sampled answers"
	for _, c := range []struct {
		name    string
		options sandbox.Options
		crossed []string
	}{
		{"right", sandbox.Options{}, nil},
		{"a success without the endpoint's members, whatever is asked", sandbox.Options{Fault: "always-200", SpareTokens: true}, []string{once, rules}},
		{"the request sent back", sandbox.Options{Fault: "echo", SpareTokens: true}, []string{success, latency}},
		{"a web page", sandbox.Options{Fault: "html", SpareTokens: true}, []string{success, latency}},
		{"nothing", sandbox.Options{Fault: "empty", SpareTokens: true}, []string{success, latency}},
		{"half an answer", sandbox.Options{Fault: "truncated-json", SpareTokens: true}, []string{success, latency}},
		{"one in five an error", sandbox.Options{Fault: "flaky", SpareTokens: true}, []string{success, latency}},
		{"one payment twice", sandbox.Options{Break: []sandbox.Break{{Rule: "paydia.account-creation.body.partnerReferenceNo.unique", Mode: "racy"}}}, []string{once}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			load := loaded(t, c.options)
			for _, text := range c.crossed {
				if kept(t, load, text) {
					t.Errorf("%q is kept: %+v", text, load.Thresholds)
				}
			}
			if c.crossed == nil && load.Verdict != reports.LoadKept && load.Verdict != reports.LoadInvalid { // a busy machine
				t.Errorf("%s: %+v", load.Verdict, load.Thresholds)
			}
			if c.crossed == nil && (load.Stages[0].Sampled.Judged < 10 || !kept(t, load, rules) || !kept(t, load, once)) {
				t.Errorf("sampled %+v, %+v", load.Stages[0].Sampled, load.Thresholds)
			}
			if c.crossed != nil && (load.Verdict == reports.LoadKept || reports.LoadExitCode(load) == 0) {
				t.Errorf("verdict %s", load.Verdict)
			}
		})
	}
}

// Sampled answers are judged by the rules of certification: a success code alone does not make an answer right.
func TestSamplesAreJudgedByTheRules(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := fixtures.Provider(providers, "paydia")
	if err != nil {
		t.Fatal(err)
	}
	var broken *contract.Rule
	for _, e := range provider.Endpoints {
		for _, r := range e.Rules {
			if r.Kind == contract.Present && r.Where == contract.InResponse && r.Level == contract.Must && r.Row.Name != "responseCode" && !e.Token {
				broken = r
			}
		}
	}
	if broken == nil {
		t.Skip("no rule about a member of the answer")
	}
	load := loaded(t, sandbox.Options{Break: []sandbox.Break{{Rule: broken.ID}}})
	found := false
	for _, v := range load.Stages[0].Sampled.Violations {
		found = found || v.Rule == broken.ID && v.Count > 0
	}
	if !found {
		t.Errorf("%s is broken, and the samples show %+v", broken.ID, load.Stages[0].Sampled)
	}
}
