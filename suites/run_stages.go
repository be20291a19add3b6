package suites

import "github.com/snapcert/snapcert/reports"

// The stages of a run, as [Progress] names them.
const (
	StageCollect = "collect"
	StageJudge   = "judge"
)

// collecting is what the collector needs of the options.
func (o *Options) collecting() CollectOptions {
	c := CollectOptions{
		Targets: o.Targets, Transport: o.Transport, Clock: o.Clock, Concurrency: o.Concurrency, Rate: o.Rate, Timeout: o.Timeout,
		Journal: o.Journal, RunID: o.RunID, Random: o.Random, Tool: o.tool(), Selection: o.Selection,
	}
	if o.Progress != nil {
		c.Progress = func(p Progress) {
			p.Stage = StageCollect
			o.Progress(p)
		}
	}
	return c
}

// tell turns verdicts into progress.
func (o *Options) tell(total int) func(int, *reports.Result) {
	if o.Progress == nil {
		return nil
	}
	return func(done int, r *reports.Result) {
		o.Progress(Progress{Stage: StageJudge, Done: done, Total: total, Endpoint: r.Endpoint, Verdict: r.Verdict})
	}
}
