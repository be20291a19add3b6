package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/loadprofiles"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// loadSite is where each stage of a load run sends.
type loadSite struct {
	sites     map[string]loadprofiles.Site
	report    reports.Target
	most      allowance
	providers []*contract.Provider
	closers   []func()
}

func (s *loadSite) close() {
	for _, c := range slices.Backward(s.closers) {
		c()
	}
}

func (a *app) openLoadSite(ctx context.Context, f *loadFlags, p *loadprofiles.Profile) (*loadSite, error) {
	providers, err := a.providers(f.providers)
	if err != nil {
		return nil, err
	}
	s := &loadSite{sites: map[string]loadprofiles.Site{}, providers: providers}
	var wanted func(*contract.Endpoint) bool
	var wire *loadprofiles.Site
	if f.target != "" {
		if wire, wanted, err = a.aimLoad(f, p, s); err != nil {
			s.close()
			return nil, err
		}
	} else {
		wanted = func(e *contract.Endpoint) bool { return !e.Provider.Reference && named(f.endpoints, e) }
		if s.most, err = f.guard(p, targetLimit{}); err != nil {
			return nil, err
		}
	}
	near, base, err := a.nearSite(ctx, f, *p, s, wanted)
	if err != nil {
		s.close()
		return nil, err
	}
	s.sites[loadprofiles.StageSigning], s.sites[loadprofiles.StageLoopback] = *near, *near
	if wire == nil {
		wire = near
		s.report = reports.Target{Name: "embedded sandbox", BaseURL: base, Embedded: true}
	}
	s.sites[loadprofiles.StageWire] = *wire
	for _, one := range wire.Subjects {
		if name := one.Endpoint.Provider.Provider; !slices.Contains(s.report.Provider, name) {
			s.report.Provider = append(s.report.Provider, name)
		}
	}
	return s, nil
}

// named reports whether an endpoint is among those asked for; none asked for means all.
func named(asked []string, e *contract.Endpoint) bool {
	return len(asked) == 0 || slices.Contains(asked, e.Name()) || slices.Contains(asked, e.Provider.Provider)
}

// aimLoad opens the target file.
func (a *app) aimLoad(f *loadFlags, p *loadprofiles.Profile, s *loadSite) (*loadprofiles.Site, func(*contract.Endpoint) bool, error) {
	target, provider, err := a.openTarget(f.target, s.providers)
	if err != nil {
		return nil, nil, err
	}
	base, err := url.Parse(target.BaseURL)
	if err != nil {
		return nil, nil, withCode(exitUsage, fmt.Errorf("base-url: %w", err))
	}
	if slices.Contains(p.Stages, loadprofiles.StageWire) { // else nothing is sent there
		if err := a.allowTarget(f, target, s.providers); err != nil {
			return nil, nil, err
		}
	}
	limit := targetLimit{rate: target.Rate, requests: target.MaxRequests, concurrency: target.Concurrency}
	if s.most, err = f.guard(p, limit); err != nil {
		return nil, nil, err
	}
	roots, err := rootsOf(target.CAFile)
	if err != nil {
		return nil, nil, withCode(exitUsage, err)
	}
	transport, err := loadprofiles.NewTransport(*p, loadprofiles.TransportOptions{Roots: roots, Proxy: true, Dial: a.dial})
	if err != nil {
		return nil, nil, withCode(exitUsage, err)
	}
	s.closers = append(s.closers, transport.Close)
	tokens := snap.NewTransport(roots, 2)
	if a.dial != nil {
		tokens.DialContext = a.dial
	}
	s.closers = append(s.closers, tokens.CloseIdleConnections)
	wanted := func(e *contract.Endpoint) bool { return target.Selects(e) && named(f.endpoints, e) }
	site := &loadprofiles.Site{Transport: transport}
	site.Subjects = a.subjects(target, provider, base, tokens, wanted)
	s.report = reports.Target{Name: target.Name, BaseURL: target.BaseURL}
	if len(site.Subjects) == 0 {
		return nil, nil, withCode(exitIncomplete, errors.New("no endpoint of the target is selected"))
	}
	return site, wanted, nil
}

// allowTarget looks at every address that a target file leads to. The hosts of the built-in providers are known whatever
// providers are used.
func (a *app) allowTarget(f *loadFlags, target *fixtures.Target, providers []*contract.Provider) error {
	if f.providers != "" {
		builtin, err := fixtures.Builtin()
		if err != nil {
			return err
		}
		providers = append(slices.Clone(providers), builtin...)
	}
	for _, base := range []string{target.BaseURL, target.TokenBaseURL} {
		if base == "" {
			continue
		}
		if err := f.allow(base, providers); err != nil {
			return err
		}
	}
	return nil
}

