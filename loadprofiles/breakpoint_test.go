package loadprofiles

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// A server that takes 5 ms for each request, one after the other, keeps up with 200 a second and no more.
func TestSearchFindsTheLimit(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	var one sync.Mutex
	s.slow = func() {
		one.Lock()
		defer one.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	p := testProfile(t, `
stages: [loopback]
thresholds: [success >= 99%, p90 < 60ms, schedule delay p99 < 500ms]
breakpoint: {from: 40/1s, ceiling: 1000/1s, for: 600ms, repeats: 2, within: 30%}
`)
	o := s.options(t, p)
	var trial string
	o.Progress = func(p Progress) { trial = p.Trial }
	load, err := Search(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	b := load.Breakpoint
	// Sleeping takes a little longer than asked, and a short trial forgives a little overload.
	if b == nil || b.Rate < 70 || b.Rate > 260 || b.Broken <= b.Rate || b.LimitedBy != "target" {
		t.Errorf("breakpoint %+v", b)
	}
	if b.Ceilings[StageSigning] == 0 || !strings.Contains(b.Confidence, "kept the thresholds in") {
		t.Errorf("ceilings %v, confidence %q", b.Ceilings, b.Confidence)
	}
	if load.Verdict != reports.LoadKept || trial == "" {
		t.Errorf("verdict %s %v, trial %q", load.Verdict, load.Reasons, trial)
	}
	if len(s.ids) != int(s.requests.Load()) {
		t.Errorf("%d ids in %d requests over all trials", len(s.ids), s.requests.Load())
	}
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
