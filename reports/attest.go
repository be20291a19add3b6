package reports

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// AttestationFile is the name of the attestation in a report's directory.
const AttestationFile = "attestation.dsse.json"

const (
	payloadType   = "application/vnd.in-toto+json"
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// Meaning is what a signature made by the tested side itself is worth; it is part of every attestation.
const Meaning = "This signature proves that the holder of the key vouches for these files and that none was changed since. " +
	"It does not prove that the target was the provider's real system, nor that the holder of the key is independent of the provider."

// statement is an in-toto Statement v1 with a test-result predicate.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     predicate  `json:"predicate"`
}

// resource is an in-toto ResourceDescriptor.
type resource struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// predicate is a test result; what follows FailedTests is an addition that the predicate type leaves room for.
type predicate struct {
	Result        string     `json:"result"` // PASSED, WARNED; never FAILED, since that is refused
	Configuration []resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"`
	FailedTests   []string   `json:"failedTests"`

	WaivedTests   []string     `json:"waivedTests"`
	UntestedTests []string     `json:"untestedTests"`
	Waivers       []Waiver     `json:"waivers"`
	Standing      Standing     `json:"standing"`
	Endpoints     []covered    `json:"endpoints"`
	Tool          Tool         `json:"tool"`
	Target        attestTarget `json:"target"`
	Parties       Parties      `json:"parties"`
	Run           string       `json:"run"`
	Started       time.Time    `json:"started"`
	Ended         time.Time    `json:"ended"`
	ValidUntil    time.Time    `json:"validUntil"`
	SignedBy      string       `json:"signedBy"`
	Meaning       string       `json:"meaning"`
}

// covered is an endpoint that the attestation is about.
type covered struct {
	Name     string   `json:"name"`
	Standing Standing `json:"standing"`
}

// attestTarget is the fingerprint of the target.
type attestTarget struct {
	Name     string `json:"name"`
	Host     string `json:"host"`
	Build    string `json:"build,omitempty"`
	TLSLeaf  string `json:"tlsLeafSHA256,omitempty"`
	Embedded bool   `json:"embedded"`
}

// AttestOptions say how long an attestation is valid.
type AttestOptions struct {
	Valid  time.Duration // from the end of the run; 0 means 90 days
	Random io.Reader     // for ECDSA; nil means crypto/rand
}

// Refusal is the error of an attestation that may not be made.
type Refusal struct{ Reasons []string }

// Error lists the reasons.
func (r *Refusal) Error() string {
	return "no certificate for this run:\n  " + strings.Join(r.Reasons, "\n  ")
}

// Obstacles are the reasons why a run may not be certified; none means that every mandatory rule that can be tested was
// judged and held, or its failure is waived.
func Obstacles(r *Report) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, line(fmt.Sprintf(format, args...))) }
	switch {
	case r.Run.Interrupted != "":
		say("the run was interrupted: %s", r.Run.Interrupted)
	case !r.Run.Complete:
		say("the run is not complete")
	}
	if r.Run.Narrowed {
		say("only a part of the rules was selected: %s", r.Run.Selection)
	}
	if len(r.Results) == 0 {
		say("no rule was judged")
	}
	for i := range r.Results {
		res := &r.Results[i]
		name := res.Ref + " " + res.ID
		switch res.Verdict {
		case Fail:
			say("%s failed: %s", name, res.short())
		case StaleWaiver:
			say("%s has a stale waiver: %s", name, res.short())
		case Skip:
			if res.Mandatory() && res.State != stateNotTestable {
				say("%s is mandatory and was skipped: %s", name, res.Reason)
			}
		case Inconclusive, Error, NotRun:
			if res.Mandatory() {
				say("%s is mandatory and was not judged (%s): %s", name, res.Verdict, res.Reason)
			}
		case Pass, Warn, Known:
		}
	}
	for i := range r.Waivers {
		if w := &r.Waivers[i]; w.Stale() {
			say("the waiver of %s is stale: %s", w.Rule, w.State)
		}
	}
	return out
}

// Attest writes attestation.dsse.json beside the files of a finished report: an in-toto Statement over the SHA-256 of
// every file in the directory, in a DSSE envelope signed with an Ed25519 or ECDSA P-256 key. A run with obstacles is
// refused with a *Refusal and leaves no attestation behind.
func Attest(dir string, key crypto.Signer, o AttestOptions) error {
	path := filepath.Join(dir, AttestationFile)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("removing the old attestation: %w", err)
	}
	name := filepath.Join(dir, "report.json")
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the report to attest: %w", err)
	}
	r, err := ReadJSON(name, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("reading the report to attest: %w", err)
	}
	if reasons := Obstacles(r); len(reasons) > 0 {
		return &Refusal{reasons}
	}
	subjects, err := digests(dir)
	if err != nil {
		return fmt.Errorf("attesting %s: %w", dir, err)
	}
	id, err := KeyID(key.Public())
	if err != nil {
		return fmt.Errorf("attesting %s: %w", dir, err)
	}
	if o.Valid <= 0 {
		o.Valid = 90 * 24 * time.Hour
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	payload, err := json.Marshal(statement{statementType, subjects, predicateType, newPredicate(r, id, o.Valid)})
	if err != nil {
		return fmt.Errorf("attesting %s: %w", dir, err)
	}
	signature, err := signBytes(o.Random, key, pae(payload))
	if err != nil {
		return fmt.Errorf("attesting %s: %w", dir, err)
	}
	// The signature carries no key id: it is a hint that verifiers compare with names of their own making.
	out := seal(envelope{base64.StdEncoding.EncodeToString(payload), payloadType, []signatureOf{{base64.StdEncoding.EncodeToString(signature)}}})
	if err := os.WriteFile(path, out, 0o644); err != nil {
		return fmt.Errorf("writing the attestation: %w", err)
	}
	return nil
}

func newPredicate(r *Report, keyID string, valid time.Duration) predicate {
	host := r.Target.BaseURL
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		host = u.Host
	}
	p := predicate{
		Result: "PASSED", Standing: r.Standing, Tool: r.Tool, Parties: r.Parties, Run: r.Run.ID, Started: r.Run.Started, Ended: r.Run.Ended,
		Target: attestTarget{r.Target.Name, host, r.Target.Build, r.Target.TLSLeaf, r.Target.Embedded}, ValidUntil: r.Run.Ended.Add(valid),
		Waivers: append([]Waiver{}, r.Waivers...), SignedBy: keyID, Meaning: Meaning, Configuration: []resource{}, Endpoints: []covered{},
		PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}, WaivedTests: []string{}, UntestedTests: []string{},
	}
	for _, s := range sections(r) {
		if !s.Standard {
			p.Endpoints = append(p.Endpoints, covered{s.Name, s.Standing})
		}
	}
	for _, c := range r.Contracts {
		p.Configuration = append(p.Configuration, resource{"contract/" + c.Provider, map[string]string{"sha256": c.Digest}})
	}
	for i := range r.Results {
		list := &p.UntestedTests
		switch r.Results[i].Verdict {
		case Pass:
			list = &p.PassedTests
		case Warn:
			list = &p.WarnedTests
		case Known:
			list = &p.WaivedTests
		case Fail, StaleWaiver, Skip, Inconclusive, Error, NotRun:
		}
		*list = append(*list, r.Results[i].ID)
	}
	if len(p.WarnedTests)+len(p.WaivedTests) > 0 {
		p.Result = "WARNED"
	}
	return p
}
