package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// prover runs the suites against providers that are broken on purpose, each in this process and without a socket. Keys
// and contracts are shared by all runs; everything else is each run's own.
type prover struct {
	providers []*contract.Provider
	seed      int64
	clock     snap.Clock
	partner   *rsa.PrivateKey // of the partner, in all sandboxes
	stranger  *rsa.PrivateKey // of nobody
	judge     judge
	stages    []*stage
}

// judge gives the verdicts on evidence.
type judge func(*suites.Plan, *suites.Evidence) []reports.Result

// stage is one endpoint to break rules on: its plan, and what the plan shows of a provider without a flaw.
type stage struct {
	endpoint  *contract.Endpoint
	providers []*contract.Provider // its own, and the standard
	plan      *suites.Plan
	selection suites.Selection
	rules     map[string]*contract.Rule
	normal    map[string]reports.Verdict
	cases     map[string][]string // by rule: what is asked for it
	baseline  reports.Baseline
}

// sandboxBase is where sandboxes without a socket are said to be.
const sandboxBase = "https://sandbox.example"

// runDeadline ends a run that hangs. It is far longer than any takes.
const runDeadline = 60 * time.Second

func newProver(providers []*contract.Provider, seed int64, clock snap.Clock) (*prover, error) {
	p := &prover{providers: providers, seed: seed, clock: clock, judge: func(plan *suites.Plan, e *suites.Evidence) []reports.Result {
		results, _ := suites.Judge(plan, e, suites.JudgeOptions{})
		return results
	}}
	var err error
	if p.partner, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	if p.stranger, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return p, nil
}

// addStage plans an endpoint whole, or no more than the rules with these numbers, and runs the plan against an unbroken
// sandbox.
func (p *prover) addStage(ctx context.Context, e *contract.Endpoint, only ...string) error {
	s := &stage{endpoint: e, rules: map[string]*contract.Rule{}, normal: map[string]reports.Verdict{}, cases: map[string][]string{}}
	for _, other := range p.providers {
		if other == e.Provider || other.Reference {
			s.providers = append(s.providers, other)
		}
	}
	plan, err := suites.NewPlan(s.providers, suites.Selection{Endpoints: []string{e.Name()}, Rules: only}, p.seed)
	if err != nil {
		return fmt.Errorf("plan %s: %w", e.Name(), err)
	}
	s.plan = plan
	for _, r := range plan.Rules {
		s.rules[r.ID] = r
	}
	p.stages = append(p.stages, s)
	return p.base(ctx, s)
}

// outcome is one run of a plan against one sandbox.
type outcome struct {
	evidence *suites.Evidence
	results  []reports.Result
}

// against collects and judges.
func (p *prover) against(ctx context.Context, s *stage, o sandbox.Options) (*outcome, error) {
	evidence, err := p.collect(ctx, s, o, nil, 0)
	if err != nil {
		return nil, err
	}
	return &outcome{evidence, p.judge(s.plan, evidence)}, nil
}

// collect runs a stage's plan against a sandbox made by the options. Time is the run's own: long waits are leapt over.
// Over takes the place of the sandbox's own line unless nil; patience is how long a request may take, the usual when zero.
// A fault of our own is an error like any other.
func (p *prover) collect(ctx context.Context, s *stage, o sandbox.Options, over http.RoundTripper, patience time.Duration) (evidence *suites.Evidence, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, runDeadline)
	defer cancel()
	clock := &leapClock{Clock: p.clock}
	o.Providers, o.Key, o.Seed, o.Clock = s.providers, p.partner, uint64(p.seed), clock
	box, err := sandbox.New(o)
	if err != nil {
		return nil, err
	}
	if over == nil {
		over = box.Transport()
	}
	return suites.Collect(ctx, s.plan, suites.CollectOptions{
		Targets: box.Targets(sandboxBase), Transport: over, Clock: clock, Concurrency: proverConcurrency,
		Timeout: patience, RunID: "selftest", Stranger: p.stranger, Tool: tool(), Selection: s.selection,
	})
}

// proverConcurrency is how many scenarios of one run are under way at once. It leaves room for equal requests sent at
// once, and no more: there are other runs beside.
const proverConcurrency = 16

