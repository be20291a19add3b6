package loadprofiles

import (
	"testing"
	"time"
)

// At most a second's worth goes at once; the rest of a backlog goes at the highest rate.
func TestGovernor(t *testing.T) {
	g := newGovernor(10)
	for i := range 50 { // a backlog of fifty, all of which could go at second 5
		at := g.release(5 * time.Second)
		want := 5*time.Second + max(0, time.Duration(i-9)*100*time.Millisecond)
		if at != want {
			t.Fatalf("request %d goes at %s, want %s", i, at, want)
		}
	}
	if at := g.release(20 * time.Second); at != 20*time.Second {
		t.Errorf("after a pause a request goes at %s", at)
	}
	even := newGovernor(10)
	for i := range 100 { // as asked, with some jitter
		now := time.Duration(i)*100*time.Millisecond + time.Duration(i%7)*time.Millisecond
		if at := even.release(now); at != now {
			t.Fatalf("request %d was held back from %s to %s", i, now, at)
		}
	}
	free := newGovernor(0)
	if at := free.release(time.Second); at != time.Second {
		t.Errorf("without a limit a request goes at %s", at)
	}
}
