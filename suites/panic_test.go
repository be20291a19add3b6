package suites

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// collapsing is a transport that breaks down after so many requests, with a secret on its lips.
type collapsing struct {
	http.RoundTripper
	left   atomic.Int64
	secret string
}

func (c *collapsing) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.left.Add(-1) < 0 {
		panic("no idea what to do with " + c.secret)
	}
	return c.RoundTripper.RoundTrip(r)
}

// A breakdown of the harness's own ends the run; what was seen is kept and reported, and nothing secret comes out.
func TestABreakdownLeavesEverythingElse(t *testing.T) {
	for _, after := range []int64{0, 1, 40, 200} {
		var journal bytes.Buffer
		o := against(t, sandbox.Options{})
		c := &collapsing{RoundTripper: o.Transport, secret: o.Targets[0].ClientSecret.Reveal()}
		c.left.Store(after)
		o.Transport, o.Journal, o.Selection.Endpoints = c, &journal, []string{o.Targets[0].Provider}
		report, err := Run(t.Context(), o)
		if report == nil || !errors.Is(err, ErrFault) {
			t.Fatalf("after %d: report %v, error %v", after, report, err)
		}
		if report.Run.Complete || report.Run.Interrupted == "" || report.Standing == reports.Conformant {
			t.Errorf("after %d: complete %v, %q, %s", after, report.Run.Complete, report.Run.Interrupted, report.Standing)
		}
		e, readErr := ReadJournal(&journal)
		if readErr != nil || int64(len(e.Exchanges)) != after {
			t.Errorf("after %d: %v, %v", after, len(e.Exchanges), readErr)
		}
		for _, text := range []string{err.Error(), report.Run.Interrupted, journal.String()} {
			if strings.Contains(text, c.secret) {
				t.Errorf("after %d: the secret is in %.200s", after, text)
			}
		}
		if !strings.Contains(err.Error(), "panic_test.go") {
			t.Errorf("after %d: the error does not say where: %v", after, err)
		}
	}
}