// base runs the stage against a sandbox that is not broken.
func (p *prover) base(ctx context.Context, s *stage) error {
	out, err := p.against(ctx, s, sandbox.Options{})
	if err != nil {
		return fmt.Errorf("unbroken %s: %w", s.endpoint.Name(), err)
	}
	s.baseline = reports.Baseline{Endpoint: s.endpoint.Name(), Rules: len(out.results), Requests: len(out.evidence.Exchanges)}
	for i := range out.results {
		r := &out.results[i]
		s.normal[r.ID] = r.Verdict
		for _, c := range r.Cases {
			s.cases[r.ID] = append(s.cases[r.ID], c.ID)
		}
		if r.Verdict != reports.Pass && r.Verdict != reports.Skip {
			s.baseline.Flaws = append(s.baseline.Flaws, fmt.Sprintf("%s: %s: %s", r.ID, r.Verdict, said(r)))
		}
	}
	return nil
}

// broken runs the stage against a sandbox that breaks one rule in one way, and any others as well.
func (p *prover) broken(ctx context.Context, s *stage, r *contract.Rule, mode string, others ...sandbox.Break) reports.MatrixBreak {
	b := reports.MatrixBreak{Mode: mode, On: s.endpoint.Name()}
	out, err := p.against(ctx, s, sandbox.Options{Break: append(others, sandbox.Break{Rule: r.ID, Mode: mode})})
	if ctx.Err() != nil { // what an interrupt cut short says nothing
		b.Failure = reports.NotReached
		return b
	}
	if err != nil {
		b.Failure = err.Error()
		return b
	}
	b.Requests = len(out.evidence.Exchanges)
	for i := range out.results {
		result := &out.results[i]
		switch {
		case result.ID == r.ID:
			b.Verdict, b.Finding = result.Verdict, said(result)
			for _, c := range result.Cases {
				if c.Verdict == reports.Fail || c.Verdict == reports.Warn {
					b.Cases = append(b.Cases, c.ID)
				}
			}
		case result.Verdict != s.normal[result.ID]:
			hit := reports.MatrixHit{ID: result.ID, Ref: result.Ref, Was: s.normal[result.ID], Verdict: result.Verdict, Finding: said(result)}
			hit.Tie = tie(s, r, mode, s.rules[result.ID])
			b.Hits = append(b.Hits, hit)
		}
	}
	return b
}

// said is what a result found, in one sentence.
func said(r *reports.Result) string {
	if len(r.Findings) == 0 {
		return r.Reason
	}
	f := r.Findings[0]
	text := f.Text
	if f.Change != "" {
		text = f.Change + ": " + text
	}
	if f.Received != "" {
		text += " (" + f.Received + ")"
	}
	return text
}

// job is one run that has its place in the matrix waiting.
type job struct {
	on  string // endpoint, for progress
	run func(context.Context)
}

// work does all jobs with so many workers, and starts no more when ctx ends. Each writes to a place of its own.
func work(ctx context.Context, jobs []job, workers int, done func(n int, on string)) {
	queue := make(chan job)
	var all sync.WaitGroup
	var mu sync.Mutex
	finished := 0
	for range workers {
		all.Go(func() {
			for j := range queue {
				j.run(ctx)
				mu.Lock()
				finished++
				done(finished, j.on)
				mu.Unlock()
			}
		})
	}
	defer all.Wait()
	defer close(queue)
	for _, j := range jobs {
		select {
		case queue <- j:
		case <-ctx.Done():
			return
		}
	}
}

// stageOf finds where a rule is broken: on its own endpoint, for a token call on the first endpoint of its provider.
func (p *prover) stageOf(r *contract.Rule) *stage {
	for _, s := range p.stages {
		if s.endpoint == r.Endpoint || r.Endpoint.Token && s.endpoint.Provider == r.Endpoint.Provider {
			return s
		}
	}
	return nil
}

// silent finds a real endpoint on which a rule of the standard is judged, and holds.
func (p *prover) silent(r *contract.Rule) *stage {
	i := slices.IndexFunc(p.stages, func(s *stage) bool {
		return !s.endpoint.Provider.Reference && s.normal[r.ID] == reports.Pass
	})
	if i < 0 {
		return nil
	}
	return p.stages[i]
}
