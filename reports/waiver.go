package reports

import (
	"fmt"
	"strings"
)

// The states of a waiver that is not stale: it covers a failure of this run, or its rule neither failed nor passed in it.
// Every other state says why it is stale.
const (
	WaiverUsed = "used"
	WaiverIdle = "idle: the rule neither failed nor passed"
)

// Stale tells whether the waiver no longer applies to anything, which fails the run.
func (w *Waiver) Stale() bool { return w.State != WaiverUsed && w.State != WaiverIdle }

// title names a waiver by what it covers and where that is written down.
func (w *Waiver) title() string {
	return fmt.Sprintf("waiver %s (%s, %s, until %s)", strings.TrimSpace(w.Rule+" "+w.Code), w.Owner, w.Ticket, w.Expires)
}

// staleWaivers counts waivers that no longer apply to anything. They have no result of their own to show it.
func staleWaivers(r *Report) int {
	n := 0
	for i := range r.Waivers {
		if r.Waivers[i].Stale() {
			n++
		}
	}
	return n
}

// waiverCases are the waivers as a suite of test cases, for formats that know nothing else: a stale one fails.
func waiverCases(r *Report) junitSuite {
	suite := junitSuite{Name: "waivers", Timestamp: r.Run.Started.UTC().Format("2006-01-02T15:04:05"), Time: seconds(0)}
	for i := range r.Waivers {
		w := &r.Waivers[i]
		c := junitCase{Name: xmlText(line(fmt.Sprintf("%d. %s", i+1, w.title()))), Class: "waivers", Time: seconds(0)}
		text := xmlText(line(w.State + "; " + w.Reason))
		if w.Stale() {
			suite.Failures++
			c.Failure = &junitOutcome{Message: text, Type: string(StaleWaiver), Text: text}
		} else {
			c.Out = text
		}
		suite.Tests++
		suite.Cases = append(suite.Cases, c)
	}
	return suite
}
