package main

import (
	"context"
	"errors"
	"os"
)

// errStopped is why a run ended early.
var errStopped = errors.New("stopped by a signal")

// stopped reports whether a signal ended the context.
func stopped(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errStopped) }

// drainOnInterrupt gives a context that the first interrupt ends, so that the run is wound up and reported; the second
// one quits on the spot.
func (a *app) drainOnInterrupt(parent context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := a.signals()
	done := make(chan struct{})
	stop := signals.stop
	signals.stop = func() {
		stop()
		close(done)
		cancel(nil)
	}
	go func() {
		for stopping := false; ; stopping = true {
			select {
			case <-done:
				return
			case <-signals.ch:
			}
			if stopping {
				os.Exit(exitInterrupted)
			}
			a.say("stopping: the reports are being written; once more to quit at once")
			cancel(errStopped)
		}
	}()
	return ctx, signals
}
