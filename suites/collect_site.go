package suites

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// site is one target as the collector sends to it.
type site struct {
	provider  *contract.Provider
	target    *fixtures.Target
	maker     *maker
	client    *snap.Client
	tokens    *snap.Client // of the token call, which may live on another host
	tokenCall *contract.Endpoint
	own       *http.Transport // to be closed at the end; nil when the transport was passed in
	slots     *slots          // the target's own limit; nil: none
	rate      *limiter        // nil: none
	sent      atomic.Int64

	mu        sync.Mutex
	token     accessToken
	refreshes int
}

// accessToken is a B2B token and until when it is good; a zero time: unknown.
type accessToken struct {
	value    string
	obtained time.Time
	lifetime time.Duration
}

func (t accessToken) expires() time.Time { return t.obtained.Add(t.lifetime) }

// spent reports whether a token is so close to its end that a request made now might meet it.
func (t accessToken) spent(now time.Time) bool {
	if t.lifetime <= 0 {
		return false
	}
	return now.After(t.expires().Add(-min(t.lifetime/5, 30*time.Second)))
}

func (c *collector) newSite(p *contract.Provider, key []byte, strange func() (*rsa.PrivateKey, error)) (*site, error) {
	var target *fixtures.Target
	for _, t := range c.Targets {
		if t.Provider == p.Provider {
			target = t
		}
	}
	if target == nil {
		return nil, fmt.Errorf("there is no target for %s", p.Provider)
	}
	base, err := baseURL(target.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("target of %s: %w", p.Provider, err)
	}
	s := &site{provider: p, target: target, tokenCall: p.TokenEndpoint()}
	s.maker = &maker{target: target, run: c.RunID, seed: c.plan.Seed, seamless: &contract.SeamlessCache{}, strange: strange}
	transport := c.Transport
	if transport == nil {
		if s.own, err = transportFor(target, c.Concurrency); err != nil {
			return nil, fmt.Errorf("target of %s: %w", p.Provider, err)
		}
		transport = s.own
	}
	s.client = &snap.Client{
		Transport: transport, Base: base, Masker: target.Masker(p, key), Clock: c.Clock,
		Timeout: target.Timeout, MaxWait: target.MaxWait,
	}
	if s.client.Timeout == 0 {
		s.client.Timeout = c.Timeout
	}
	tokens := *s.client
	s.tokens = &tokens
	if target.TokenBaseURL != "" {
		if s.tokens.Base, err = baseURL(target.TokenBaseURL); err != nil {
			return nil, fmt.Errorf("target of %s: %w", p.Provider, err)
		}
	}
	if target.Concurrency > 0 {
		s.slots = newSlots(target.Concurrency)
	}
	s.rate = newLimiter(c.Clock, c.Rate, target.Rate)
	return s, nil
}

func baseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("base URL %q is not of the form https://host", text)
	}
	return u, nil
}

func transportFor(t *fixtures.Target, conns int) (*http.Transport, error) {
	var roots *x509.CertPool
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("certificates: %w", err)
		}
		if roots, err = x509.SystemCertPool(); err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificates: %s holds none", t.CAFile)
		}
	}
	return snap.NewTransport(roots, conns), nil
}

// current is the shared token; without a value when there is none.
func (s *site) current() accessToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// adopt takes the shared token out of an answer of the token call.
func (s *site) adopt(answer *snap.Answer, now time.Time) {
	token, err := s.tokenIn(answer, now)
	if err != nil {
		return // the answer is in evidence; a rule is about it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// tokenIn reads a token and its lifetime where the contract of the token call says they are. A lifetime that cannot be
// read counts as unknown.
func (s *site) tokenIn(answer *snap.Answer, now time.Time) (accessToken, error) {
	t := accessToken{obtained: now}
	row, where, ok := s.tokenCall.RowFrom(contract.FromB2BToken)
	if !ok || where != contract.InResponse {
		return t, errors.New("the contract does not say where the token is")
	}
	if t.value, ok = memberText(answer.Body, row.Name); !ok {
		return t, errors.New("the answer carries no " + row.Name)
	}
	s.client.Masker.AddSecret(t.value)
	if row, where, ok := s.tokenCall.RowFrom(contract.FromLifetime); ok && where == contract.InResponse {
		if text, ok := memberText(answer.Body, row.Name); ok {
			if seconds, err := strconv.ParseInt(text, 10, 32); err == nil && seconds > 0 {
				t.lifetime = time.Duration(seconds) * time.Second
			}
		}
	}
	return t, nil
}

// shared returns the token that all scenarios use, a new one when it nears its end.
func (c *collector) shared(ctx context.Context, s *site) (string, error) {
	if s.tokenCall == nil {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.value == "" {
		return "", errors.New("there is no access token")
	}
	if !s.token.spent(c.Clock.Now()) {
		return s.token.value, nil
	}
	s.refreshes++
	scenario := s.tokenCall.Name() + ".control/refresh-" + strconv.Itoa(s.refreshes)
	fresh, err := c.fetch(ctx, s, scenario, ExchangeID(scenario, 0, 0))
	if err != nil {
		return "", err
	}
	s.token = fresh
	return fresh.value, nil
}

// fetch makes one good token call.
func (c *collector) fetch(ctx context.Context, s *site, scenario, id string) (accessToken, error) {
	st := &story{scenario: &Scenario{ID: scenario, Endpoint: s.tokenCall.Name(), Steps: []Step{{Name: "token"}}}}
	request, _, err := s.maker.request(st, s.tokenCall, 0, 0, c.Clock.Now())
	if err != nil {
		return accessToken{}, err
	}
	if err := s.rate.wait(ctx, 1); err != nil {
		return accessToken{}, err
	}
	x, answer, err := c.send(ctx, s, s.tokenCall, id, request)
	if err != nil {
		return accessToken{}, err
	}
	if answer == nil {
		return accessToken{}, fmt.Errorf("the token call got no answer: %s", x.Failure.Detail)
	}
	return s.tokenIn(answer, c.Clock.Now())
}
