package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/suites"
)

func TestLineProgress(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &lineProgress{w: &b, now: func() time.Time { return now }, last: now}
	for i := range 12 {
		p.at("collecting", i, 12, "a.b")
		now = now.Add(time.Second)
	}
	p.stop()
	p.at("collecting", 12, 12, "a.b")
	want := "collecting 5 of 12, at a.b\ncollecting 10 of 12, at a.b\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// A run that ends early leaves bars that never fill up; waiting for them would hang the program.
func TestBarsStopUnfinished(t *testing.T) {
	var b bytes.Buffer
	p := &barProgress{pool: mpb.New(mpb.WithOutput(&b)), stages: map[string]*stageBar{}}
	p.at("collecting", 3, 10, "a.b")
	p.at("judging", 10, 10, "a.b")
	done := make(chan struct{})
	go func() {
		p.stop()
		p.stop()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("stop does not return")
	}
	p.at("collecting", 4, 10, "a.b") // must not panic
}

func TestMeterSumsEndpoints(t *testing.T) {
	last := 0
	show := counting{done: func(done int) { last = done }}
	tell := meter(show, &suites.Plan{Scenarios: make([]suites.Scenario, 5), Endpoints: []*contract.Endpoint{}})
	tell(suites.Progress{Endpoint: "a", Done: 1, Total: 2})
	tell(suites.Progress{Endpoint: "b", Done: 2, Total: 3})
	tell(suites.Progress{Endpoint: "a", Done: 2, Total: 2})
	if last != 4 {
		t.Errorf("%d are done, want 4", last)
	}
	tell(suites.Progress{Stage: suites.StageJudge, Done: 1, Total: 9, Endpoint: "a"})
	if last != 1 {
		t.Errorf("%d are judged, want 1", last)
	}
}

type counting struct{ done func(done int) }

func (c counting) at(_ string, done, _ int, _ string) { c.done(done) }
func (counting) stop()                                {}

type stoppedClock struct{ slept time.Duration }

func (*stoppedClock) Now() time.Time { return time.Unix(1000, 0) }

func (c *stoppedClock) Sleep(ctx context.Context, d time.Duration) error {
	c.slept += d
	return ctx.Err()
}

func TestLeapClock(t *testing.T) {
	real := &stoppedClock{}
	c := &leapClock{Clock: real}
	if err := c.Sleep(t.Context(), time.Second); err != nil || real.slept != time.Second {
		t.Errorf("a short wait is slept for %v, %v", real.slept, err)
	}
	if err := c.Sleep(t.Context(), time.Hour); err != nil || real.slept != time.Second {
		t.Errorf("a long wait is slept for %v, %v", real.slept, err)
	}
	if got := c.Now().Sub(real.Now()); got != time.Hour {
		t.Errorf("the clock is %v ahead, want an hour", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted wait gives %v", err)
	}
}
