package suites

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// deadAfter answers so many requests and then no more.
type deadAfter struct {
	http.RoundTripper
	left atomic.Int64
}

func (d *deadAfter) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.left.Add(-1) < 0 {
		return nil, errors.New("connection refused")
	}
	return d.RoundTripper.RoundTrip(r)
}

func TestBreakerStopsAnEndpointThatDies(t *testing.T) {
	o := standIn(t, sandbox.Options{Clock: newLeapClock()})
	dead := &deadAfter{RoundTripper: o.Transport}
	dead.left.Store(30)
	o.Transport, o.Concurrency = dead, 1
	p := planOf(t, Selection{Endpoints: []string{"paydia"}}, 1)
	e := collect(t, p, o)
	accounted(t, p, e)
	unanswered := 0
	for _, x := range e.Exchanges {
		if x.Failure != nil {
			unanswered++
		}
	}
	// Five open the breaker of the endpoint and five that of the token call; copies sent at once finish together.
	if unanswered > 2*defaultBreaker+DefaultCopies {
		t.Errorf("%d requests got no answer before the traffic was stopped", unanswered)
	}
	stopped := false
	for _, n := range e.Notes {
		stopped = stopped || n.Kind == NoteStopped && n.Endpoint == "paydia.account-creation" && strings.Contains(n.Text, "5 requests in a row")
	}
	if !stopped {
		t.Errorf("no note says that the traffic was stopped: %v", e.Notes[:min(3, len(e.Notes))])
	}
}

func TestMissingAccountsAreSkipped(t *testing.T) {
	o := standIn(t, sandbox.Options{Clock: newLeapClock()})
	for _, target := range o.Targets {
		target.Inactive.AccountID = ""
		target.ExpiredToken = snap.Secret{}
		target.MaxWait = time.Minute
	}
	p := planOf(t, Selection{}, 1)
	e := collect(t, p, o)
	accounted(t, p, e)
	reasons := map[string]bool{}
	for _, n := range e.Notes {
		if n.Kind != NoteSkipped {
			t.Errorf("unexpected note %v", n)
		}
		for _, word := range []string{"inactive", "expired", "waiting"} {
			reasons[word] = reasons[word] || strings.Contains(n.Text, word)
		}
	}
	if len(reasons) != 3 || !reasons["inactive"] || !reasons["expired"] || !reasons["waiting"] {
		t.Errorf("reasons %v in %v", reasons, e.Notes)
	}
}

func TestInterruptedAtAnyMoment(t *testing.T) {
	p := planOf(t, Selection{Endpoints: []string{"paydia", "gopay"}}, 1)
	for range 12 {
		after := 1 + rand.IntN(200)
		o := standIn(t, sandbox.Options{Clock: newLeapClock()})
		ctx, cancel := context.WithCancel(context.Background())
		o.Transport = &cancelAfter{RoundTripper: o.Transport, cancel: cancel, left: after}
		var journal bytes.Buffer
		o.Journal = &journal
		e, err := Collect(ctx, p, o)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if e.Complete || e.Interrupted == "" {
			t.Errorf("interrupted after %d requests: complete %v, %q", after, e.Complete, e.Interrupted)
		}
		back, err := ReadJournal(&journal)
		if err != nil {
			t.Fatal(err)
		}
		if len(back.Exchanges) != len(e.Exchanges) || back.Complete || len(e.Exchanges) > after+DefaultConcurrency+DefaultCopies {
			t.Errorf("after %d requests: %d in the journal, %d in memory", after, len(back.Exchanges), len(e.Exchanges))
		}
	}
}

type cancelAfter struct {
	http.RoundTripper
	cancel context.CancelFunc
	mu     sync.Mutex
	left   int
}

func (c *cancelAfter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.left--
	if c.left == 0 {
		c.cancel()
	}
	c.mu.Unlock()
	return c.RoundTripper.RoundTrip(r)
}

func TestAJournalThatCannotBeWrittenEndsTheRun(t *testing.T) {
	o := standIn(t, sandbox.Options{Clock: newLeapClock()})
	o.Journal = &fullDisk{left: 20}
	e, err := Collect(context.Background(), planOf(t, Selection{Endpoints: []string{"gopay"}}, 1), o)
	if err == nil || !strings.Contains(err.Error(), "no space") || e.Complete {
		t.Errorf("error %v, evidence complete %v", err, e.Complete)
	}
	if len(e.Exchanges) > 20+DefaultConcurrency+DefaultCopies {
		t.Errorf("%d requests were sent without a journal", len(e.Exchanges))
	}
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left--; d.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestLimitsAreKept(t *testing.T) {
	clock := newLeapClock()
	o := standIn(t, sandbox.Options{Clock: clock})
	busiest := &counting{RoundTripper: o.Transport}
	o.Transport, o.Rate, o.Concurrency = busiest, 10, 4
	for _, target := range o.Targets {
		target.MaxRequests, target.Concurrency = 60, 2
	}
	p := planOf(t, Selection{Endpoints: []string{"gopay"}}, 1)
	started := clock.Now()
	e := collect(t, p, o)
	accounted(t, p, e)
	if len(e.Exchanges) != 60 {
		t.Errorf("%d requests, the target allows 60", len(e.Exchanges))
	}
	if took := clock.Now().Sub(started); took < 5*time.Second {
		t.Errorf("60 requests at 10 a second took %s", took)
	}
	if most := busiest.most.Load(); most > 2 {
		t.Errorf("%d requests at once, the target allows 2", most)
	}
}

type counting struct {
	http.RoundTripper
	now, most atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	return c.RoundTripper.RoundTrip(r)
}

func TestSetUpErrors(t *testing.T) {
	p := planOf(t, Selection{Endpoints: []string{"gopay"}}, 1)
	good := standIn(t, sandbox.Options{Clock: newLeapClock()})
	bad := good
	bad.Targets = nil
	if _, err := Collect(context.Background(), p, bad); err == nil || !strings.Contains(err.Error(), "no target for gopay") {
		t.Errorf("without a target: %v", err)
	}
	for _, target := range good.Targets {
		target.BaseURL = "gopay.example"
	}
	if _, err := Collect(context.Background(), p, good); err == nil || !strings.Contains(err.Error(), "gopay.example") {
		t.Errorf("with a base URL without scheme: %v", err)
	}
	good.Random = io.LimitReader(strings.NewReader(""), 0)
	if _, err := Collect(context.Background(), p, good); err == nil {
		t.Error("without randomness a run must not start")
	}
}
