package loadprofiles

import (
	"context"
	"math"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// A server freezes for one second in every ten. The response times that users of an open system see follow from the
// schedule and the freezes alone, so the test can compute them exactly. Measuring from the send instead, with a capped
// number of workers, would read them a hundred times too low.
func TestFreezesShowInTheTail(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup // not two parallel tests, which would keep others waiting
	defer both.Wait()
	for _, workers := range []int{1024, 32} {
		s := newStand(t, "gopay.binding-inquiry")
		p := testProfile(t, "stages: [loopback]\nload: [{rate: 300/1s, for: 10s}]\n")
		both.Go(func() {
			// A busy machine adds delays of its own, so a try may fail; wrong bookkeeping fails every time.
			for try := 1; ; try++ {
				stop := watchStalls()
				got, want := freeze(s, p, workers)
				stalled := stop()
				t.Logf("%d workers: p99 %s, exact %s; the machine stalled for up to %s", workers, got, want, stalled)
				switch off := got - want; {
				case math.Abs(float64(off)) <= 0.05*float64(want):
					return
				case try < 3:
				case off > 0 && stalled > 20*time.Millisecond:
					t.Logf("%d workers: this machine is too busy to tell", workers)
					return
				default:
					t.Errorf("%d workers: p99 %s, want %s within 5 %%", workers, got, want)
					return
				}
			}
		})
	}
}

const (
	freezeEvery = 10 * time.Second
	freezeFor   = time.Second
)

func freeze(s *stand, p Profile, workers int) (measured, exact time.Duration) {
	t := s.t
	t.Helper()
	p.Workers.Most, p.Workers.Start = workers, min(workers, 32)
	began := time.Now().Add(300 * time.Millisecond)
	s.slow = func() {
		if at := time.Since(began); at > 0 {
			if into := at % freezeEvery; into > freezeEvery-freezeFor {
				time.Sleep(freezeEvery - into)
			}
		}
	}
	o := s.options(t, p)
	o.Shard.Start = began
	load, err := Run(context.Background(), p, o)
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	schedule, err := NewSchedule(p, 1)
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	var waits []time.Duration
	tickets := schedule.Tickets()
	for ticket, ok := tickets.Next(); ok; ticket, ok = tickets.Next() {
		wait := time.Duration(0)
		if into := ticket.Due % freezeEvery; into > freezeEvery-freezeFor {
			wait = freezeEvery - into
		}
		waits = append(waits, wait)
	}
	sort.Slice(waits, func(i, j int) bool { return waits[i] < waits[j] })
	exact = waits[int(math.Ceil(0.99*float64(len(waits))))-1]
	for _, d := range load.Stages[0].Distributions {
		if d.Name == reports.ResponseTime {
			measured, _ = d.At(99)
		}
	}
	return measured, exact
}
