package suites

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/snapcert/snapcert/reports"
)

// HaveNoViolations succeeds when a result says that the rule held, or only warns. Its failure message lists every
// violation, not only the first:
//
//	Expect(result).To(suites.HaveNoViolations())
func HaveNoViolations() types.GomegaMatcher { return noViolations{} }

type noViolations struct{}

// Match takes a reports.Result or a pointer to one.
func (noViolations) Match(actual any) (bool, error) {
	r, err := asResult(actual)
	if err != nil {
		return false, err
	}
	switch r.Verdict {
	case reports.Fail, reports.StaleWaiver, reports.Error, reports.Inconclusive, reports.NotRun:
		return false, nil
	}
	return true, nil
}

// FailureMessage lists the violations, or says why nothing was learned.
func (noViolations) FailureMessage(actual any) string {
	r, err := asResult(actual)
	if err != nil {
		return err.Error()
	}
	return failureText(r)
}

// NegatedFailureMessage is for a violation that did not come.
func (noViolations) NegatedFailureMessage(actual any) string {
	r, err := asResult(actual)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s was to be violated, and is %s", r.ID, r.Verdict)
}

func asResult(actual any) (*reports.Result, error) {
	switch r := actual.(type) {
	case reports.Result:
		return &r, nil
	case *reports.Result:
		if r != nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("HaveNoViolations takes a reports.Result, not %T", actual)
}

// failureText is what a spec fails with.
func failureText(r *reports.Result) string {
	var b strings.Builder
	switch r.Verdict {
	case reports.Error:
		fmt.Fprintf(&b, "harness error: %s", r.Reason)
	case reports.Inconclusive:
		fmt.Fprintf(&b, "inconclusive: %s", r.Reason)
	case reports.NotRun:
		fmt.Fprintf(&b, "not run: %s", r.Reason)
	case reports.StaleWaiver:
		fmt.Fprintf(&b, "stale waiver: %s", r.Reason)
	default:
		fmt.Fprintf(&b, "%s\n%s, %s, %s", r.Text, r.Level, r.Basis, r.Cite)
	}
	for i, f := range r.Findings {
		fmt.Fprintf(&b, "\n%d. %s: %s\n   expected: %s\n   received: %s", i+1, f.Verdict, f.Text, f.Expected, f.Received)
		if f.Change != "" {
			fmt.Fprintf(&b, "\n   sent: %s", f.Change)
		}
		if f.Exchange != "" {
			fmt.Fprintf(&b, "\n   exchange: %s", f.Exchange)
		}
	}
	return b.String()
}
