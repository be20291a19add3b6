package suites

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// ErrFault says that the harness itself broke down. What was seen until then is in the evidence.
var ErrFault = errors.New("a fault of the harness's own")

// ended is the time now, unless the clock is what broke down.
func (c *collector) ended() (now time.Time) {
	defer func() {
		if recover() != nil {
			now = time.Now()
		}
	}()
	return c.Clock.Now()
}

// survive is deferred by every worker: a panic ends the run, and not the process with all that is still to be written.
func (c *collector) survive(at *site) {
	p := recover()
	if p == nil {
		return
	}
	err := fmt.Errorf("%w: %s", ErrFault, at.client.Masker.Text(fmt.Sprint(p)))
	c.mu.Lock()
	if c.broken == nil {
		c.broken = fmt.Errorf("%w\n%s", err, at.client.Masker.Text(string(debug.Stack())))
	}
	c.mu.Unlock()
	c.quit(err)
}
