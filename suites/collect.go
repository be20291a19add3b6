package suites

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// Defaults of [CollectOptions].
const (
	DefaultConcurrency = 32
	defaultBreaker     = 5
)

// CollectOptions say where a plan is sent, how hard, and what becomes of the evidence.
type CollectOptions struct {
	Targets     []*fixtures.Target // one for each provider of the plan
	Transport   http.RoundTripper  // nil: one of its own for each target, see [snap.NewTransport]
	Clock       snap.Clock         // nil: the system's
	Concurrency int                // scenarios at once over all endpoints, DefaultConcurrency when zero; copies sent at once count each
	Rate        float64            // requests a second to each target; zero: no limit but the target's own
	Timeout     time.Duration      // of a request, where the target sets none; zero: the client's default
	Breaker     int                // requests in a row without an answer that stop an endpoint's traffic, 5 when zero
	Journal     io.Writer          // may be nil; each line is one write
	Progress    func(Progress)     // may be nil; never called twice at once
	RunID       string             // drawn when empty
	Random      io.Reader          // nil: the system's
	Tool        reports.Tool
	Selection   Selection       // noted in the evidence
	Stranger    *rsa.PrivateKey // signs where a signature by a key of nobody's is called for; nil: made when needed
}

// Progress says how many of an endpoint's scenarios are done with: sent, skipped or given up.
type Progress struct {
	Endpoint    string
	Done, Total int
	Stage       string          // of a whole run, see [Run]; empty when only collecting
	Verdict     reports.Verdict // of the rule that was just judged
}

// collector is one run of [Collect].
type collector struct {
	CollectOptions
	plan    *Plan
	journal *journal
	sites   map[string]*site // by provider
	slots   *slots
	calls   map[string]*contract.Endpoint // by name, token calls among them
	parts   map[string]map[Phase][]*Scenario

	mu     sync.Mutex
	states map[string]*state // by endpoint
	broken error             // the first panic of a worker
	quit   context.CancelCauseFunc
}

// Collect sends a plan and keeps what comes back, masked. Each exchange goes to the journal as it completes. An endpoint
// that stops answering, or whose opening controls fail, is left alone. When ctx ends, the requests under way are broken
// off and the evidence says that it is incomplete; that is no error. An error means that nothing could be sent, or that
// the journal could not be written.
func Collect(ctx context.Context, p *Plan, o CollectOptions) (*Evidence, error) {
	c, err := newCollector(p, o)
	if err != nil {
		return nil, fmt.Errorf("collect: %w", err)
	}
	defer c.close()
	ctx, c.quit = context.WithCancelCause(ctx)
	defer c.quit(nil)
	c.run(ctx)
	interrupted := ""
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrFault):
		interrupted = cause.Error()
	case errors.Is(cause, context.DeadlineExceeded):
		interrupted = "the time for the run was over"
	case errors.Is(cause, context.Canceled):
		interrupted = "the run was interrupted"
	case cause != nil:
		interrupted = "the run was interrupted: " + cause.Error()
	}
	evidence, err := c.journal.close(c.ended(), interrupted)
	return evidence, errors.Join(err, c.broken)
}

func newCollector(p *Plan, o CollectOptions) (*collector, error) {
	if o.Clock == nil {
		o.Clock = snap.SystemClock()
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Breaker <= 0 {
		o.Breaker = defaultBreaker
	}
	key := make([]byte, 40)
	if _, err := io.ReadFull(o.Random, key); err != nil {
		return nil, fmt.Errorf("draw the run's id: %w", err)
	}
	if o.RunID == "" {
		o.RunID = hex.EncodeToString(key[32:])
	}
	c := &collector{
		CollectOptions: o, plan: p, sites: map[string]*site{}, slots: newSlots(o.Concurrency),
		calls: map[string]*contract.Endpoint{}, parts: map[string]map[Phase][]*Scenario{}, states: map[string]*state{},
	}
	strange := sync.OnceValues(func() (*rsa.PrivateKey, error) {
		if o.Stranger != nil {
			return o.Stranger, nil
		}
		return rsa.GenerateKey(o.Random, 2048)
	})
	for _, e := range calls(p.Endpoints) {
		c.calls[e.Name()] = e
		if c.sites[e.Provider.Provider] != nil {
			continue
		}
		s, err := c.newSite(e.Provider, key[:32], strange)
		if err != nil {
			return nil, err
		}
		c.sites[e.Provider.Provider] = s
	}
	totals := map[string]int{}
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		if c.calls[s.Endpoint] == nil {
			return nil, fmt.Errorf("scenario %s is of an endpoint that the plan does not have", s.ID)
		}
		if c.parts[s.Endpoint] == nil {
			c.parts[s.Endpoint] = map[Phase][]*Scenario{}
		}
		c.parts[s.Endpoint][s.Phase] = append(c.parts[s.Endpoint][s.Phase], s)
		totals[s.Endpoint]++
	}
	for name := range c.calls {
		c.states[name] = &state{total: totals[name]}
	}
	c.journal = newJournal(o.Journal, c.header())
	return c, c.journal.failed()
}