// nearSite starts the embedded sandbox on a free loopback port, for the same endpoints.
func (a *app) nearSite(ctx context.Context, f *loadFlags, p loadprofiles.Profile, s *loadSite, wanted func(*contract.Endpoint) bool) (*loadprofiles.Site, string, error) {
	stand, err := sandbox.New(sandbox.Options{Providers: s.providers, Clock: a.clock, Latency: f.sandboxLatency})
	if err != nil {
		return nil, "", fmt.Errorf("embedded sandbox: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("embedded sandbox: %w", err)
	}
	server := &http.Server{Handler: stand, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	s.closers = append(s.closers, func() { _ = server.Close() })
	base := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	transport, err := loadprofiles.NewTransport(p, loadprofiles.TransportOptions{})
	if err != nil {
		return nil, "", err
	}
	s.closers = append(s.closers, transport.Close)
	tokens := snap.NewTransport(nil, 2)
	tokens.Proxy = nil
	s.closers = append(s.closers, tokens.CloseIdleConnections)
	site := &loadprofiles.Site{Transport: transport}
	for _, target := range stand.Targets(base.String()) {
		provider, err := fixtures.Provider(s.providers, target.Provider)
		if err != nil {
			return nil, "", err
		}
		site.Subjects = append(site.Subjects, a.subjects(target, provider, base, tokens, wanted)...)
	}
	if len(site.Subjects) == 0 {
		return nil, "", withCode(exitIncomplete, errors.New("no endpoint is selected"))
	}
	return site, base.String(), nil
}

// subjects are a target's endpoints under load. They share one token, which is fetched beside the load.
func (a *app) subjects(t *fixtures.Target, p *contract.Provider, base *url.URL, transport http.RoundTripper, wanted func(*contract.Endpoint) bool) []loadprofiles.Subject {
	fetcher := &flight{target: t, provider: p, transport: transport, clock: a.clock, random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	fetcher.masker = fetcher.newMasker()
	var tokens loadprofiles.Tokens
	if call := p.TokenEndpoint(); call != nil {
		tokens = snap.NewTokenSource(a.clock, func(ctx context.Context) (string, time.Duration, error) { return fetcher.fetch(ctx, call) })
	}
	var list []loadprofiles.Subject
	for _, e := range p.Endpoints {
		if e.Token || !wanted(e) {
			continue
		}
		list = append(list, loadprofiles.Subject{
			Endpoint: e, Base: base, Known: t.Known(), Tokens: tokens, Masker: fetcher.masker,
			Signing: contract.Signing{
				Secret: []byte(t.ClientSecret.Reveal()), Key: t.PrivateKey, ClientKey: t.ClientKey,
				CustomerToken: t.Active.CustomerToken.Reveal(), Seamless: &contract.SeamlessCache{},
			},
		})
	}
	return list
}

// fetch makes one access-token call.
func (f *flight) fetch(ctx context.Context, call *contract.Endpoint) (string, time.Duration, error) {
	exchange, answer, err := f.send(ctx, call)
	if err != nil {
		return "", 0, err
	}
	if exchange.Failure != nil {
		return "", 0, errors.New(exchange.Failure.Detail)
	}
	row, _, known := call.RowFrom(contract.FromB2BToken)
	body := object(answer.Body)
	if !known || answer.Status/100 != 2 {
		return "", 0, errors.New(f.received(answer))
	}
	token, _ := body[row.Name].(string)
	f.masker.AddSecret(token)
	// A provider that names no lifetime is asked again after a minute.
	lifetime := time.Minute
	if row, _, known := call.RowFrom(contract.FromLifetime); known {
		if seconds, err := strconv.ParseFloat(fmt.Sprint(body[row.Name]), 64); err == nil && seconds > 0 {
			lifetime = time.Duration(seconds * float64(time.Second))
		}
	}
	return token, lifetime, nil
}

// judge holds a sampled answer against the rules of certification that speak of answers: those that need a request of
// their own find none of it here and stay silent.
func (s *loadSite) judge(x *snap.Exchange) []reports.SampleViolation {
	if x.Got == nil {
		return nil
	}
	var endpoint *contract.Endpoint
	for _, p := range s.providers {
		for _, e := range p.Endpoints {
			if e.Name() == x.Endpoint {
				endpoint = e
			}
		}
	}
	if endpoint == nil {
		return nil
	}
	plan := &suites.Plan{Endpoints: []*contract.Endpoint{endpoint}, Rules: endpoint.Rules}
	evidence := &suites.Evidence{Header: suites.Header{Started: x.Started}, Exchanges: map[string]*snap.Exchange{x.ID: x}}
	results, _ := suites.Judge(plan, evidence, suites.JudgeOptions{})
	var broken []reports.SampleViolation
	for _, r := range results {
		if (r.Verdict == reports.Fail || r.Verdict == reports.Warn) && len(r.Findings) > 0 {
			broken = append(broken, reports.SampleViolation{Rule: r.ID, Text: r.Findings[0].Text, Verdict: r.Verdict})
		}
	}
	return broken
}
