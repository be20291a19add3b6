package suites

import (
	"context"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// leapClock jumps over every wait. Time also creeps with each look at it, so that nothing stands still.
type leapClock struct {
	mu  sync.Mutex
	now time.Time
}

func newLeapClock() *leapClock {
	return &leapClock{now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
}

func (c *leapClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

func (c *leapClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return nil
}

// sandboxOptions are those of a good provider with a clock that leaps.
func sandboxOptions() sandbox.Options { return sandbox.Options{Clock: newLeapClock()} }
