package reports

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"
)

// keys gives one key of each kind, with its public half in PEM.
func keys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	_, ed, err1 := ed25519.GenerateKey(rand.Reader)
	ec, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ed25519": ed, "ecdsa": ec}
}

func pemOf(t *testing.T, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func publicPEM(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	return pemOf(t, "PUBLIC KEY", der, err)
}

// attested is a directory with all papers of a clean run, signed.
func attested(t *testing.T, key crypto.Signer) string {
	t.Helper()
	dir := t.TempDir()
	if err := WriteDir(dir, dossier(0)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Attest(dir, key, AttestOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

var signingDay = time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)

func TestAttestationVerifies(t *testing.T) {
	for name, key := range keys(t) {
		t.Run(name, func(t *testing.T) {
			dir := attested(t, key)
			public, err := ParseVerifyingKey(publicPEM(t, key))
			if err != nil {
				t.Fatal(err)
			}
			v, err := Verify(dir, public, signingDay)
			if err != nil || !v.OK() || v.Files != len(Papers())+1 {
				t.Fatalf("%+v, %v", v, err)
			}
			if v.ValidUntil.Format(time.DateOnly) != "2026-05-31" || v.Target != "127.0.0.1:8080" || v.Standing != Conformant {
				t.Errorf("attested are %+v", v)
			}
			late, err := Verify(dir, public, signingDay.AddDate(1, 0, 0))
			if err != nil || late.OK() {
				t.Errorf("a year later it is still valid: %v %v", late, err)
			}
			_, other, _ := ed25519.GenerateKey(rand.Reader)
			if v, err := Verify(dir, other.Public(), signingDay); err != nil || v.OK() || !strings.Contains(v.Problems[0], "not signed by this key") {
				t.Errorf("another key verifies: %v %v", v, err)
			}
		})
	}
}

// TestAnyChangeIsFoundAndNamed flips one byte of every file in turn, at its beginning, in its middle and at its end, and
// in every place of the attestation.
func TestAnyChangeIsFoundAndNamed(t *testing.T) {
	key := keys(t)["ed25519"]
	dir := attested(t, key)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(dir, name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		places := []int{0, len(good) / 2, len(good) - 1}
		if name == AttestationFile {
			places = places[:0]
			for i := 0; i < len(good); i += max(1, len(good)/400) {
				places = append(places, i)
			}
		}
		for _, at := range places {
			bad := append([]byte(nil), good...)
			bad[at] ^= 1
			write(t, path, bad)
			v, err := Verify(dir, key.Public(), signingDay)
			if err != nil {
				t.Fatal(err)
			}
			if v.OK() || !strings.HasPrefix(v.Problems[0], name) {
				t.Errorf("byte %d of %s changed, and what is found is %v", at, name, v.Problems)
			}
		}
		write(t, path, good)
	}
	write(t, filepath.Join(dir, "extra\u202e.txt"), []byte("x"))
	if err := os.Remove(filepath.Join(dir, "ctrf.json")); err != nil {
		t.Fatal(err)
	}
	v, err := Verify(dir, key.Public(), signingDay)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.Problems, "; "); got != "ctrf.json is missing; extra<U+202E>.txt was added after signing" {
		t.Errorf("found is %s", got)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestIndependentVerifiersAgree has the envelope checked by another library and by openssl.
func TestIndependentVerifiersAgree(t *testing.T) {
	for name, key := range keys(t) {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(attested(t, key), AttestationFile))
			if err != nil {
				t.Fatal(err)
			}
			var e dsse.Envelope
			if err := json.Unmarshal(data, &e); err != nil {
				t.Fatal(err)
			}
			public := publicPEM(t, key)
			loaded, err := signerverifier.LoadKey(public)
			if err != nil {
				t.Fatal(err)
			}
			var theirs dsse.Verifier
			if name == "ed25519" {
				theirs, err = signerverifier.NewED25519SignerVerifierFromSSLibKey(loaded)
			} else {
				theirs, err = signerverifier.NewECDSASignerVerifierFromSSLibKey(loaded)
			}
			if err != nil {
				t.Fatal(err)
			}
			verifier, err := dsse.NewEnvelopeVerifier(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := verifier.Verify(context.Background(), &e); err != nil {
				t.Errorf("go-securesystemslib: %v", err)
			}
			t.Run("openssl", func(t *testing.T) { opensslVerifies(t, &e, public, name) })
		})
	}
}

func opensslVerifies(t *testing.T, e *dsse.Envelope, public []byte, kind string) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		t.Fatal(err)
	}
	var signature []byte
	if err := json.Unmarshal([]byte(`"`+e.Signatures[0].Sig+`"`), &signature); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text, sig, pub := filepath.Join(dir, "pae"), filepath.Join(dir, "sig"), filepath.Join(dir, "pub.pem")
	write(t, text, dsse.PAE(e.PayloadType, payload))
	write(t, sig, signature)
	write(t, pub, public)
	args := []string{"pkeyutl", "-verify", "-pubin", "-inkey", pub, "-rawin", "-in", text, "-sigfile", sig}
	if kind == "ecdsa" {
		args = append(args, "-digest", "sha256")
	}
	out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v: %s", err, out)
	}
}

