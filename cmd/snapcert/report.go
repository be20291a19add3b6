package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

func (a *app) report() *cobra.Command {
	command := &cobra.Command{
		Use:     "report",
		Short:   "Work with the reports and evidence of a run",
		GroupID: "look",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("report has no command %q; there is rejudge", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.AddCommand(a.rejudge())
	return command
}

// rejudgeFlags is how to judge again.
type rejudgeFlags struct {
	providers, target, out string
	strict, exitZero       bool
}

func (a *app) rejudge() *cobra.Command {
	var f rejudgeFlags
	command := &cobra.Command{
		Use:   "rejudge DIR",
		Short: "Judge the evidence of a run again, without sending anything",
		Args:  cobra.ExactArgs(1),
		Long: `Judge the journal in a report folder again with the contracts as they are now, and write the reports anew. Nothing is
sent. The journal of a run that was killed is judged as far as it goes.`,
		Example: "  snapcert report rejudge snapcert-report\n  snapcert report rejudge snapcert-report --strict --out stricter",
		RunE:    func(_ *cobra.Command, args []string) error { return a.runRejudge(&f, args[0]) },
	}
	flags := command.Flags()
	flags.StringVar(&f.providers, "providers", "", "folder with provider folders of your own, instead of the built-in ones")
	flags.StringVar(&f.target, "target", "", "target file whose waivers and paths count")
	flags.StringVarP(&f.out, "out", "o", "", "folder to write the reports to (default: DIR itself)")
	flags.BoolVar(&f.strict, "strict", false, "rules that are inferred or shown by a sample only fail too")
	flags.BoolVar(&f.exitZero, "exit-zero", false, "end with 0 whatever the verdict")
	return command
}

func (a *app) runRejudge(f *rejudgeFlags, dir string) error {
	evidence, err := readEvidence(dir)
	if err != nil {
		return withCode(exitUsage, err)
	}
	providers, err := a.providers(f.providers)
	if err != nil {
		return err
	}
	options := suites.Options{Strict: f.strict, Tool: tool(), Command: "snapcert certify"}
	if err := a.aim(f, &options, evidence, providers); err != nil {
		return withCode(exitUsage, err)
	}
	options.Providers = tested(evidence, providers)
	a.warnOfChange(evidence, options.Providers)
	report, err := suites.Rejudge(evidence, options)
	if err != nil {
		return withCode(exitUsage, err)
	}
	out := f.out
	if out == "" {
		out = dir
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return withCode(exitUsage, fmt.Errorf("make report folder: %w", err))
	}
	if err := writeReports(out, report); err != nil {
		return err
	}
	if err := a.show(report); err != nil {
		return fmt.Errorf("show result: %w", err)
	}
	a.note("reports in %s", out)
	if f.exitZero {
		return nil
	}
	return quietly(reports.ExitCode(report))
}

// aim takes the waivers and paths of a target file, and names the target as the run did.
func (a *app) aim(f *rejudgeFlags, o *suites.Options, e *suites.Evidence, providers []*contract.Provider) error {
	var names, bases []string
	for _, t := range e.Targets {
		names, bases = append(names, t.Name), append(bases, t.BaseURL)
		o.Target.Provider = append(o.Target.Provider, t.Provider)
	}
	o.Target.Name, o.Target.BaseURL = strings.Join(unique(names), ", "), strings.Join(unique(bases), ", ")
	if f.target == "" {
		return nil
	}
	target, err := fixtures.OpenTarget(f.target, a.env)
	if err != nil {
		return err
	}
	provider, err := fixtures.Provider(providers, target.Provider)
	if err != nil {
		return err
	}
	o.Waivers = target.Waivers
	o.Command += " --target " + plainOrQuoted(f.target)
	return target.Apply(provider)
}

func unique(texts []string) []string {
	var kept []string
	for _, t := range texts {
		if len(kept) == 0 || kept[len(kept)-1] != t {
			kept = append(kept, t)
		}
	}
	return kept
}

// tested are the providers that the evidence is about, and the standard.
func tested(e *suites.Evidence, all []*contract.Provider) []*contract.Provider {
	was := map[string]bool{}
	for _, c := range e.Contracts {
		was[c.Provider] = true
	}
	var kept []*contract.Provider
	for _, p := range all {
		if p.Reference || was[p.Provider] {
			kept = append(kept, p)
		}
	}
	return kept
}

// warnOfChange says when the contracts are not those the evidence was collected with: verdicts may differ for it.
func (a *app) warnOfChange(e *suites.Evidence, providers []*contract.Provider) {
	for _, c := range e.Contracts {
		if p, err := fixtures.Provider(providers, c.Provider); err == nil && p.Digest != c.Digest {
			a.note("note: the contracts of %s have changed since the evidence was collected", c.Provider)
		}
	}
}

// readEvidence reads the journal of a report folder.
func readEvidence(dir string) (*suites.Evidence, error) {
	f, err := os.Open(filepath.Join(dir, journalFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no %s: is it the --out folder of a run?", dir, journalFile)
	}
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	evidence, err := suites.ReadJournal(io.Reader(f))
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return evidence, nil
}
