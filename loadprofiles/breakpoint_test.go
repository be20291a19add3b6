package loadprofiles

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// A server that takes some 5 ms for each request, one after the other, keeps up with what that allows and no more. What it
// allows is measured in the server, since a sleep takes longer than asked. A busy machine may stall in a trial, so a
// search may be wrong once; a wrong search is wrong every time.
func TestSearchFindsTheLimit(t *testing.T) {
	t.Parallel()
	for try := 1; ; try++ {
		stop := watchStalls()
		capacity, b := searchSerial(t)
		stalled := stop()
		t.Logf("capacity %.0f/s; found %.0f/s, broken at %.0f/s in %d trials; %s", capacity, b.Rate, b.Broken, len(b.Trials), b.Confidence)
		// A short trial forgives a little overload: 50 ms of it in 600 ms.
		if b.Rate >= 0.6*capacity && b.Rate <= 1.15*capacity && b.Broken > b.Rate && b.LimitedBy == limitedByTarget {
			return
		}
		if try == 3 && b.Rate < capacity && stalled > 25*time.Millisecond {
			t.Skipf("this machine is too busy to tell: it stalled for %s, and 50 ms break the threshold", stalled)
		}
		if try == 3 {
			t.Fatalf("breakpoint %+v of a server that takes %.0f a second", b, capacity)
		}
	}
}

func searchSerial(t *testing.T) (capacity float64, b *reports.Breakpoint) {
	t.Helper()
	s := newStand(t, "gopay.binding-inquiry")
	var one sync.Mutex
	var took []time.Duration
	s.slow = func() {
		one.Lock()
		defer one.Unlock()
		began := time.Now()
		time.Sleep(5 * time.Millisecond)
		took = append(took, time.Since(began))
	}
	p := testProfile(t, `
stages: [loopback]
thresholds: [success >= 99%, p90 < 50ms, schedule delay p99 < 500ms]
breakpoint: {from: 40/1s, ceiling: 1000/1s, for: 600ms, repeats: 2, within: 20%}
`)
	o := s.options(t, p)
	var trial string
	o.Progress = func(p Progress) { trial = p.Trial }
	load, err := Search(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	b = load.Breakpoint
	if b.Ceilings[StageSigning] == 0 || b.Rate > 0 && !strings.Contains(b.Confidence, "kept the thresholds in") {
		t.Errorf("ceilings %v, confidence %q", b.Ceilings, b.Confidence)
	}
	if b.Rate > 0 && b.LimitedBy == limitedByTarget && load.Verdict != reports.LoadKept || trial == "" {
		t.Errorf("verdict %s %v, trial %q", load.Verdict, load.Reasons, trial)
	}
	if len(s.ids) != int(s.requests.Load()) {
		t.Errorf("%d ids in %d requests over all trials", len(s.ids), s.requests.Load())
	}
	slices.Sort(took)
	return 1 / took[len(took)/2].Seconds(), b
}

func TestSearchNeverClaimsMoreThanTheCeiling(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	p := testProfile(t, `
stages: [loopback]
thresholds: [success >= 99%, p90 < 5s, schedule delay p99 < 1s]
breakpoint: {from: 40/1s, ceiling: 90/1s, for: 300ms, repeats: 2, within: 30%}
`)
	load, err := Search(context.Background(), p, s.options(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if b := load.Breakpoint; b.Rate != 90 || b.Broken != 0 || b.LimitedBy != "ceiling" || !strings.Contains(b.Confidence, "may take more") {
		t.Errorf("breakpoint %+v", b)
	}
}

// With one worker and a stand-in that takes 20 ms, the generator itself sends 50 a second at most. However fast the
// target is, no more is claimed, and the run does not pass for a measurement of the target.
func TestSearchSaysWhenTheGeneratorIsTheLimit(t *testing.T) {
	t.Parallel()
	target, near := newStand(t, "gopay.binding-inquiry"), newStand(t, "gopay.binding-inquiry")
	near.slow = func() { time.Sleep(20 * time.Millisecond) }
	search := func(from string) *reports.Load {
		p := testProfile(t, `
stages: [wire]
workers: {start: 1, most: 1}
thresholds: [success >= 99%, p90 < 5s, schedule delay p99 < 100ms]
breakpoint: {from: `+from+`, ceiling: 100/1s, for: 200ms, repeats: 2, within: 30%}
`)
		o := target.options(t, p)
		o.Sites[StageLoopback] = near.options(t, p).Sites[StageLoopback]
		load, err := Search(context.Background(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		return load
	}
	load := search("10/1s")
	b := load.Breakpoint
	if own := b.Ceilings[StageLoopback]; own > 70 || b.Rate > own || b.Rate == 0 || b.LimitedBy != limitedByGenerator {
		t.Errorf("breakpoint %+v", b)
	}
	if load.Verdict != reports.LoadInvalid || reports.LoadExitCode(load) != reports.ExitLoadInvalid {
		t.Errorf("verdict %s: the number is the generator's", load.Verdict)
	}
	before := target.requests.Load()
	load = search("90/1s")
	if b := load.Breakpoint; b.Rate != 0 || len(b.Trials) != 0 || b.LimitedBy != limitedByGenerator || load.Verdict != reports.LoadInvalid {
		t.Errorf("verdict %s, breakpoint %+v", load.Verdict, b)
	}
	if target.requests.Load() != before {
		t.Error("the target was put under load that cannot be measured")
	}
}

// An interrupted search reports what it found so far.
func TestSearchInterrupted(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	p := testProfile(t, `
stages: [loopback]
thresholds: [success >= 99%, p90 < 5s, schedule delay p99 < 1s]
breakpoint: {from: 20/1s, ceiling: 20000/1s, for: 300ms, repeats: 2, within: 5%}
`)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	o := s.options(t, p)
	delete(o.Sites, StageSigning) // its ceiling takes long to find
	o.Progress = func(p Progress) {
		if strings.HasSuffix(p.Trial, ", 80/s") {
			stop()
		}
	}
	load, err := Search(ctx, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if b := load.Breakpoint; load.Verdict != reports.LoadPartial || b.Rate < 20 || !strings.Contains(b.Confidence, "interrupted") {
		t.Errorf("verdict %s, breakpoint %+v", load.Verdict, b)
	}
	if reports.LoadExitCode(load) != reports.ExitInterrupted {
		t.Errorf("exit code %d", reports.LoadExitCode(load))
	}
}
