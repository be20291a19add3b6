package loadprofiles

import (
	"context"
	"sync"
	"time"
)

// watchdog calls off requests that are past their time. One timer for all of them costs a tenth of what a timer and a
// context for each would.
type watchdog struct {
	ring    *ring
	timeout time.Duration

	mu      sync.Mutex
	flights []*flight
}

func (w *watchdog) add(f *flight) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flights = append(w.flights, f)
}

// run looks around until the context ends, at intervals that make a timeout late by a fiftieth at most.
func (w *watchdog) run(ctx context.Context) {
	ticker := time.NewTicker(min(max(w.timeout/50, 5*time.Millisecond), 100*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.look()
		}
	}
}

func (w *watchdog) look() {
	now := w.ring.since()
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := w.flights[:0]
	for _, f := range w.flights {
		deadline := f.deadline.Load()
		if deadline == givenUp {
			continue
		}
		kept = append(kept, f)
		// Only the request that was seen to be late is called off: a newer one has another deadline.
		if deadline > 0 && now > deadline && f.deadline.CompareAndSwap(deadline, calledOff) {
			f.cancel(errSlow)
		}
	}
	clear(w.flights[len(kept):])
	w.flights = kept
}
