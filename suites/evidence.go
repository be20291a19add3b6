package suites

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// EvidenceVersion is the version of the journal's form. A reader takes only what it knows.
const EvidenceVersion = "1"

// Header says what a piece of evidence was collected with, so that it can be judged again from nothing but itself and
// the same contracts.
type Header struct {
	Version    string             `json:"version"`
	RunID      string             `json:"runId"`
	Seed       int64              `json:"seed"`
	Started    time.Time          `json:"started"`
	Tool       reports.Tool       `json:"tool"`
	Contracts  []reports.Contract `json:"contracts"`
	Targets    []TargetInfo       `json:"targets"`
	Selection  Selection          `json:"selection"`
	PlanDigest string             `json:"planDigest"`
	Requests   map[string]string  `json:"requests,omitempty"` // scenario id -> digest of what it sends, see [Evidence.For]
}

// TargetInfo is what may be kept of a target: no secret, no account.
type TargetInfo struct {
	Provider string `json:"provider"`
	Name     string `json:"name"`
	BaseURL  string `json:"baseURL"`
}

// NoteKind says why something of the plan has no evidence.
type NoteKind string

// The kinds of note.
const (
	NoteSkipped NoteKind = "skipped"  // a scenario the target cannot support: no prepared account, too long a wait
	NoteNotSent NoteKind = "not-sent" // a scenario, or the rest of one, that the collector gave up before sending
	NoteUnasked NoteKind = "unasked"  // a scenario that the contracts of today ask, and those of the run did not
	NoteStopped NoteKind = "stopped"  // an endpoint whose traffic was stopped; Text is the cause
)

// Note is one thing that was not done, and why.
type Note struct {
	Kind     NoteKind `json:"kind"`
	Endpoint string   `json:"endpoint"`
	Scenario string   `json:"scenario,omitempty"` // empty for NoteStopped
	Text     string   `json:"text"`               // one sentence, masked
}

// Evidence is everything a run saw, masked. A step's exchange is found by [ExchangeID]; a step without one was not sent,
// and a note says why.
type Evidence struct {
	Header
	Exchanges   map[string]*snap.Exchange
	Notes       []Note
	Complete    bool   // every scenario was sent, skipped or given up for a reason that lies with the provider
	Interrupted string // why it is not complete; one sentence
	Ended       time.Time
	Torn        bool // read from a journal whose last line was cut off in writing, and left out
}

// ExchangeID names the exchange of a step: scenario id, "#" and the step's number from 1; copies sent at once add ".2",
// ".3" and so on from the second one.
func ExchangeID(scenario string, step, copyIndex int) string {
	id := scenario + "#" + strconv.Itoa(step+1)
	if copyIndex > 0 {
		id += "." + strconv.Itoa(copyIndex+1)
	}
	return id
}

// TokenExchangeID names the exchange in which a scenario fetched a token for itself alone ([Step].OwnToken).
func TokenExchangeID(scenario string) string { return scenario + "#token" }

// Of returns the exchanges of one step, a nil entry for each copy that was not sent.
func (e *Evidence) Of(s *Scenario, step int) []*snap.Exchange {
	got := make([]*snap.Exchange, max(1, s.Steps[step].Copies))
	for i := range got {
		got[i] = e.Exchanges[ExchangeID(s.ID, step, i)]
	}
	return got
}

// NoteOn returns the note on a scenario, or on its endpoint when the scenario has none of its own.
func (e *Evidence) NoteOn(s *Scenario) (Note, bool) {
	var stopped *Note
	for i := range e.Notes {
		n := &e.Notes[i]
		if n.Scenario == s.ID {
			return *n, true
		}
		if n.Kind == NoteStopped && n.Endpoint == s.Endpoint {
			stopped = n
		}
	}
	if stopped != nil {
		return *stopped, true
	}
	return Note{}, false
}

// Digest is a SHA-256 over the plan, in hex: evidence belongs to the plan with the digest in its header.
func (p *Plan) Digest() string {
	ids := make([]string, len(p.Rules))
	for i, r := range p.Rules {
		ids[i] = r.ID
	}
	// Nothing in these types can fail to marshal.
	text, _ := json.Marshal(struct {
		Seed      int64
		Rules     []string
		Scenarios []Scenario
	}{p.Seed, ids, p.Scenarios})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
