package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// The mistakes that are made in the field are named, and the right signature is told in none of them.
func TestVerifySaysWhy(t *testing.T) {
	const secret, stamp, body = "a-client-secret", "2026-11-21T10:00:00+07:00", `{ "amount": "1.50" }`
	dir := t.TempDir()
	secretFile := filepath.Join(dir, "secret")
	if err := os.WriteFile(secretFile, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	request := filepath.Join(dir, "request.json")
	text := fmt.Sprintf(`{"method": "POST", "path": "/v1.0/pay?a=1", "headers": {"Authorization": "Bearer tok", "X-TIMESTAMP": %q}, "body": %s}`, stamp, body)
	if err := os.WriteFile(request, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	scheme := snap.Scheme{Encoding: snap.Base64, Query: true}
	sign := func(s snap.Scheme, method, token, at string) string {
		r := &snap.Request{Method: method, Path: "/v1.0/pay", Query: "a=1", Body: []byte(body)}
		return snap.Symmetric(s, []byte(secret), snap.StringToSign(s, r, token, at))
	}
	right := sign(scheme, "POST", "tok", stamp)
	raw, err := base64.StdEncoding.DecodeString(right)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, signature, why string }{
		{"right", right, ""},
		{"hex for base64", hex.EncodeToString(raw), "hex"},
		{"other method", sign(scheme, "GET", "tok", stamp), "method"},
		{"Bearer left in", sign(scheme, "POST", "Bearer tok", stamp), "Bearer"},
		{"query left out", sign(snap.Scheme{Encoding: snap.Base64}, "POST", "tok", stamp), "query"},
		{"UTC labelled +07:00", sign(scheme, "POST", "tok", "2026-11-21T03:00:00+07:00"), "UTC"},
		{"not a signature", "!", "neither"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run([]string{"sign", request, "--provider", "paydia", "--secret-file", secretFile, "--verify", tt.signature}, nil, &out, &errs)
			if tt.why == "" {
				if code != exitOK || !strings.Contains(out.String(), "the signature is right") {
					t.Errorf("exit %d: %s%s", code, &out, &errs)
				}
				return
			}
			if code != exitBroken || !strings.Contains(out.String(), tt.why) {
				t.Errorf("exit %d, wanted %q in:\n%s%s", code, tt.why, &out, &errs)
			}
			for _, telling := range []string{right, hex.EncodeToString(raw), secret} {
				if strings.Contains(out.String()+errs.String(), telling) {
					t.Errorf("it tells the right signature or the secret:\n%s", &out)
				}
			}
		})
	}
}
