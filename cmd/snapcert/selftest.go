package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// selftestFlags say what to prove and how to show it.
type selftestFlags struct {
	selection   suites.Selection
	dir, format string
	out         string
	seed        int64
	workers     int
	noProgress  bool
}

func (a *app) selftest() *cobra.Command {
	var f selftestFlags
	command := &cobra.Command{
		Use:     "selftest",
		Short:   "Prove that every check can fail: break each rule in turn, and see which checks notice",
		GroupID: "run",
		Args:    cobra.NoArgs,
		Long: `Prove that every check can fail, and for the right reason. The suites are run against providers that break one rule each,
in every way there is to break it: its own check must see it, and no other check but those that are declared as tied. Then
they are run against providers that misbehave as a whole, where no check of a refusal may pass by accident, and against
conformant providers of other tastes, where nothing may fail. Nothing leaves this process.

Contracts of your own get the same proof with --providers.

Exit codes: 0 every check is proven; 1 some is not; 2 usage or configuration; 4 nothing selected; 70 a fault of our own;
105 interrupted, with a matrix of what was reached.`,
		Example: `  snapcert selftest
  snapcert selftest --endpoint gopay --verbose
  snapcert selftest --rule P-028
  snapcert selftest --format html > matrix.html
  snapcert selftest --providers contracts --out proof`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			if ctx == nil {
				ctx = context.Background()
			}
			return a.runSelftest(ctx, &f)
		},
	}
	flags := command.Flags()
	selectionFlags(command, &f.selection, &f.dir)
	flags.StringVar(&f.format, "format", "table", "table, json or html")
	flags.StringVarP(&f.out, "out", "o", "", "folder for matrix.json, matrix.html and matrix.txt as well")
	flags.Int64Var(&f.seed, "seed", 1, "of plans and sandboxes")
	flags.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "providers at once")
	flags.BoolVar(&f.noProgress, "no-progress", false, "show no progress")
	return command
}

func (a *app) runSelftest(ctx context.Context, f *selftestFlags) error {
	write := a.matrixFormats()[f.format]
	switch {
	case write == nil:
		return usage("--format takes table, json or html, not %q", f.format)
	case f.workers < 1 || f.workers > 256:
		return usage("--workers takes 1 to 256")
	}
	providers, err := a.providers(f.dir)
	if err != nil {
		return err
	}
	chosen, err := chosenRules(providers, f.selection)
	if err != nil {
		return err
	}
	ctx, interrupts := a.drainOnInterrupt(ctx)
	defer interrupts.stop()
	if f.out != "" { // before the work, not after it
		if err := os.MkdirAll(f.out, 0o755); err != nil {
			return withCode(exitUsage, fmt.Errorf("make folder: %w", err))
		}
	}
	show := a.progress(f.noProgress)
	m, err := a.prove(ctx, f, providers, chosen, show)
	show.stop()
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeMatrix(f.out, m); err != nil {
			return err
		}
	}
	if err := write(a.out, m); err != nil {
		return fmt.Errorf("show result: %w", err)
	}
	if f.out != "" {
		a.note("matrix in %s", f.out)
	}
	switch {
	case m.Interrupted != "":
		return quietly(exitInterrupted)
	case !m.Sound:
		return quietly(exitBroken)
	}
	return nil
}

// chosenRules are those to break: all with a number, or those selected.
func chosenRules(providers []*contract.Provider, selection suites.Selection) ([]*contract.Rule, error) {
	if selection.Text() != "" {
		plan, err := suites.NewPlan(providers, selection, 1)
		if err != nil {
			return nil, planError(err)
		}
		rules := plan.Rules
		if len(selection.Rules) == 0 { // an endpoint's rules are its own; the standard's are asked for by name
			rules = slices.DeleteFunc(slices.Clone(rules), func(r *contract.Rule) bool {
				return r.Endpoint.Provider.Reference && !slices.Contains(plan.Endpoints, r.Endpoint)
			})
		}
		return rules, nil
	}
	var rules []*contract.Rule
	for _, p := range providers {
		for _, e := range p.Endpoints {
			for _, r := range e.Rules {
				if r.Ref != "" {
					rules = append(rules, r)
				}
			}
		}
	}
	slices.SortStableFunc(rules, func(x, y *contract.Rule) int { return standing(x) - standing(y) })
	return rules, nil
}

// standing puts the standard's rules after everybody's own.
func standing(r *contract.Rule) int {
	if r.Endpoint.Provider.Reference {
		return 1
	}
	return 0
}

