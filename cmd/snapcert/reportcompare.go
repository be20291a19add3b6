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
	format  string
	history []string
}

// comparison compares two folders of one kind of run and gives the exit code.
type comparison struct {
	file string // that a folder of this kind holds
	run  func(a *app, f *compareFlags, old, latest string) (int, error)
}

// comparisons are the kinds of run that can be compared.
func comparisons() []comparison {
	return []comparison{{reportFile, (*app).compareCertifications}}
}

func (a *app) compare() *cobra.Command {
	var f compareFlags
	command := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Say what changed from one run to a later one",
		Args:  cobra.ExactArgs(2),
		Long: `Say by rule id what changed from one run to a later one: newly failing, newly unclear, flaky, newly waived, gone, added,
fixed, and what keeps failing. OLD and NEW are report folders. Earlier runs given with --history, oldest first, show
which rules swing.

Exit codes: 0 nothing got worse; 1 something did; 2 a folder cannot be read.`,
		Example: `  snapcert report compare yesterday today
  snapcert report compare yesterday today --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, kind := range comparisons() {
				if holds(args[0], kind.file) && holds(args[1], kind.file) {
					code, err := kind.run(a, &f, args[0], args[1])
					if err != nil {
						return err
					}
					return quietly(code)
				}
			}
			for _, dir := range args {
				if !holds(dir, reportFile) {
					return usage("%s holds no report to compare", dir)
				}
			}
			return usage("%s and %s are not of one kind", args[0], args[1])
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.format, "format", "text", "text, or markdown for a pull request")
	flags.StringArrayVar(&f.history, "history", nil, "folder of a run before OLD; repeatable, oldest first")
	return command
}

func holds(dir, file string) bool {
	info, err := os.Stat(filepath.Join(dir, file))
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
