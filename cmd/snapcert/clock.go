package main

import (
	"context"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// leapOver is the shortest wait that is leapt over. Pauses between requests and added latency stay real.
const leapOver = 5 * time.Second

// leapClock is the clock that a run shares with the embedded sandbox: a long wait, such as for a token to run out, moves
// both of them ahead at once instead of being waited for.
type leapClock struct {
	snap.Clock

	mu    sync.Mutex
	ahead time.Duration
}

// Now is the time with all that was leapt over.
func (c *leapClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Clock.Now().Add(c.ahead)
}

// Sleep waits, or leaps.
func (c *leapClock) Sleep(ctx context.Context, d time.Duration) error {
	if d < leapOver {
		return c.Clock.Sleep(ctx, d)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	return nil
}
