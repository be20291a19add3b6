package suites

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"crypto/rsa"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// partnerKey is made once: keys take long, and which one it is does not matter.
var partnerKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(crand.Reader, 2048) })

// standIn is an embedded sandbox and what is needed to send a plan to it.
func standIn(t testing.TB, o sandbox.Options) CollectOptions {
	t.Helper()
	o.Providers = builtin(t)
	key, err := partnerKey()
	if err != nil {
		t.Fatal(err)
	}
	o.Key = key
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return CollectOptions{Targets: s.Targets("http://sandbox.invalid"), Transport: s.Transport(), Clock: o.Clock}
}

func collect(t testing.TB, p *Plan, o CollectOptions) *Evidence {
	t.Helper()
	e, err := Collect(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCollectFromAGoodProvider(t *testing.T) {
	var journal bytes.Buffer
	o := standIn(t, sandbox.Options{Clock: newLeapClock()})
	o.Journal = &journal
	p := planOf(t, Selection{Reference: true}, 1)
	e := collect(t, p, o)
	if !e.Complete || e.Interrupted != "" || len(e.Notes) > 0 {
		t.Fatalf("complete %v, interrupted %q, notes %v", e.Complete, e.Interrupted, e.Notes)
	}
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		for j, step := range s.Steps {
			successes := 0
			for _, x := range e.Of(s, j) {
				r := read(x)
				if r.outcome == accepted {
					successes++
				}
				if why := unwanted(step.Want, r); why != "" {
					t.Errorf("%s step %s: %s", s.ID, step.Name, why)
				}
			}
			if step.Want.Kind == WantOneOf && successes != 1 {
				t.Errorf("%s: %d successes among copies", s.ID, successes)
			}
		}
	}
	back, err := ReadJournal(&journal)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Exchanges) != len(e.Exchanges) || !back.Complete || back.PlanDigest != p.Digest() || back.RunID != e.RunID {
		t.Errorf("the journal does not hold what was collected: %d of %d exchanges", len(back.Exchanges), len(e.Exchanges))
	}
}

func unwanted(w Want, r reading) string {
	got := string(r.code) + " " + r.message
	switch {
	case r.outcome == unsent:
		return "not sent"
	case r.outcome == faulty:
		return "not built: " + r.exchange.Failure.Detail
	case w.Kind == WantAccept && r.outcome != accepted:
		return "wanted a success, got " + got
	case w.Kind == WantRefuse && (r.outcome != refused || string(r.code) != w.Codes[0]):
		return "wanted " + w.Codes[0] + ", got " + got
	}
	return ""
}

func TestNothingSecretIsKept(t *testing.T) {
	var journal bytes.Buffer
	o := standIn(t, sandbox.Options{Clock: newLeapClock()})
	o.Journal = &journal
	collect(t, planOf(t, Selection{}, 1), o)
	for _, target := range o.Targets {
		for what, secret := range target.Secrets() {
			if strings.Contains(journal.String(), secret.Reveal()) {
				t.Errorf("the journal holds the %s of %s", what, target.Provider)
			}
		}
		for _, value := range target.Personal() {
			if strings.Contains(journal.String(), value) {
				t.Errorf("the journal holds %q, personal data of %s", value, target.Provider)
			}
		}
	}
}

// Whatever the provider does, collecting ends, the evidence adds up, and a scenario that was not sent has its note.
func TestCollectFromBrokenProviders(t *testing.T) {
	for _, fault := range sandbox.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			o := standIn(t, sandbox.Options{Clock: newLeapClock(), Fault: fault.Name, SpareTokens: true})
			o.Timeout = 50 * time.Millisecond
			if fault.Name == "huge" || fault.Name == "gzip-bomb" {
				o.Timeout = 5 * time.Second
			}
			p := planOf(t, Selection{Endpoints: []string{"paydia"}}, 1)
			e := collect(t, p, o)
			if !e.Complete {
				t.Errorf("incomplete: %s", e.Interrupted)
			}
			accounted(t, p, e)
			switch fault.Name {
			case "hang", "reset", "always-401", "always-500":
				if n := len(e.Exchanges); n > 40 {
					t.Errorf("%d requests were sent to a provider that never accepts one", n)
				}
			}
		})
	}
}

func accounted(t *testing.T, p *Plan, e *Evidence) {
	t.Helper()
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		for j := range s.Steps {
			for _, x := range e.Of(s, j) {
				if _, noted := e.NoteOn(s); x == nil && !noted {
					t.Fatalf("%s step %d was not sent and nothing says why", s.ID, j+1)
				}
			}
		}
	}
}