func (c *collector) header() Header {
	h := Header{
		Version: EvidenceVersion, RunID: c.RunID, Seed: c.plan.Seed, Started: c.Clock.Now(), Tool: c.Tool,
		Selection: c.Selection, PlanDigest: c.plan.Digest(), Requests: requestsOf(c.plan),
	}
	seen := map[*contract.Provider]bool{}
	add := func(p *contract.Provider) {
		if !seen[p] {
			seen[p] = true
			h.Contracts = append(h.Contracts, reports.Contract{Provider: p.Provider, Digest: p.Digest})
		}
	}
	for _, e := range c.plan.Endpoints {
		if !seen[e.Provider] {
			t := c.sites[e.Provider.Provider].target
			h.Targets = append(h.Targets, TargetInfo{Provider: t.Provider, Name: t.Name, BaseURL: t.BaseURL})
		}
		add(e.Provider)
	}
	for _, r := range c.plan.Rules {
		add(r.Endpoint.Provider)
	}
	return h
}

func (c *collector) close() {
	for _, s := range c.sites {
		if s.own != nil {
			s.own.CloseIdleConnections()
		}
	}
}

// run sends everything but the last phase, all providers at once, and then the last phase one scenario after the other:
// it waits, or moves the clock.
func (c *collector) run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range c.sites {
		all.Go(func() { c.provider(ctx, s) })
	}
	all.Wait()
	for _, e := range calls(c.plan.Endpoints) {
		for _, s := range c.parts[e.Name()][Last] {
			c.scenario(ctx, s)
		}
	}
}

// provider fetches a token and sends all endpoints of one provider at once. The token call's closing controls come when
// nothing needs the shared token any more: there are providers with whom a new token ends the one before.
func (c *collector) provider(ctx context.Context, s *site) {
	token := ""
	if s.tokenCall != nil {
		token = s.tokenCall.Name()
		c.opening(ctx, s.tokenCall)
		if ctx.Err() == nil && s.current().value == "" {
			cause := "no access token was obtained: " + c.received(s.tokenCall)
			for _, e := range s.provider.Endpoints {
				if c.states[e.Name()] != nil {
					c.stop(e.Name(), cause)
				}
			}
		}
	}
	var all sync.WaitGroup
	if token != "" {
		all.Go(func() { c.main(ctx, token) })
	}
	for _, e := range c.plan.Endpoints {
		if e.Provider != s.provider {
			continue
		}
		all.Go(func() {
			c.opening(ctx, e)
			c.main(ctx, e.Name())
			c.closing(ctx, e.Name())
		})
	}
	all.Wait()
	if token != "" {
		c.closing(ctx, token)
	}
}

// opening sends the first controls. When none of them is accepted, whatever followed would teach nothing.
func (c *collector) opening(ctx context.Context, e *contract.Endpoint) {
	good := false
	for _, s := range c.parts[e.Name()][Opening] {
		st := c.scenario(ctx, s)
		if st == nil || len(st.answers) == 0 || st.answers[0] == nil {
			continue
		}
		x := c.journal.get(ExchangeID(s.ID, 0, 0))
		if r := read(x); r.outcome != accepted {
			continue
		}
		good = true
		if e.Token {
			c.sites[e.Provider.Provider].adopt(st.answers[0], c.Clock.Now())
		}
	}
	if !good && ctx.Err() == nil && len(c.parts[e.Name()][Opening]) > 0 {
		c.stop(e.Name(), "the positive controls before the checks failed: "+c.received(e))
	}
}

func (c *collector) main(ctx context.Context, endpoint string) {
	var all sync.WaitGroup
	for _, s := range c.parts[endpoint][Main] {
		all.Go(func() { c.scenario(ctx, s) })
	}
	all.Wait()
}

// closing sends the last controls, which do not wait for each other.
func (c *collector) closing(ctx context.Context, endpoint string) {
	var all sync.WaitGroup
	for _, s := range c.parts[endpoint][Closing] {
		all.Go(func() { c.scenario(ctx, s) })
	}
	all.Wait()
}
