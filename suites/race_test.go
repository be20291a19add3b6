package suites

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// raced are the rules whose scenarios send equal requests at once.
func raced(t testing.TB) []*contract.Rule {
	t.Helper()
	p := planOf(t, Selection{}, 1)
	asked := map[string]bool{}
	for _, s := range p.Scenarios {
		for _, step := range s.Steps {
			if step.Want.Kind == WantOneOf {
				for _, id := range s.Rules {
					asked[id] = true
				}
			}
		}
	}
	var rules []*contract.Rule
	for _, r := range p.Rules {
		if asked[r.ID] {
			rules = append(rules, r)
		}
	}
	return rules
}

// raceOnly is the part of a plan that looks for races, with the controls around it.
func raceOnly(t testing.TB, r *contract.Rule, seed int64) *Plan {
	t.Helper()
	p := planOf(t, Selection{Rules: []string{r.ID}}, seed)
	kept := p.Scenarios[:0]
	for _, s := range p.Scenarios {
		if len(s.Rules) == 0 || s.Steps[len(s.Steps)-1].Want.Kind == WantOneOf {
			kept = append(kept, s)
		}
	}
	p.Scenarios = kept
	return p
}

// checkThenSet is a provider that looks whether a value was used, takes a while, and only then keeps it.
type checkThenSet struct {
	next   http.Handler // takes a value any number of times
	rule   *contract.Rule
	window time.Duration
	jitter time.Duration // up to so much passes before it looks

	mu   sync.Mutex
	used map[string]bool
}

func (c *checkThenSet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	value := r.Header.Get(c.rule.Row.Name)
	switch c.rule.Where {
	case contract.InBody:
		value, _ = memberText(body, c.rule.Row.Name)
	case contract.InQuery:
		value = r.URL.Query().Get(c.rule.Row.Name)
	}
	if strings.Contains(r.URL.Path, "access-token") || value == "" {
		c.next.ServeHTTP(w, r)
		return
	}
	time.Sleep(time.Duration(rand.Int64N(int64(c.jitter) + 1)))
	c.mu.Lock()
	used := c.used[value]
	c.mu.Unlock()
	if used {
		codes, _, _ := c.rule.Answers()
		code := snap.Code(codes[0])
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code.HTTP())
		_, _ = fmt.Fprintf(w, `{"responseCode":%q,"responseMessage":"Conflict"}`, string(code)) // a reader that has gone is told nothing
		return
	}
	time.Sleep(c.window)
	c.mu.Lock()
	c.used[value] = true
	c.mu.Unlock()
	c.next.ServeHTTP(w, r)
}

// race is one run of the race scenarios of a rule over real connections; it says whether the rule failed.
func race(t testing.TB, r *contract.Rule, seed int64, window, latency, jitter time.Duration) bool {
	t.Helper()
	o := sandbox.Options{Latency: latency, Jitter: jitter, Providers: builtin(t), Seed: uint64(seed)}
	if window >= 0 {
		o.Break = []sandbox.Break{{Rule: r.ID, Mode: sandbox.ModeAccept}}
	}
	var err error
	if o.Key, err = partnerKey(); err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler = box
	if window >= 0 { // without one it is a provider that does it right
		handler = &checkThenSet{next: box, rule: r, window: window, jitter: jitter, used: map[string]bool{}}
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	p := raceOnly(t, r, seed)
	e := collect(t, p, CollectOptions{Targets: box.Targets(server.URL)})
	results, _ := Judge(p, e, JudgeOptions{})
	switch results[0].Verdict {
	case reports.Pass:
		return false
	case reports.Fail:
		return true
	}
	t.Fatalf("%s: %s %s %+v", r.ID, results[0].Verdict, results[0].Reason, results[0].Findings)
	return false
}

// A provider that looks first and keeps later is found out, and one that does it right never is.
func TestRacesAreSeen(t *testing.T) {
	for _, r := range raced(t) {
		seed := rand.Int64()
		for _, jitter := range []time.Duration{0, 5 * time.Millisecond} {
			if !race(t, r, seed, 10*time.Millisecond, 0, jitter) {
				t.Errorf("%s: raced with seed %d and jitter %s, and not found out", r.ID, seed, jitter)
			}
			if race(t, r, seed, -1, 0, jitter) {
				t.Errorf("%s: a provider without a race failed with seed %d and jitter %s", r.ID, seed, jitter)
			}
		}
	}
}

// BenchmarkRaceCaught counts how many of b.N providers that look first and keep later are found out, by how long they
// leave the door open. Run it with -benchtime 100x.
func BenchmarkRaceCaught(b *testing.B) {
	for _, with := range []struct{ latency, jitter time.Duration }{{0, 0}, {20 * time.Millisecond, 0}, {0, 20 * time.Millisecond}} {
		for _, window := range []time.Duration{-1, 30 * time.Millisecond, 5 * time.Millisecond, time.Millisecond, 100 * time.Microsecond, 0} {
			b.Run(fmt.Sprintf("window=%s,latency=%s,jitter=%s", window, with.latency, with.jitter), func(b *testing.B) {
				rules := raced(b)
				caught := 0
				for b.Loop() {
					if race(b, rules[rand.IntN(len(rules))], rand.Int64(), window, with.latency, with.jitter) {
						caught++
					}
				}
				b.ReportMetric(100*float64(caught)/float64(b.N), "%caught")
			})
		}
	}
}
