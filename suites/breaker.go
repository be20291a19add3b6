package suites

import (
	"context"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// slots bounds how much is under way at once. Who waits is served in order, those in a hurry (controls, which others wait
// for) before the rest.
type slots struct {
	mu      sync.Mutex
	free    int
	limit   int
	waiting [2][]*waiter // hurried, others
}

type waiter struct {
	count int
	ready chan struct{}
}

func newSlots(limit int) *slots { return &slots{free: limit, limit: limit} }

// acquire takes count of each of the slots that are not nil, at most all they have: copies sent at once must go together
// even where that is more than the limit. The caller gives them back with done.
func acquire(ctx context.Context, count int, hurry bool, all ...*slots) (done func(), err error) {
	var taken []func()
	done = func() {
		for _, give := range taken {
			give()
		}
	}
	for _, s := range all {
		if s == nil {
			continue
		}
		n := min(count, s.limit)
		if err := s.take(ctx, n, hurry); err != nil {
			done()
			return nil, err
		}
		taken = append(taken, func() { s.give(n) })
	}
	return done, nil
}

func (s *slots) take(ctx context.Context, n int, hurry bool) error {
	queue := 1
	if hurry {
		queue = 0
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.free >= n && len(s.waiting[0]) == 0 && (hurry || len(s.waiting[1]) == 0) {
		s.free -= n
		s.mu.Unlock()
		return nil
	}
	w := &waiter{n, make(chan struct{})}
	s.waiting[queue] = append(s.waiting[queue], w)
	s.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		s.leave(w, queue)
		return ctx.Err()
	}
}

// leave takes a waiter out of its queue, or gives back what it was given in the meantime.
func (s *slots) leave(w *waiter, queue int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.waiting[queue] {
		if other == w {
			s.waiting[queue] = append(s.waiting[queue][:i:i], s.waiting[queue][i+1:]...)
			s.serve()
			return
		}
	}
	s.free += w.count
	s.serve()
}

func (s *slots) give(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
	s.serve()
}

// serve is called with the lock held.
func (s *slots) serve() {
	for queue := range s.waiting {
		for len(s.waiting[queue]) > 0 && s.waiting[queue][0].count <= s.free {
			w := s.waiting[queue][0]
			s.waiting[queue] = s.waiting[queue][1:]
			s.free -= w.count
			close(w.ready)
		}
		if len(s.waiting[queue]) > 0 {
			return
		}
	}
}

// limiter spaces requests evenly. A nil one lets everything pass.
type limiter struct {
	clock snap.Clock
	gap   time.Duration

	mu   sync.Mutex
	next time.Time
}

// newLimiter keeps to the lowest of the rates, in requests a second; those that are zero do not count.
func newLimiter(clock snap.Clock, rates ...float64) *limiter {
	lowest := 0.0
	for _, r := range rates {
		if r > 0 && (lowest == 0 || r < lowest) {
			lowest = r
		}
	}
	if lowest == 0 {
		return nil
	}
	return &limiter{clock: clock, gap: time.Duration(float64(time.Second) / lowest)}
}

// wait waits for the turn of count requests.
func (l *limiter) wait(ctx context.Context, count int) error {
	if l == nil {
		return ctx.Err()
	}
	l.mu.Lock()
	now := l.clock.Now()
	if l.next.Before(now) {
		l.next = now
	}
	turn := l.next.Add(time.Duration(count-1) * l.gap)
	l.next = turn.Add(l.gap)
	l.mu.Unlock()
	if wait := turn.Sub(now); wait > 0 {
		return l.clock.Sleep(ctx, wait)
	}
	return ctx.Err()
}
