package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/reports"
)

// compareFlags is how to compare.
type compareFlags struct {
	format          string
	history         []string
	limit, smallest string // of load runs
	exitZero        bool
}

// comparison compares two folders of one kind of run and gives the exit code.
type comparison struct {
	holds func(dir string) bool // whether the folder is of this kind
	run   func(a *app, f *compareFlags, old, latest string) (int, error)
}

// comparisons are the kinds of run that can be compared.
func comparisons() []comparison {
	return []comparison{{holdsReport, (*app).compareCertifications}, {holdsLoad, (*app).compareLoads}}
}

func (a *app) compare() *cobra.Command {
	var f compareFlags
	command := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what changed from one run to a later one",
		Args:  cobra.ExactArgs(2),
		Long: `Say what changed from one run to a later one; OLD and NEW are report folders of one kind.

Of certifications: by rule id, what is newly failing, newly unclear, flaky, newly waived, gone, added, fixed, and what
keeps failing. Earlier runs given with --history, oldest first, show which rules swing.

Of load runs, as load --repeat writes them: whether response times (p50, p99), the share of right answers, the time
of signing in a run of stage signing, or the highest rate of a breakpoint search got worse. Each run counts once, by its
summary, since requests of one run resemble each other; 5 runs of each are needed for a verdict, and 10 are better. What
the generator's own times (schedule delay, signing) changed by is taken off: it is the machine's change and not the
target's. Runs that are invalid or incomplete are left out and named. Runs of profiles or endpoints that differ are not
compared.

Exit codes: 0 nothing got worse; 1 a certification did; 99 a load run did, beyond the limit; 4 too few load runs for a
verdict; 2 a folder cannot be read, or the runs were not asked the same.`,
		Example: `  snapcert report compare yesterday today
  snapcert report compare yesterday today --format markdown >> "$GITHUB_STEP_SUMMARY"
  snapcert load --repeat 10 --out before && snapcert load --repeat 10 --out after
  snapcert report compare before after --limit 10%`,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, kind := range comparisons() {
				if kind.holds(args[0]) && kind.holds(args[1]) {
					code, err := kind.run(a, &f, args[0], args[1])
					if err != nil || f.exitZero {
						return err
					}
					return quietly(code)
				}
			}
			for _, dir := range args {
				if !holdsReport(dir) && !holdsLoad(dir) {
					return usage("%s holds no report to compare", dir)
				}
			}
			return usage("%s and %s are not of one kind", args[0], args[1])
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.format, "format", "text", "text, markdown for a pull request, or json (of load runs)")
	flags.StringArrayVar(&f.history, "history", nil, "folder of a run before OLD; repeatable, oldest first")
	flags.StringVar(&f.limit, "limit", "10%", "change for the worse beyond which load runs have regressed")
	flags.StringVar(&f.smallest, "smallest", "5%", "change of load runs below which it does not matter")
	flags.BoolVar(&f.exitZero, "exit-zero", false, "end with 0 whatever changed")
	return command
}

// holdsReport tells whether a folder holds a certification.
func holdsReport(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, reportFile))
	return err == nil && info.Mode().IsRegular()
}

func (a *app) compareCertifications(f *compareFlags, old, latest string) (int, error) {
	var all []*reports.Report
	for _, dir := range append([]string{old, latest}, f.history...) {
		r, err := readReport(dir)
		if err != nil {
			return 0, withCode(exitUsage, err)
		}
		all = append(all, r)
	}
	c := reports.Compare(all[0], all[1], all[2:]...)
	write := map[string]func(io.Writer) error{"text": c.WriteText, "markdown": c.WriteMarkdown}[f.format]
	if write == nil {
		return 0, usage("--format takes text or markdown, not %q", f.format)
	}
	if err := write(a.out); err != nil {
		return 0, fmt.Errorf("compare: %w", err)
	}
	return c.ExitCode(), nil
}
