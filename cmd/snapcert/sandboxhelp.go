package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// newSandbox makes the stand-in provider that the flags describe.
func (a *app) newSandbox(f *sandboxFlags, providers []*contract.Provider) (*sandbox.Sandbox, error) {
	breaks, err := breaksOf(providers, f.broken)
	if err != nil {
		return nil, err
	}
	seed := f.seed
	if seed == 0 {
		seed = a.clock.Now().UnixNano()
	}
	s, err := sandbox.New(sandbox.Options{
		Providers: providers, Seed: uint64(seed), Latency: f.latency, Jitter: f.jitter,
		Break: breaks, Fault: f.fault, Style: f.style,
	})
	return s, withCode(exitUsage, err)
}

// breaksOf reads RULE or RULE=MODE, where a rule is an id or a number. Without a mode the rule's first is taken.
func breaksOf(providers []*contract.Provider, named []string) ([]sandbox.Break, error) {
	var breaks []sandbox.Break
	for _, text := range named {
		name, mode, given := strings.Cut(text, "=")
		rule := findRule(providers, name)
		if rule == nil {
			return nil, usage("--break %s: no rule has this id or number; snapcert rules lists them", name)
		}
		modes := sandbox.Modes(rule)
		if len(modes) == 0 {
			return nil, usage("--break %s: there is no way of breaking it", name)
		}
		if !given {
			mode = modes[0]
		}
		known := false
		for _, m := range modes {
			known = known || m == mode
		}
		if !known {
			return nil, usage("--break %s: the ways of breaking it are %s", name, strings.Join(modes, ", "))
		}
		breaks = append(breaks, sandbox.Break{Rule: rule.ID, Mode: mode})
	}
	return breaks, nil
}

func findRule(providers []*contract.Provider, name string) *contract.Rule {
	for _, p := range providers {
		for _, e := range p.Endpoints {
			for _, r := range e.Rules {
				if r.ID == name || r.Ref == name && name != "" {
					return r
				}
			}
		}
	}
	return nil
}

// explainSandbox prints how to call it. Its credentials are nobody's, so they may be shown.
func (a *app) explainSandbox(f *sandboxFlags, providers []*contract.Provider, s *sandbox.Sandbox, base string) error {
	targets := slices.DeleteFunc(s.Targets(base), func(t *fixtures.Target) bool {
		p, err := fixtures.Provider(providers, t.Provider)
		return err != nil || p.Reference // the standard's imaginary endpoint is of no use to anybody outside
	})
	var b strings.Builder
	fmt.Fprintf(&b, "sandbox on %s\n", base)
	dir := f.writeTarget
	if dir == "" {
		dir = "."
	}
	for _, t := range targets {
		fmt.Fprintf(&b, "\n%s\n", t.Provider)
		for _, line := range [][2]string{
			{"client key", t.ClientKey}, {"client secret", t.ClientSecret.Reveal()}, {"partner id", t.PartnerID},
			{"merchant id", t.MerchantID}, {"channel id", t.ChannelID}, {"device id", t.DeviceID},
			{"account id", t.Active.AccountID}, {"customer token", t.Active.CustomerToken.Reveal()},
		} {
			if line[1] != "" {
				fmt.Fprintf(&b, "  %-15s %s\n", line[0], line[1])
			}
		}
		if f.writeTarget != "" {
			file, err := writeTarget(f.writeTarget, t)
			if err != nil {
				return withCode(exitUsage, err)
			}
			fmt.Fprintf(&b, "  %-15s %s\n", "target file", file)
		}
	}
	if len(targets) > 0 {
		b.WriteString(howToCall(providers, filepath.Join(dir, targets[0].Provider+".yaml"), targets[0].Provider))
	}
	_, err := a.out.Write([]byte(b.String()))
	return err
}

// howToCall shows two calls that work as they stand once target files are written.
func howToCall(providers []*contract.Provider, file, provider string) string {
	var token, endpoint string
	for _, p := range providers {
		for _, e := range p.Endpoints {
			switch {
			case p.Provider == provider && e.Token:
				token = e.Name()
			case p.Provider == provider && endpoint == "":
				endpoint = e.Name()
			}
		}
	}
	return fmt.Sprintf(`
To call it, with the target files of --write-target:
  snapcert sign --target %[1]s --endpoint %[2]s --format curl | sh
  export TOKEN=...   # the access token in that answer
  snapcert sign --target %[1]s --endpoint %[3]s --token-env TOKEN --format curl | sh
To certify it:
  snapcert certify --target %[1]s
`, file, token, endpoint)
}

// writeTarget writes a target file for one provider of the sandbox, and its secrets beside it.
func writeTarget(dir string, t *fixtures.Target) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("write target: %w", err)
	}
	file := filepath.Join(dir, t.Provider+".yaml")
	key := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(t.PrivateKey)})
	secrets := map[string][]byte{"secret": []byte(t.ClientSecret.Reveal()), "pem": key}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# A target for the embedded sandbox, good for as long as it runs.\nprovider: %s\nname: sandbox\nbase-url: %s\n", t.Provider, t.BaseURL)
	fmt.Fprintf(&b, "credentials:\n  client-secret: {file: %[1]s.secret}\n  private-key: {file: %[1]s.pem}\n", t.Provider)
	literal := func(indent, key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s%s: %q\n", indent, key, value)
		}
	}
	literal("  ", "client-key", t.ClientKey)
	literal("  ", "partner-id", t.PartnerID)
	literal("  ", "merchant-id", t.MerchantID)
	literal("  ", "channel-id", t.ChannelID)
	literal("  ", "device-id", t.DeviceID)
	b.WriteString("accounts:\n")
	accounts := false
	for _, account := range []struct {
		name string
		of   fixtures.Account
	}{{"active", t.Active}, {"inactive", t.Inactive}, {"unregistered", t.Unregistered}} {
		if account.of.Empty() {
			continue
		}
		accounts = true
		fmt.Fprintf(&b, "  %s:\n", account.name)
		literal("    ", "account-id", account.of.AccountID)
		literal("    ", "phone", account.of.Phone)
		literal("    ", "partner-id", account.of.PartnerID)
		literal("    ", "merchant-id", account.of.MerchantID)
		if token := account.of.CustomerToken; !token.Empty() {
			secrets[account.name] = []byte(token.Reveal())
			fmt.Fprintf(&b, "    customer-token: {file: %s.%s}\n", t.Provider, account.name)
		}
	}
	if !t.ExpiredToken.Empty() {
		accounts = true
		secrets["expired"] = []byte(t.ExpiredToken.Reveal())
		fmt.Fprintf(&b, "  expired-token: {file: %s.expired}\n", t.Provider)
	}
	if !t.ForeignToken.Empty() {
		accounts = true
		secrets["foreign"] = []byte(t.ForeignToken.Reveal())
		fmt.Fprintf(&b, "  foreign-token: {file: %s.foreign}\n", t.Provider)
	}
	text := b.Bytes()
	if !accounts {
		text = bytes.Replace(text, []byte("accounts:\n"), nil, 1)
	}
	for name, value := range secrets {
		if err := writeNew(filepath.Join(dir, t.Provider+"."+name), value, 0o600, true); err != nil {
			return "", err
		}
	}
	return file, writeNew(file, text, 0o644, true)
}