// prove makes the whole matrix.
func (a *app) prove(ctx context.Context, f *selftestFlags, providers []*contract.Provider, chosen []*contract.Rule, show progress) (*reports.Matrix, error) {
	m := &reports.Matrix{
		Schema: reports.MatrixSchema, Tool: tool(), Seed: f.seed, Selection: f.selection.Text(), Workers: f.workers, Started: a.clock.Now(),
	}
	p, err := newProver(providers, f.seed, a.clock)
	if err != nil {
		return nil, err
	}
	for _, provider := range providers {
		for _, e := range provider.Endpoints {
			if e.Token || !needed(e, chosen) {
				continue
			}
			if err := p.addStage(ctx, e); err != nil {
				return nil, err
			}
			if cause := context.Cause(ctx); cause != nil {
				return p.unreached(m, chosen, cause), nil
			}
		}
	}
	for _, s := range p.stages {
		m.Baselines = append(m.Baselines, s.baseline)
	}
	m.Rows = make([]reports.MatrixRow, len(chosen))
	var jobs []job
	if len(f.selection.Rules) == 0 && f.selection.LabelFilter == "" { // about providers, not about single rules
		if jobs, err = p.wholes(m, f.selection, chosen); err != nil {
			return nil, err
		}
	}
	for i, r := range chosen {
		jobs = append(jobs, p.breaks(r, &m.Rows[i])...)
	}
	work(ctx, jobs, f.workers, func(n int, on string) { show.at("proving", n, len(jobs), on) })
	if cause := context.Cause(ctx); cause != nil {
		m.Interrupted = cause.Error()
	}
	for i, r := range chosen {
		p.idle(r, &m.Rows[i])
		p.together(ctx, r, &m.Rows[i])
	}
	m.Modes = modesOf(m)
	m.Took = a.clock.Now().Sub(m.Started)
	m.Sum()
	return m, nil
}

// unreached is the matrix of which an interrupt left not even the runs against unbroken providers.
func (p *prover) unreached(m *reports.Matrix, chosen []*contract.Rule, cause error) *reports.Matrix {
	m.Interrupted = cause.Error()
	p.stages = nil
	m.Rows = make([]reports.MatrixRow, len(chosen))
	for i, r := range chosen {
		p.breaks(r, &m.Rows[i])
	}
	m.Took = p.clock.Now().Sub(m.Started)
	m.Sum()
	return m
}

// modesOf says what the ways of breaking are that a matrix has.
func modesOf(m *reports.Matrix) []reports.MatrixNote {
	used := map[string]bool{}
	for i := range m.Rows {
		for j := range m.Rows[i].Breaks {
			used[m.Rows[i].Breaks[j].Mode] = true
		}
	}
	notes := []reports.MatrixNote{}
	for _, n := range sandbox.Ways() {
		if used[n.Name] {
			notes = append(notes, reports.MatrixNote(n))
		}
	}
	return notes
}

// needed says whether some chosen rule is broken on the endpoint: its own or its token call's, or, of the standard's, any.
func needed(e *contract.Endpoint, chosen []*contract.Rule) bool {
	return slices.ContainsFunc(chosen, func(r *contract.Rule) bool {
		return r.Endpoint.Provider == e.Provider && (r.Endpoint == e || r.Endpoint.Token) || r.Endpoint.Provider.Reference
	})
}

// breaks lays out how a rule is broken, and notes in its row why it is not.
func (p *prover) breaks(r *contract.Rule, row *reports.MatrixRow) []job {
	*row = reports.MatrixRow{ID: r.ID, Ref: r.Ref, Endpoint: r.Endpoint.Name(), Kind: string(r.Kind), Text: r.Sentence()}
	modes := sandbox.Modes(r)
	switch {
	case r.State == contract.NotTestable:
		row.Untouched, row.Excused = "not testable: "+r.Untestable, true
		return nil
	case len(sandbox.Blocking(r)) > 0:
		row.Untouched = "a provider that breaks it refuses every good request; it is run with those that misbehave as a whole"
		row.Excused = true
		return nil
	case len(modes) == 0:
		row.Untouched = "no provider can be made to break it"
		return nil
	}
	on := []*stage{p.stageOf(r)}
	if on[0] == nil {
		row.Breaks = []reports.MatrixBreak{{Mode: modes[0], On: r.Endpoint.Name(), Failure: reports.NotReached}}
		return nil
	}
	if r.Endpoint.Provider.Reference {
		if s := p.silent(r); s != nil {
			on = append(on, s)
		}
	}
	row.Breaks = make([]reports.MatrixBreak, len(on)*len(modes))
	var jobs []job
	for _, s := range on {
		for _, mode := range modes {
			at := &row.Breaks[len(jobs)]
			*at = reports.MatrixBreak{Mode: mode, On: s.endpoint.Name(), Failure: reports.NotReached}
			jobs = append(jobs, job{s.endpoint.Name(), func(ctx context.Context) { *at = p.broken(ctx, s, r, mode) }})
		}
	}
	return jobs
}

// writeMatrix leaves the matrix in a folder, for machines and for people.
func writeMatrix(dir string, m *reports.Matrix) error {
	for name, render := range map[string]func(io.Writer, *reports.Matrix) error{
		"matrix.json": reports.WriteMatrixJSON, "matrix.html": reports.WriteMatrixHTML, "matrix.txt": reports.MatrixConsole{Verbose: true}.Write,
	} {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return withCode(exitUsage, fmt.Errorf("write %s: %w", name, err))
		}
		if err := render(file, m); err != nil {
			_ = file.Close() // what went wrong first counts
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// matrixFormats are the ways in which a matrix is shown.
func (a *app) matrixFormats() map[string]func(io.Writer, *reports.Matrix) error {
	return map[string]func(io.Writer, *reports.Matrix) error{
		"table": func(w io.Writer, m *reports.Matrix) error {
			return reports.MatrixConsole{Width: a.width(), Color: a.colors(), Verbose: a.verbose}.Write(w, m)
		},
		"json": reports.WriteMatrixJSON,
		"html": reports.WriteMatrixHTML,
	}
}
