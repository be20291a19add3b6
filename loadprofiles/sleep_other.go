//go:build !linux

package loadprofiles

import (
	"context"
	"time"
)

// sleeper waits for an instant.
type sleeper struct{ precise bool }

// until returns at began+due, or false when the run is cancelled before.
func (s *sleeper) until(ctx context.Context, began time.Time, due time.Duration) bool {
	for {
		left := due - time.Since(began)
		if left <= 0 {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		time.Sleep(min(left, 50*time.Millisecond))
	}
}
