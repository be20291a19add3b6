package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
)

// A template with its variables set must be a target file as it stands, and also with every comment made live.
func TestTemplatesAreTargetFiles(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	set := func(string) (string, bool) { return "value", true }
	for _, p := range providers {
		if p.Reference {
			continue
		}
		dir := t.TempDir()
		for _, file := range []string{p.Provider + ".pem", "ca.pem"} {
			if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range p.Endpoints {
			if err := os.WriteFile(filepath.Join(dir, e.Endpoint+".json"), []byte(`{"body": {}}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		template := targetTemplate(p)
		for name, text := range map[string]string{"as written": template, "all of it": live(template)} {
			target, err := fixtures.DecodeTarget(filepath.Join(dir, "target.yaml"), []byte(text), set)
			if err != nil {
				t.Errorf("%s, %s: %v\n%s", p.Provider, name, err, text)
				continue
			}
			if err := target.Apply(copyOf(p)); err != nil {
				t.Errorf("%s, %s: %v", p.Provider, name, err)
			}
		}
	}
}

// live takes the comment sign off every line that is YAML.
func live(template string) string {
	yaml := regexp.MustCompile(`(?m)^(\s*)# ( *(?:- )?[a-z-]+:(?: .*)?)$`)
	var kept []string
	for _, line := range strings.Split(template, "\n") {
		if !strings.HasPrefix(line, "# yaml") {
			line = yaml.ReplaceAllString(line, "$1$2")
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

func copyOf(p *contract.Provider) *contract.Provider {
	c := *p
	c.Endpoints = nil
	for _, e := range p.Endpoints {
		own := *e
		c.Endpoints = append(c.Endpoints, &own)
	}
	return &c
}
