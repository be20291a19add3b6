package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// parrot repeats in its answers whatever it knows or is told of secrets: in headers, in messages, in members of its own,
// in every spelling, and once so late in a long body that the end is cut off.
type parrot struct {
	good    http.Handler
	secrets canaries
	calls   atomic.Int64

	mu     sync.Mutex
	tokens map[string]bool
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	p.good.ServeHTTP(rec, r)
	var answer map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
		answer = map[string]any{}
	}
	heard := p.hear(r, answer)
	var told []string
	for _, secret := range heard {
		raw := []byte(secret)
		told = append(told, secret, base64.StdEncoding.EncodeToString(append([]byte("user:"), raw...)), base64.StdEncoding.EncodeToString(raw),
			hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), url.QueryEscape(secret))
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("X-Debug", "Authorization: "+strings.Join(told, ", "))
	w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+strings.Join(heard, " ")+`"`)
	w.Header().Set("Set-Cookie", "session="+url.QueryEscape(strings.Join(heard, "|")))
	if message, ok := answer["responseMessage"].(string); ok && rec.Code >= 400 {
		answer["responseMessage"] = message + ": cannot use " + strings.Join(told, " nor ")
	}
	answer["debug"] = map[string]any{"request": told, "nested": "{\"token\":\"" + strings.Join(heard, `\"`) + "\"}"}
	if r.URL.Query().Get("long") != "" || p.calls.Add(1)%3 == 0 {
		padding := 256<<10 - len(heard[0])/2 - len(`{"a":"`)
		answer = map[string]any{"a": strings.Repeat("a", padding) + heard[0]}
	}
	body, _ := json.Marshal(answer) // it was JSON before
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body) // the other side stops reading at some point
}

// hear is all that is secret in a request and its answer, beside what was known before.
func (p *parrot) hear(r *http.Request, answer map[string]any) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	note := func(value string) {
		if len(value) >= 16 {
			p.tokens[value] = true
		}
	}
	for _, name := range []string{"Authorization", "Authorization-Customer"} {
		note(strings.TrimPrefix(r.Header.Get(name), "Bearer "))
	}
	if token, ok := answer["accessToken"].(string); ok {
		note(token)
	}
	heard := []string{strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + "-"}
	for _, secret := range p.secrets {
		heard = append(heard, secret)
	}
	return heard
}

// A provider that repeats secrets back to us, whole and cut off, does not get them into anything that is kept.
func TestAProviderThatRepeatsSecrets(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := &parrot{good: box, secrets: canaries{}, tokens: map[string]bool{}}
	server := httptest.NewServer(p)
	defer server.Close()
	dir := t.TempDir()
	for _, target := range box.Targets(server.URL) {
		if target.Provider != "gopay" {
			continue
		}
		for what, secret := range target.Secrets() {
			p.secrets[what] = secret.Reveal()
		}
		for _, value := range target.Personal() {
			p.secrets["personal "+value] = value
		}
		if _, err := writeTarget(dir, target); err != nil {
			t.Fatal(err)
		}
	}
	run := start(t, dir, "certify", "--target", "gopay.yaml", "--out", "out", "--verbose")
	if code := run.ended(t); code == exitBug || code == exitUsage {
		t.Errorf("exit code %d: %s", code, &run.err)
	}
	all := canaries{}
	for what, secret := range p.secrets {
		all[what] = secret
	}
	for token := range p.tokens {
		all["token "+token[:4]] = token
	}
	if len(all) < len(p.secrets)+2 {
		t.Errorf("only %d tokens were seen", len(p.tokens))
	}
	all.said(t, run)
	all.absent(t, filepath.Join(dir, "out"))
}

// Secrets with every character that some encoding spells otherwise.
func TestSecretsOfOddCharacters(t *testing.T) {
	c := canaries{
		"token": `p+/="é&<=>'\ %{masked:3:0123456789ab} x`, "secret": "söme \"quoted\"\tvalue/with+signs==", "id": "0812-3456-7890",
	}
	p := &parrot{secrets: c, tokens: map[string]bool{}, good: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write(body) // the recorder takes everything
	})}
	server := httptest.NewServer(p)
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	m := snap.NewMasker([]byte("key"))
	for _, value := range c {
		m.AddSecret(value)
	}
	for _, query := range []string{"", "long=1"} {
		body, err := json.Marshal(map[string]any{"responseMessage": "no", "all": c})
		if err != nil {
			t.Fatal(err)
		}
		client := snap.Client{Transport: snap.NewTransport(nil, 1), Base: base, Masker: m}
		x, _ := client.Do(t.Context(), "x", "a.b", &snap.Request{Method: "POST", Path: "/", Query: query, Body: body})
		kept, err := json.Marshal(x)
		if err != nil || x.Got == nil {
			t.Fatalf("%v, %+v", err, x.Failure)
		}
		for _, text := range [][]byte{kept, bytes.ReplaceAll(kept, []byte(`\\`), []byte(`\`)), []byte(x.Got.Body), []byte(x.Sent.Body)} {
			for _, what := range c.in(text) {
				t.Errorf("the exchange holds the %s: %.300s", what, text)
			}
		}
	}
}