func TestAttestationIsRefused(t *testing.T) {
	key := keys(t)["ed25519"]
	for _, c := range []struct {
		name   string
		change func(*Report)
		want   string
	}{
		{"a broken rule", func(r *Report) { breakIt(&r.Results[0], 0) }, "P-000 alpha.account-creation.body.field0.max failed"},
		{"a mandatory rule skipped", func(r *Report) { r.Results[3].Level = "must" }, "P-003 beta.oauth-code.body.field3.max is mandatory and was skipped: no inactive account"},
		{"nothing learned", func(r *Report) { r.Results[0].Verdict, r.Results[0].Reason = Inconclusive, "HTTP 503" }, "was not judged (inconclusive): HTTP 503"},
		{"not run", func(r *Report) { r.Results[0].Verdict = NotRun }, "was not judged (not-run)"},
		{"interrupted", func(r *Report) { r.Run.Interrupted = "signal" }, "interrupted: signal"},
		{"incomplete", func(r *Report) { r.Run.Complete = false }, "not complete"},
		{"narrowed", func(r *Report) { r.Run.Narrowed, r.Run.Selection = true, "--rule P-001" }, "only a part"},
		{"a stale waiver", func(r *Report) { r.Waivers = []Waiver{{Rule: "P-001", State: "expired"}} }, "waiver of P-001 is stale: expired"},
		{"no rules", func(r *Report) { r.Results, r.Causes = nil, nil }, "no rule was judged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, d := attested(t, key), dossier(0)
			c.change(d.Report)
			if err := writeWhole(filepath.Join(dir, "report.json"), d, Papers()[0].Write); err != nil {
				t.Fatal(err)
			}
			var refusal *Refusal
			if err := Attest(dir, key, AttestOptions{}); !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, should contain %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(dir, AttestationFile)); !os.IsNotExist(err) {
				t.Error("the old attestation is still there")
			}
		})
	}
}

func TestKeysInPEM(t *testing.T) {
	signers := keys(t)
	edDER, err1 := x509.MarshalPKCS8PrivateKey(signers["ed25519"])
	ecDER, err2 := x509.MarshalECPrivateKey(signers["ecdsa"].(*ecdsa.PrivateKey))
	rsaKey, err3 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.MarshalPKCS8PrivateKey(rsaKey)
	parameters := pemOf(t, "EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}, nil)
	for _, c := range []struct {
		name, want string
		text       []byte
	}{
		{"pkcs8", "", pemOf(t, "PRIVATE KEY", edDER, nil)},
		{"sec1 after its parameters", "", append(parameters, pemOf(t, "EC PRIVATE KEY", ecDER, nil)...)},
		{"rsa", "neither Ed25519 nor ECDSA", pemOf(t, "PRIVATE KEY", rsaDER, err)},
		{"nothing", "no private key", []byte("hello")},
		{"broken", "reading the private key", pemOf(t, "PRIVATE KEY", []byte{1}, nil)},
		{"public", "needs the private one", publicPEM(t, signers["ecdsa"])},
	} {
		if _, err := ParseSigningKey(c.text); (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, should contain %q", c.name, err, c.want)
		}
	}
}
