package suites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// ErrPreflight says that a check made before anything else found the configuration at fault.
var ErrPreflight = errors.New("preflight found a fault; nothing was sent to the endpoints")

// Options are everything one certification run depends on.
type Options struct {
	Providers []*contract.Provider
	Targets   []*fixtures.Target // one a provider
	Selection Selection
	Seed      int64
	RunID     string

	// These are the collector's, see [CollectOptions].
	Concurrency int
	Rate        float64
	Timeout     time.Duration
	Transport   http.RoundTripper
	Clock       snap.Clock
	Random      io.Reader

	Strict  bool
	Waivers []fixtures.Waiver // beside those of the targets

	Tool     reports.Tool
	Target   reports.Target // as printed; what is empty is taken from Targets
	Command  string         // what repeats the run, for the report
	Journal  io.Writer
	Progress func(Progress) // may be nil; of both stages

	// Collected is given the evidence once there is no more to come; may be nil.
	Collected func(*Evidence)

	// Preflight is asked before anything is sent. With a failed check among its answers the run ends there, every rule is
	// not-run, and the error is ErrPreflight.
	Preflight func(context.Context) ([]reports.Check, error)

	// GinkgoJSON and GinkgoJUnit are files that Ginkgo itself writes; empty for none.
	GinkgoJSON  string
	GinkgoJUnit string

	// KeepSignals says that the caller listens for interrupts. Otherwise they are reset for the whole process once Ginkgo
	// is done, which asks for them and never lets go.
	KeepSignals bool
}

// Run plans, collects, judges behind one Ginkgo spec a rule, and sums up. The report is there also when the run was
// interrupted or preflight failed; what was not reached is not-run in it. A
// selection that leaves nothing is [ErrNothingSelected]. Runs in one process take turns.
func Run(ctx context.Context, o Options) (*reports.Report, error) {
	plan, err := NewPlan(o.Providers, o.Selection, o.Seed)
	if err != nil {
		return nil, err
	}
	clock := o.Clock
	if clock == nil {
		clock = snap.SystemClock()
	}
	started := clock.Now()
	var checks []reports.Check
	if o.Preflight != nil {
		if checks, err = o.Preflight(ctx); err != nil {
			return nil, fmt.Errorf("preflight: %w", err)
		}
		if failed(checks) {
			report := o.stillborn(plan, started, checks)
			return report, ErrPreflight
		}
	}
	evidence, collectErr := Collect(ctx, plan, o.collecting())
	if evidence == nil {
		return nil, collectErr
	}
	if o.Collected != nil {
		o.Collected(evidence)
	}
	judgement, err := behindSpecs(ctx, plan, evidence, o)
	if err != nil {
		return nil, err
	}
	report := o.summary(plan, evidence, judgement)
	report.Preflight = checks
	if ctx.Err() != nil { // evidence that was complete by then can be judged again
		report.Interrupt("the run was interrupted while it was judged")
	}
	if collectErr != nil && !errors.Is(collectErr, context.Canceled) && !errors.Is(collectErr, context.DeadlineExceeded) {
		return report, collectErr
	}
	return report, nil
}

func failed(checks []reports.Check) bool {
	for _, c := range checks {
		if c.Verdict == reports.Fail || c.Verdict == reports.Error {
			return true
		}
	}
	return false
}

// stillborn is the report of a run that ended before it sent anything.
func (o *Options) stillborn(plan *Plan, started time.Time, checks []reports.Check) *reports.Report {
	evidence := &Evidence{
		Header: Header{RunID: o.RunID, Seed: o.Seed, Started: started, Tool: o.tool(), Selection: o.Selection},
		Ended:  started, Interrupted: "preflight found a fault",
	}
	report := o.summary(plan, evidence, judgeAll(plan, evidence, o.judging()))
	report.Run.Interrupted, report.Preflight = "", checks
	return report
}

func (o *Options) judging() JudgeOptions {
	waivers := append([]fixtures.Waiver(nil), o.Waivers...)
	for _, t := range o.Targets {
		waivers = append(waivers, t.Waivers...)
	}
	return JudgeOptions{Strict: o.Strict, Waivers: waivers, Command: o.Command}
}

func (o *Options) tool() reports.Tool {
	t := o.Tool
	if t.Name == "" {
		t.Name = "snapcert"
	}
	if t.Go == "" {
		t.Go = runtime.Version()
	}
	return t
}

// Rejudge judges stored evidence again, with contracts that may have been corrected since; nothing is sent. Of o only
// what judging and summing up need is used; selection and seed are the evidence's own. Rules whose contract now asks for
// another request than the one that was sent are left open, see [Evidence.For].
func Rejudge(e *Evidence, o Options) (*reports.Report, error) {
	o.Selection, o.Seed, o.RunID, o.Tool = e.Selection, e.Seed, e.RunID, o.tool()
	plan, err := NewPlan(o.Providers, e.Selection, e.Seed)
	if err != nil {
		return nil, fmt.Errorf("plan what was run: %w", err)
	}
	e = e.For(plan)
	return o.summary(plan, e, judgeAll(plan, e, o.judging())), nil
}
