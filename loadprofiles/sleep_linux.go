package loadprofiles

import (
	"context"
	"runtime"
	"syscall"
	"time"
)

// sleeper waits for an instant. Go rounds short sleeps up to a millisecond on Linux; a thread of its own with the
// smallest timer slack wakes within about a tenth of that.
type sleeper struct {
	precise bool
	locked  bool
}

const prSetTimerSlack = 29 // PR_SET_TIMERSLACK

// until returns at began+due, or false when the run is cancelled before.
func (s *sleeper) until(ctx context.Context, began time.Time, due time.Duration) bool {
	if s.precise && !s.locked {
		// The goroutine is vegeta's and ends with the attack, and its thread with it.
		runtime.LockOSThread()
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTimerSlack, 1, 0, 0, 0, 0) // without it sleeps are only less exact
		s.locked = true
	}
	for {
		left := due - time.Since(began)
		if left <= 0 {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		left = min(left, 50*time.Millisecond) // so that a cancelled run is noticed
		if !s.precise {
			time.Sleep(left)
			continue
		}
		ts := syscall.NsecToTimespec(int64(left))
		_ = syscall.Nanosleep(&ts, nil) // an early wake-up goes round the loop
	}
}
