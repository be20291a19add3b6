package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/loadprofiles"
)

// The gate before a host that is not this machine. Nothing is looked up or contacted to decide.
func TestWhichHostsMayBePutUnderLoad(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const far = "https://sandbox.bank.example/snap"
	ceilings := loadFlags{most: 10, maxRequests: 100}
	with := func(change func(*loadFlags)) loadFlags {
		f := ceilings
		change(&f)
		return f
	}
	for _, c := range []struct {
		base  string
		flags loadFlags
		want  string // in the refusal; "" when it is allowed
	}{
		{"http://127.0.0.1:8080", loadFlags{}, ""},
		{"http://[::1]:8080", loadFlags{}, ""},
		{"http://localhost:8080", loadFlags{}, ""},
		{"http://127.0.0.1.bank.example", loadFlags{}, "--allow-host 127.0.0.1.bank.example"},
		{"http://10.0.0.1", loadFlags{}, "--allow-host 10.0.0.1"},
		{"http://0.0.0.0:80", loadFlags{}, "--allow-host"},
		{far, ceilings, "--allow-host sandbox.bank.example"},
		{far, with(func(f *loadFlags) { f.allowed = []string{"bank.example"} }), "--allow-host"},
		{far, loadFlags{allowed: []string{"sandbox.bank.example"}}, "--max-rate and --max-requests"},
		{far, loadFlags{allowed: []string{"sandbox.bank.example"}, most: 5}, "--max-rate and --max-requests"},
		{far, with(func(f *loadFlags) { f.allowed = []string{"Sandbox.Bank.Example"} }), ""},
		{"https://api.paydia.co.id", with(func(f *loadFlags) { f.allowed = []string{"api.paydia.co.id"} }), ""},
		{"https://api.paydia.id", with(func(f *loadFlags) { f.allowed = []string{"api.paydia.id"} }), "--i-know-this-is-production api.paydia.id"},
		{"https://pay.paydia.id", with(func(f *loadFlags) { f.allowed = []string{"pay.paydia.id"} }), "looks like a production host of Paydia"},
		{"https://merchants.midtrans.com", with(func(f *loadFlags) { f.allowed = []string{"merchants.midtrans.com"} }), "looks like a production host"},
		{"https://merchants.sbx.midtrans.com", with(func(f *loadFlags) { f.allowed = []string{"merchants.sbx.midtrans.com"} }), ""},
		{"https://api.of.ayoconnect.id", with(func(f *loadFlags) {
			f.allowed, f.production = []string{"api.of.ayoconnect.id"}, []string{"api.paydia.id"}
		}), "looks like a production host"},
		{"https://api.paydia.id", with(func(f *loadFlags) { f.allowed, f.production = []string{"api.paydia.id"}, []string{"api.paydia.id"} }), ""},
		{"https://api.paydia.id", with(func(f *loadFlags) { f.production = []string{"api.paydia.id"} }), "--allow-host"},
	} {
		err := c.flags.allow(c.base, providers)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %+v: %v, want %q", c.base, c.flags, err, c.want)
		}
		if err != nil && exitCode(err) != exitUsage {
			t.Errorf("%s: exit code %d", c.base, exitCode(err))
		}
	}
}

// Ceilings hold over everything that a command sends.
func TestCeilings(t *testing.T) {
	p, err := loadprofiles.Parse("calm.yaml", []byte(calm)) // 60 requests, 60 a second
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags loadFlags
		limit targetLimit
		want  string
	}{
		{loadFlags{repeat: 1}, targetLimit{}, ""},
		{loadFlags{repeat: 1, most: 60, maxRequests: 60}, targetLimit{}, ""},
		{loadFlags{repeat: 1, most: 59}, targetLimit{}, "60 requests a second, and 59 are allowed"},
		{loadFlags{repeat: 1}, targetLimit{rate: 10}, "and 10 are allowed"},
		{loadFlags{repeat: 1, maxRequests: 59}, targetLimit{}, "60 requests, and 59"},
		{loadFlags{repeat: 1, maxRequests: 500}, targetLimit{requests: 50}, "and 50 are allowed"},
		{loadFlags{repeat: 3, maxRequests: 180}, targetLimit{}, ""},
		{loadFlags{repeat: 3, maxRequests: 179}, targetLimit{}, "allowed for each of 3 runs"},
		{loadFlags{repeat: 10, maxRequests: 5}, targetLimit{}, "cannot share 5"},
	} {
		profile := p
		_, err := c.flags.guard(&profile, c.limit)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %+v: %v, want %q", c.flags, c.limit, err, c.want)
		}
	}
	profile := p
	f := loadFlags{repeat: 1}
	if _, err := f.guard(&profile, targetLimit{concurrency: 4}); err != nil || profile.Workers.Most != 4 || profile.Workers.Start > 4 {
		t.Errorf("workers %+v, %v", profile.Workers, err)
	}
}

// A host that was allowed is the only one dialed, and one that was refused is never.
func TestOnlyTheAllowedHostIsDialed(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	dir := t.TempDir()
	target := `
provider: paydia
base-url: http://sandbox.bank.example
credentials:
  client-secret: {env: SECRET}
  private-key: {env: KEY}
  client-key: key
  partner-id: PARTNER
  merchant-id: MERCHANT
  channel-id: "95221"
accounts:
  active: {account-id: one, customer-token: {env: SECRET}, phone: "081200001234"}
`
	path := filepath.Join(dir, "far.yaml")
	if err := os.WriteFile(path, []byte(target), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		dial bool
	}{
		{nil, exitUsage, false},
		{[]string{"--allow-host", "sandbox.bank.example"}, exitUsage, false},
		{[]string{"--allow-host", "sandbox.bank.example", "--max-rate", "60", "--max-requests", "1"}, exitUsage, false},
		{[]string{"--allow-host", "sandbox.bank.example", "--max-rate", "60", "--max-requests", "20000"}, exitUnknown, true},
	} {
		var mu sync.Mutex
		dialed := map[string]bool{}
		var out, errs bytes.Buffer
		a := &app{out: &out, err: &errs, clock: snap.SystemClock(), signals: newInterrupts, env: func(name string) (string, bool) {
			return map[string]string{"SECRET": "a-secret-of-this-test", "KEY": key}[name], name == "SECRET" || name == "KEY"
		}}
		a.dial = func(_ context.Context, _, address string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			dialed[address] = true
			return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
		}
		args := append([]string{"load", "steady", "--target", path, "--no-progress", "--out", filepath.Join(dir, "out")}, c.args...)
		if code := a.run(args); code != c.code {
			t.Errorf("%v: exit code %d, want %d: %s", c.args, code, c.code, errs.String())
		}
		if dialed["sandbox.bank.example:80"] != c.dial || len(dialed) > 1 {
			t.Errorf("%v: dialed %v", c.args, dialed)
		}
	}
}
