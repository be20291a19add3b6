package loadprofiles

import (
	"context"
	"fmt"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// collector takes results from vegeta as they come and counts them. It is the only one that writes the measures, and it
// keeps no result.
type collector struct {
	stage   *stage
	m       *measures
	ring    *ring
	pace    *pacer
	trip    *tripper
	sampler *sampler
	abort   context.CancelCauseFunc
	window  errorWindow
	lately  rateMeter
	written uint64
}

const progressEvery = 500 * time.Millisecond

func (c *collector) drain(results <-chan *vegeta.Result) {
	c.window = newErrorWindow(c.stage.profile.Abort)
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case r, open := <-results:
			if !open {
				c.tell()
				return
			}
			c.take(r)
		case <-ticker.C:
			c.tell()
		}
	}
}

func (c *collector) take(r *vegeta.Result) {
	s := c.ring.at(r.Seq)
	if s == nil {
		return // vegeta numbers what the pacer placed
	}
	if s.ended == 0 { // vegeta gave up before the transport was called
		now := c.ring.since()
		s.entered = now
		s.fail(snap.FailureRequest, r.Error, now)
	}
	now := c.ring.since()
	good := s.outcome == succeeded || s.outcome == refusedDuplicate
	c.lately.note(now)
	if text := c.window.note(now, good); text != "" {
		c.abort(&errAborted{text})
	}
	if s.ticket.Measured {
		record(c.m.own.waited, now-s.ended)
		c.m.add(s, c.stage.schedule.measured)
		if w := c.stage.results; w != nil {
			w.write(r, s, c.stage, c.written)
			c.written++
		}
	}
	if s.exchange != nil {
		c.sampler.offer(s.exchange)
	}
	c.ring.release(s)
}

// errorWindow watches the share of failed requests in the newest stretch of time, in slices of a tenth of it.
type errorWindow struct {
	share  float64
	after  uint64
	slice  int64
	all    [10]uint64
	failed [10]uint64
	seen   uint64
	newest int64
	text   string
}

func newErrorWindow(a Abort) errorWindow {
	share, _ := a.Errors.Share()   // was checked when the profile was read
	window, _ := a.Window.Length() // likewise
	return errorWindow{share: share, after: uint64(a.After), slice: max(int64(window)/10, 1), text: string(a.Window)}
}

// note counts an answer and returns why the run has to end, or nothing.
func (w *errorWindow) note(now int64, good bool) string {
	if w.share == 0 {
		return ""
	}
	at := now / w.slice
	for w.newest < at {
		w.newest = max(w.newest+1, at-int64(len(w.all)))
		w.all[w.newest%10], w.failed[w.newest%10] = 0, 0
	}
	w.seen++
	w.all[at%10]++
	if !good {
		w.failed[at%10]++
	}
	if w.seen < w.after || good {
		return ""
	}
	var all, failed uint64
	for i := range w.all {
		all += w.all[i]
		failed += w.failed[i]
	}
	// A window that holds next to nothing says next to nothing.
	if all < min(w.after, 20) || float64(failed) <= w.share*float64(all) {
		return ""
	}
	return fmt.Sprintf("aborted: %d of the %d newest requests, in %s, got no right answer", failed, all, w.text)
}

// rateMeter counts the newest three seconds.
type rateMeter struct {
	count  [3]uint64
	newest int64
}

func (r *rateMeter) note(now int64) {
	at := now / int64(time.Second)
	for r.newest < at {
		r.newest = max(r.newest+1, at-3)
		r.count[r.newest%3] = 0
	}
	r.count[at%3]++
}

// perSecond is the mean of the whole seconds before this one.
func (r *rateMeter) perSecond(now int64) float64 {
	at := now / int64(time.Second)
	sum, n := 0.0, 0.0
	for s := max(at-2, 0); s < at; s++ {
		n++
		if s <= r.newest && s > r.newest-3 {
			sum += float64(r.count[s%3])
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

func (c *collector) tell() {
	if c.stage.options.Progress == nil {
		return
	}
	now := c.ring.since()
	schedule, m := c.stage.schedule, c.m
	response, delay := m.histograms[responseName], m.histograms[delayName]
	codes := m.sortedCodes()
	c.stage.options.Progress(Progress{
		Stage: m.stage, Stages: c.stage.at, Of: c.stage.of, Trial: c.stage.trial,
		Elapsed: time.Duration(now), Left: max(0, schedule.total-time.Duration(now)), WarmingUp: time.Duration(now) < schedule.measured,
		Planned: m.planned, Sent: m.sent, Succeeded: m.succeeded, Failed: m.sent - m.succeeded,
		Asked: schedule.Rate(time.Duration(now)) / float64(c.stage.options.Shard.Count), Achieved: c.lately.perSecond(now),
		P50: time.Duration(response.ValueAtQuantile(50)), P99: time.Duration(response.ValueAtQuantile(99)),
		ScheduleDelayP99: time.Duration(delay.ValueAtQuantile(99)), Codes: codes[:min(len(codes), 8)], UnderWay: c.trip.busy.Load(),
	})
}
