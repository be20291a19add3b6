package main

import (
	"encoding/pem"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// checkup runs preflight against a sandbox behind a handler of one's own, over TLS.
func checkup(t *testing.T, trusted bool, bend func(http.Handler) http.Handler, change func(*fixtures.Target)) []reports.Check {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(bend(s))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	provider, err := fixtures.Provider(providers, "paydia")
	if err != nil {
		t.Fatal(err)
	}
	ca := ""
	if trusted {
		ca = filepath.Join(t.TempDir(), "ca.pem")
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		if err := os.WriteFile(ca, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots, err := rootsOf(ca)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range s.Targets(server.URL) {
		if target.Provider != "paydia" {
			continue
		}
		if change != nil {
			change(target)
		}
		f := &flight{
			target: target, provider: provider, transport: snap.NewTransport(roots, 2), clock: snap.SystemClock(),
			random: rand.New(rand.NewPCG(1, 2)), wanted: func(*contract.Endpoint) bool { return true },
		}
		return f.preflight(t.Context())
	}
	t.Fatal("the sandbox has no paydia")
	return nil
}

func TestPreflight(t *testing.T) {
	plain := func(h http.Handler) http.Handler { return h }
	status := func(code int) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example.com/")
				w.WriteHeader(code)
			})
		}
	}
	answering := func(body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		}
	}
	late := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(dated{w, time.Now().Add(-10 * time.Minute)}, r)
		})
	}
	tests := []struct {
		name    string
		trusted bool
		bend    func(http.Handler) http.Handler
		change  func(*fixtures.Target)
		check   string
		verdict reports.Verdict
		says    string // in text or hint
	}{
		{"all well", true, plain, nil, "good request to account-creation", reports.Pass, "accepted: HTTP 200"},
		{"TLS is seen", true, plain, nil, "TLS", reports.Pass, "TLS 1.3"},
		{"unknown certificate", false, plain, nil, "TLS", reports.Fail, "tls.ca-file"},
		{"clocks apart", true, late, nil, "clock", reports.Warn, "NTP"},
		{"no such path", true, status(404), nil, "token call", reports.Fail, "path of the token call"},
		{"redirected", true, status(307), nil, "token call", reports.Fail, "nothing is followed"},
		{"provider down", true, status(503), nil, "token call", reports.Fail, "try again later"},
		{"a page", true, answering("<p>a page</p>"), nil, "token call", reports.Fail, "no JSON object: HTTP 200, text/html"},
		{"no token", true, answering(`{"responseCode":"2007300"}`), nil, "token call", reports.Fail, "no access token in accessToken: HTTP 200"},
		{"no key", true, plain, func(t *fixtures.Target) { t.PrivateKey = nil }, "private key", reports.Fail, "there is none"},
		{"no client key", true, plain, func(t *fixtures.Target) { t.ClientKey = "" }, "token call", reports.Fail, "missing in the target file"},
		{"wrong secret", true, plain, func(t *fixtures.Target) { t.ClientSecret = snap.NewSecret("CANARY") }, "good request to account-creation", reports.Fail, "client secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checks := checkup(t, tt.trusted, tt.bend, tt.change)
			for _, c := range checks {
				if strings.Contains(c.Text+c.Hint, "CANARY") {
					t.Errorf("a secret is told: %+v", c)
				}
			}
			for _, c := range checks {
				if c.Name != "paydia: "+tt.check {
					continue
				}
				if c.Verdict != tt.verdict || !strings.Contains(c.Text+" "+c.Hint, tt.says) {
					t.Errorf("got %+v", c)
				}
				return
			}
			t.Errorf("no check %q in %+v", tt.check, checks)
		})
	}
}

// dated answers with another time of day.
type dated struct {
	http.ResponseWriter
	at time.Time
}

func (d dated) WriteHeader(status int) {
	d.Header().Set("Date", d.at.UTC().Format(http.TimeFormat))
	for name := range d.Header() {
		if strings.Contains(strings.ToLower(name), "timestamp") {
			delete(d.Header(), name) // Del would look for another spelling
		}
	}
	d.ResponseWriter.WriteHeader(status)
}
