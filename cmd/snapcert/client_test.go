package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// TestForeignClient drives npm's midtrans-client against the sandbox, through its own signer and sender. What it takes
// for a SNAP provider was decided by other people.
func TestForeignClient(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts node twice; -short leaves it out")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not on this machine, and the client is an npm package")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	folder := filepath.Join("..", "..", ".ci", "clients")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "midtrans-client")); err != nil {
		install := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
		install.Dir = folder
		if out, err := install.CombinedOutput(); err != nil {
			if os.Getenv("CI") == "" {
				t.Skipf("npm could not install the client (it needs a registry once): %v\n%s", err, out)
			}
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}

	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{Providers: providers})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	defer server.Close()
	var target *fixtures.Target
	for _, candidate := range box.Targets(server.URL) {
		if candidate.Provider == "gopay" {
			target = candidate
		}
	}
	endpoint, err := fixtures.Endpoint(providers, "gopay.binding-inquiry")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(target.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})

	node := exec.CommandContext(ctx, "node", "inquiry.js")
	node.Dir = folder
	node.Env = append(os.Environ(),
		"BASE_URL="+server.URL,
		"INQUIRY_PATH="+endpoint.Path,
		"CLIENT_ID="+target.ClientKey,
		"PRIVATE_KEY="+string(key),
		"CLIENT_SECRET="+target.ClientSecret.Reveal(),
		"PARTNER_ID="+target.PartnerID,
		"CHANNEL_ID=12345",
		"CUSTOMER_TOKEN="+target.Active.CustomerToken.Reveal(),
	)
	var stdout, stderr bytes.Buffer
	node.Stdout, node.Stderr = &stdout, &stderr
	if err := node.Run(); err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	var got struct {
		Token, Inquiry, WrongSecret struct {
			ResponseCode, ResponseMessage, AccessToken string
			AdditionalInfo                             struct{ PaymentOptions []struct{ Name string } }
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, stdout.Bytes())
	}
	if got.Token.ResponseCode != "2007300" || got.Token.AccessToken == "" {
		t.Errorf("access token: %+v", got.Token)
	}
	if got.Inquiry.ResponseCode != "2000800" || len(got.Inquiry.AdditionalInfo.PaymentOptions) == 0 {
		t.Errorf("inquiry: %+v", got.Inquiry)
	}
	if got.WrongSecret.ResponseCode != "4010800" {
		t.Errorf("inquiry signed with a wrong secret: %+v, want 4010800", got.WrongSecret)
	}
}
