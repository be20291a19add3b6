package suites

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// state is how one endpoint fares.
type state struct {
	total, done int
	failures    int    // in a row
	stopped     string // why nothing more is sent; empty while it is
}

// errOver says that a run may not send more.
var errOver = errors.New("the target allows no more requests in one run")

// expiryMargin is kept on both sides of a token's end: clocks differ, and requests take time.
const expiryMargin = 2 * time.Second

// scenario sends one story and returns it; nil when nothing was sent. What is not sent is noted with the reason, except
// when the run itself is interrupted.
func (c *collector) scenario(ctx context.Context, s *Scenario) *story {
	defer c.advance(s.Endpoint)
	e := c.calls[s.Endpoint]
	at := c.sites[e.Provider.Provider]
	defer c.survive(at)
	if why := c.skip(at, s); why != "" {
		c.journal.note(Note{Kind: NoteSkipped, Endpoint: s.Endpoint, Scenario: s.ID, Text: why})
		return nil
	}
	copies := 1
	for _, step := range s.Steps {
		copies = max(copies, step.Copies)
	}
	done, err := acquire(ctx, copies, s.Phase != Main, at.slots, c.slots)
	if err != nil {
		return nil
	}
	defer done()
	if why := c.stoppedBy(s.Endpoint); why != "" {
		c.journal.note(Note{Kind: NoteNotSent, Endpoint: s.Endpoint, Scenario: s.ID, Text: "not sent: " + why})
		return nil
	}
	st := &story{scenario: s}
	if err := c.tell(ctx, at, e, st); err != nil && ctx.Err() == nil {
		kind := NoteNotSent
		var skipped skipError
		if errors.As(err, &skipped) {
			kind = NoteSkipped
		}
		c.journal.note(Note{Kind: kind, Endpoint: s.Endpoint, Scenario: s.ID, Text: at.client.Masker.Text(err.Error())})
	}
	return st
}

// skipError is a reason that lies with the target, found out on the way.
type skipError string

func (e skipError) Error() string { return string(e) }

func (c *collector) skip(at *site, s *Scenario) string {
	if why := at.maker.lacks(s); why != "" {
		return why
	}
	if why := at.maker.lacksFor(c.calls[s.Endpoint], s); why != "" {
		return why
	}
	if s.Wait > at.target.MaxWait {
		return fmt.Sprintf("it would have to wait %s, the target allows %s", s.Wait, at.target.MaxWait)
	}
	return ""
}

// tell sends the steps in turn.
func (c *collector) tell(ctx context.Context, at *site, e *contract.Endpoint, st *story) error {
	var own accessToken
	for i := range st.scenario.Steps {
		step := &st.scenario.Steps[i]
		target := e
		if step.Endpoint != "" && c.calls[step.Endpoint] != nil {
			target = c.calls[step.Endpoint]
		}
		if step.OwnToken && own.value == "" {
			if known := at.current(); known.lifetime > 0 { // one token lives as long as the next
				if err := c.affordable(at, st.scenario, known); err != nil {
					return err
				}
			}
			var err error
			if own, err = c.fetch(ctx, at, st.scenario.ID, TokenExchangeID(st.scenario.ID)); err != nil {
				return fmt.Errorf("not sent: %w", err)
			}
			if err := c.affordable(at, st.scenario, own); err != nil {
				return err
			}
		}
		if err := c.pause(ctx, step, own); err != nil {
			return err
		}
		if own.value != "" {
			st.token = own.value
		} else if !target.Token {
			token, err := c.shared(ctx, at)
			if err != nil {
				return fmt.Errorf("not sent: %w", err)
			}
			st.token = token
		}
		if err := c.step(ctx, at, target, st, i); err != nil {
			return err
		}
	}
	return nil
}

// affordable compares what a scenario must wait for its token with what the target allows.
func (c *collector) affordable(at *site, s *Scenario, own accessToken) error {
	for _, step := range s.Steps {
		if step.PauseFor == "" {
			continue
		}
		if own.lifetime <= 0 {
			return skipError("the answer to the token call does not say how long the token lives")
		}
		if wait := own.lifetime + expiryMargin; wait > at.target.MaxWait {
			return skipError(fmt.Sprintf("the token lives %s, and the target allows waiting %s", own.lifetime, at.target.MaxWait))
		}
	}
	return nil
}

func (c *collector) pause(ctx context.Context, step *Step, own accessToken) error {
	wait := step.Pause
	switch step.PauseFor {
	case beforeExpiry:
		margin := min(expiryMargin+own.lifetime/10, own.lifetime/2)
		wait = own.expires().Add(-margin).Sub(c.Clock.Now())
	case afterExpiry:
		wait = own.expires().Add(expiryMargin).Sub(c.Clock.Now())
	}
	if wait <= 0 {
		return nil
	}
	return c.Clock.Sleep(ctx, wait)
}

