package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// site is where a run sends its requests: the embedded sandbox, or a target file's provider.
type site struct {
	providers []*contract.Provider
	targets   []*fixtures.Target
	transport http.RoundTripper // nil for the run's own
	clock     snap.Clock
	report    reports.Target
	parties   reports.Parties
	real      bool // somebody else's: looked at before anything is sent
	close     func()
}

func (a *app) openSite(ctx context.Context, f *certifyFlags, providers []*contract.Provider) (*site, error) {
	if f.target == "" {
		return a.embed(ctx, f, providers)
	}
	target, provider, err := a.openTarget(f.target, providers)
	if err != nil {
		return nil, err
	}
	if f.maxWait > 0 {
		target.MaxWait = f.maxWait
	}
	roots, err := rootsOf(target.CAFile)
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	if len(f.selection.Endpoints) == 0 && len(target.Endpoints) > 0 {
		f.selection.Endpoints = selected(target, provider)
	}
	transport := snap.NewTransport(roots, 64)
	return &site{
		providers: withStandard(provider, providers), targets: []*fixtures.Target{target}, transport: transport,
		clock: a.clockOf(false), report: reports.Target{Name: target.Name, BaseURL: target.BaseURL, Build: target.Build, Provider: []string{target.Provider}},
		parties: reports.Parties(target.Parties), real: true, close: transport.CloseIdleConnections,
	}, nil
}

// openTarget reads a target file, and puts its paths and requests over the contracts of its provider.
func (a *app) openTarget(file string, providers []*contract.Provider) (*fixtures.Target, *contract.Provider, error) {
	target, err := fixtures.OpenTarget(file, a.env)
	if err != nil {
		return nil, nil, withCode(exitUsage, err)
	}
	for _, warning := range target.Warnings {
		a.note("warning: %s", warning)
	}
	provider, err := fixtures.Provider(providers, target.Provider)
	if err != nil {
		return nil, nil, usage("%s: provider: %w", file, err)
	}
	if err := target.Apply(provider); err != nil {
		return nil, nil, withCode(exitUsage, err)
	}
	return target, provider, nil
}

// selected are the endpoints that the target file names, by their full names.
func selected(t *fixtures.Target, p *contract.Provider) []string {
	var names []string
	for _, e := range p.Endpoints {
		if !e.Token && t.Selects(e) {
			names = append(names, e.Name())
		}
	}
	return names
}

// withStandard is the target's provider and the standard, which speaks where the provider's pages are silent.
func withStandard(p *contract.Provider, all []*contract.Provider) []*contract.Provider {
	kept := []*contract.Provider{p}
	for _, other := range all {
		if other.Reference && other != p {
			kept = append(kept, other)
		}
	}
	return kept
}

// rootsOf are the certificates trusted: the system's and those of a file. Nil stands for the system's alone.
func rootsOf(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read tls.ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("read tls.ca-file: %s holds no PEM certificate", file)
	}
	return pool, nil
}

// embed starts the sandbox on a free loopback port: the requests take the way they would take to a real provider.
func (a *app) embed(ctx context.Context, f *certifyFlags, providers []*contract.Provider) (*site, error) {
	clock := a.clockOf(true)
	s, err := sandbox.New(sandbox.Options{Providers: providers, Clock: clock, Seed: uint64(f.seed), Latency: f.latency})
	if err != nil {
		return nil, fmt.Errorf("embedded sandbox: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("embedded sandbox: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	base := "http://" + listener.Addr().String()
	transport := snap.NewTransport(nil, 256)
	transport.Proxy = nil // loopback
	site := &site{
		providers: providers, targets: s.Targets(base), transport: transport, clock: clock,
		report: reports.Target{Name: "embedded sandbox", BaseURL: base, Embedded: true, Build: tool().Name + " " + tool().Version},
		close: func() {
			transport.CloseIdleConnections()
			_ = server.Close() // nothing is left to be served
		},
	}
	if f.maxWait > 0 {
		for _, t := range site.targets {
			t.MaxWait = f.maxWait
		}
	}
	for _, t := range site.targets {
		if p, err := fixtures.Provider(providers, t.Provider); err == nil && !p.Reference {
			site.report.Provider = append(site.report.Provider, t.Provider)
		}
	}
	return site, nil
}

// preflight is asked by the run before anything else; the embedded sandbox needs none.
func (s *site) preflight(plan *suites.Plan) func(context.Context) ([]reports.Check, error) {
	if !s.real {
		return nil
	}
	return func(ctx context.Context) ([]reports.Check, error) {
		var checks []reports.Check
		for _, t := range s.targets {
			p, err := fixtures.Provider(s.providers, t.Provider)
			if err != nil {
				return nil, err
			}
			f := &flight{
				target: t, provider: p, transport: s.transport, clock: s.clock,
				random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
				wanted: func(e *contract.Endpoint) bool { return slices.Contains(plan.Endpoints, e) },
			}
			checks = append(checks, f.preflight(ctx)...)
		}
		return checks, nil
	}
}
