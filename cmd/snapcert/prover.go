package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
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
	stages    []*stage
}

// stage is one endpoint to break rules on: its plan, and what the plan shows of a provider without a flaw.
type stage struct {
	endpoint  *contract.Endpoint
	providers []*contract.Provider // its own, and the standard
	plan      *suites.Plan
	rules     map[string]*contract.Rule
	normal    map[string]reports.Verdict
	baseline  reports.Baseline
}

// sandboxBase is where sandboxes without a socket are said to be.
const sandboxBase = "https://sandbox.example"

// runDeadline ends a run that hangs. It is far longer than any takes.
const runDeadline = 60 * time.Second

func newProver(providers []*contract.Provider, seed int64, clock snap.Clock) (*prover, error) {
	p := &prover{providers: providers, seed: seed, clock: clock}
	var err error
	if p.partner, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	if p.stranger, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return p, nil
}

// addStage plans an endpoint whole.
func (p *prover) addStage(e *contract.Endpoint) (*stage, error) {
	s := &stage{endpoint: e, rules: map[string]*contract.Rule{}, normal: map[string]reports.Verdict{}}
	for _, other := range p.providers {
		if other == e.Provider || other.Reference {
			s.providers = append(s.providers, other)
		}
	}
	plan, err := suites.NewPlan(s.providers, suites.Selection{Endpoints: []string{e.Name()}}, p.seed)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", e.Name(), err)
	}
	s.plan = plan
	for _, r := range plan.Rules {
		s.rules[r.ID] = r
	}
	p.stages = append(p.stages, s)
	return s, nil
}

// outcome is one run of a plan against one sandbox.
type outcome struct {
	evidence *suites.Evidence
	results  []reports.Result
}

// against runs a stage's plan against a sandbox made by the options. Time is the run's own: waits are leapt over.
func (p *prover) against(ctx context.Context, s *stage, o sandbox.Options) (out *outcome, err error) {
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
	evidence, err := suites.Collect(ctx, s.plan, suites.CollectOptions{
		Targets: box.Targets(sandboxBase), Transport: box.Transport(), Clock: clock, Concurrency: proverConcurrency,
		RunID: "selftest", Stranger: p.stranger, Tool: tool(),
	})
	if err != nil {
		return nil, err
	}
	results, _ := suites.Judge(s.plan, evidence, suites.JudgeOptions{})
	return &outcome{evidence, results}, nil
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
		if r.Verdict != reports.Pass && r.Verdict != reports.Skip {
			s.baseline.Flaws = append(s.baseline.Flaws, fmt.Sprintf("%s: %s: %s", r.ID, r.Verdict, said(r)))
		}
	}
	return nil
}

// broken runs the stage against a sandbox that breaks one rule in one way.
func (p *prover) broken(ctx context.Context, s *stage, r *contract.Rule, mode string) reports.MatrixBreak {
	b := reports.MatrixBreak{Mode: mode, On: s.endpoint.Name()}
	out, err := p.against(ctx, s, sandbox.Options{Break: []sandbox.Break{{Rule: r.ID, Mode: mode}}})
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

// job is one break to be tried.
type job struct {
	row  int
	at   int // place among the row's breaks
	on   *stage
	rule *contract.Rule
	mode string
}

// try runs all jobs with as many workers as asked for and files what they saw in the rows.
func (p *prover) try(ctx context.Context, rows []reports.MatrixRow, jobs []job, workers int, done func(n int, endpoint string)) error {
	queue := make(chan job)
	var all sync.WaitGroup
	var mu sync.Mutex
	finished := 0
	for range workers {
		all.Go(func() {
			for j := range queue {
				b := p.broken(ctx, j.on, j.rule, j.mode)
				mu.Lock()
				rows[j.row].Breaks[j.at] = b
				finished++
				done(finished, j.on.endpoint.Name())
				mu.Unlock()
			}
		})
	}
	var err error
	for _, j := range jobs {
		select {
		case queue <- j:
			continue
		case <-ctx.Done():
			err = ctx.Err()
		}
		break
	}
	close(queue)
	all.Wait()
	return err
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