// step sends one step: its copies are made first and then let go together.
func (c *collector) step(ctx context.Context, at *site, e *contract.Endpoint, st *story, index int) error {
	step := &st.scenario.Steps[index]
	copies := max(1, step.Copies)
	requests := make([]*snap.Request, copies)
	for i := range requests {
		request, draft, err := at.maker.request(st, e, index, i, c.Clock.Now())
		switch {
		case errors.Is(err, errNoMember):
			return skipError(err.Error())
		case err != nil:
			c.unbuilt(at, e, ExchangeID(st.scenario.ID, index, i), err)
			return nil
		}
		requests[i] = request
		if i == 0 {
			st.drafts = append(st.drafts, draft)
		}
	}
	answers := make([]*snap.Answer, copies)
	errs := make([]error, copies)
	if err := at.rate.wait(ctx, copies); err != nil {
		return err
	}
	if copies == 1 {
		_, answers[0], errs[0] = c.send(ctx, at, e, ExchangeID(st.scenario.ID, index, 0), requests[0])
	} else {
		start := make(chan struct{})
		var all sync.WaitGroup
		for i := range requests {
			all.Go(func() {
				defer c.survive(at)
				<-start
				_, answers[i], errs[i] = c.send(ctx, at, e, ExchangeID(st.scenario.ID, index, i), requests[i])
			})
		}
		close(start)
		all.Wait()
	}
	st.answers = append(st.answers, answers[0])
	return errors.Join(errs...)
}

// unbuilt keeps a request that could not be made: the harness's own fault, or the target's configuration's.
func (c *collector) unbuilt(at *site, e *contract.Endpoint, id string, err error) {
	c.journal.exchange(&snap.Exchange{
		ID: id, Endpoint: e.Name(), Started: c.Clock.Now(), Sent: snap.Sent{Method: e.Method, Header: []snap.Field{}},
		Failure: &snap.Failure{Kind: snap.FailureRequest, Detail: at.client.Masker.Text(err.Error())},
	})
}

// send puts one request on the wire when its turn has come, keeps the exchange, and watches whether the endpoint still answers.
func (c *collector) send(ctx context.Context, at *site, e *contract.Endpoint, id string, r *snap.Request) (*snap.Exchange, *snap.Answer, error) {
	if err := c.journal.failed(); err != nil {
		return nil, nil, err
	}
	// Counted before it is asked whether there is room, so that requests at once cannot all find the same room.
	if limit := at.target.MaxRequests; at.sent.Add(1) > int64(limit) && limit > 0 {
		c.stop(e.Name(), errOver.Error())
		return nil, nil, errOver
	}
	client := at.client
	if e.Token {
		client = at.tokens
	}
	x, answer := client.Do(ctx, id, e.Name(), r)
	c.journal.exchange(x)
	c.watch(e.Name(), x)
	return x, answer, nil
}

// watch is the circuit breaker.
func (c *collector) watch(endpoint string, x *snap.Exchange) {
	if x.Failure != nil && (x.Failure.Kind == snap.FailureCanceled || x.Failure.Kind == snap.FailureRequest) {
		return
	}
	c.mu.Lock()
	st := c.states[endpoint]
	if x.Failure == nil {
		st.failures = 0
		c.mu.Unlock()
		return
	}
	st.failures++
	tripped := st.failures >= c.Breaker
	c.mu.Unlock()
	if tripped {
		c.stop(endpoint, fmt.Sprintf("%d requests in a row got no answer; the last: %s", c.Breaker, x.Failure.Detail))
	}
}

// stop ends an endpoint's traffic. The first cause stays.
func (c *collector) stop(endpoint, cause string) {
	c.mu.Lock()
	st := c.states[endpoint]
	first := st.stopped == ""
	if first {
		st.stopped = cause
	}
	c.mu.Unlock()
	if first {
		c.journal.note(Note{Kind: NoteStopped, Endpoint: endpoint, Text: cause})
	}
}

func (c *collector) stoppedBy(endpoint string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[endpoint].stopped
}

func (c *collector) advance(endpoint string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.states[endpoint]
	st.done++
	if c.Progress != nil {
		c.Progress(Progress{Endpoint: endpoint, Done: st.done, Total: st.total})
	}
}

// received says what the last of an endpoint's opening controls got.
func (c *collector) received(e *contract.Endpoint) string {
	text := "nothing was sent"
	for _, s := range c.parts[e.Name()][Opening] {
		x := c.journal.get(ExchangeID(s.ID, 0, 0))
		switch {
		case x == nil:
		case x.Failure != nil:
			text = x.Failure.Detail
		default:
			r := read(x)
			text = fmt.Sprintf("answered %d", r.status)
			if r.code != "" {
				text += fmt.Sprintf(" with %s", r.code)
			}
			if r.message != "" {
				text += fmt.Sprintf(" %q", excerpt(r.message, 160))
			}
			if r.outcome == accepted {
				text += ", a success without what it should carry"
			}
		}
	}
	return text
}
