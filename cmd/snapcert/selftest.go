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
		Args:    noArgument("; an endpoint is named with --endpoint ARG, a rule with --rule ARG"),
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
			return a.runSelftest(c.Context(), &f)
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
