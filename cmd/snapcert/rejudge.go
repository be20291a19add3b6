package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// rejudgeFlags is how to judge again.
type rejudgeFlags struct {
	providers, target, out string
	papers                 dossierFlags
	strict, exitZero       bool
}

func (a *app) rejudge() *cobra.Command {
	var f rejudgeFlags
	command := &cobra.Command{
		Use:   "rejudge DIR",
		Short: "Judge the evidence of a run again, without sending anything",
		Args:  cobra.ExactArgs(1),
		Long: `Judge the journal in a report folder again with the contracts as they are now, write the reports anew, and say which
verdicts changed and why. Nothing is sent. Where a contract now asks for another request than the one that was sent, its
rule is left open. The journal of a run that was killed is judged as far as it goes.

The exit code is that of the new verdict, as certify gives it.`,
		Example: `  snapcert report rejudge snapcert-report
  snapcert report rejudge snapcert-report --contracts corrected --out again
  snapcert report rejudge snapcert-report --strict --out stricter`,
		RunE: func(_ *cobra.Command, args []string) error { return a.runRejudge(&f, args[0]) },
	}
	flags := command.Flags()
	flags.StringVar(&f.providers, "contracts", "", "folder with provider folders to judge by, instead of the built-in ones")
	flags.StringVar(&f.providers, "providers", "", "the same, as the other commands call it")
	flags.StringVar(&f.target, "target", "", "target file whose waivers and paths count")
	flags.StringVarP(&f.out, "out", "o", "", "folder to write the reports to (default: DIR itself)")
	f.papers.add(flags)
	flags.BoolVar(&f.strict, "strict", false, "rules that are inferred or shown by a sample only fail too")
	flags.BoolVar(&f.exitZero, "exit-zero", false, "end with 0 whatever the verdict")
	return command
}

func (a *app) runRejudge(f *rejudgeFlags, dir string) error {
	out := f.out
	if out == "" {
		out = dir
	}
	if err := f.papers.check(out); err != nil {
		return err
	}
	run, target, err := a.openPast(dir, f.providers, f.target)
	if err != nil {
		return err
	}
	options := suites.Options{Providers: run.providers, Strict: f.strict, Tool: tool(), Command: run.command(f), Target: run.target()}
	if target != nil {
		options.Waivers = target.Waivers
	}
	for _, name := range run.changed() {
		a.note("note: the contracts of %s are not those that the evidence was collected with", name)
	}
	report, err := suites.Rejudge(run.evidence, options)
	if err != nil {
		return withCode(exitUsage, err)
	}
	run.carry(report, target)
	dossier, err := run.dossier(&f.papers, report, f.providers)
	if err != nil {
		return err
	}
	if err := writeAgain(dir, out, dossier); err != nil {
		return err
	}
	if err := a.show(report); err != nil {
		return fmt.Errorf("show result: %w", err)
	}
	if run.report != nil {
		if err := reports.Rejudged(run.report, report).WriteText(a.out); err != nil {
			return err
		}
	}
	a.note("reports in %s", out)
	if err := a.attest(&f.papers, out); err != nil {
		return err
	}
	if f.exitZero {
		return nil
	}
	return quietly(reports.ExitCode(report))
}

// command is what repeats the run that is judged again.
func (p *past) command(f *rejudgeFlags) string {
	command := "snapcert certify"
	if p.report != nil && p.report.Run.Command != "" {
		command = p.report.Run.Command
	}
	if f.target != "" && !strings.Contains(command, " --target ") {
		command += " --target " + plainOrQuoted(f.target)
	}
	return command
}

// target is what was certified, as the run's own report or else its journal has it.
func (p *past) target() reports.Target {
	if p.report != nil {
		return p.report.Target
	}
	var target reports.Target
	var names, bases []string
	for _, t := range p.evidence.Targets {
		names, bases = append(names, t.Name), append(bases, t.BaseURL)
		target.Provider = append(target.Provider, t.Provider)
	}
	target.Name, target.BaseURL = strings.Join(slices.Compact(names), ", "), strings.Join(slices.Compact(bases), ", ")
	return target
}

// carry takes over what neither evidence nor contracts hold.
func (p *past) carry(report *reports.Report, target *fixtures.Target) {
	if p.report != nil {
		report.Run.Started, report.Run.Ended = p.report.Run.Started, p.report.Run.Ended
		report.Parties, report.Preflight = p.report.Parties, p.report.Preflight
	}
	if target != nil && target.Parties != (fixtures.Parties{}) {
		report.Parties = reports.Parties(target.Parties)
	}
}

// writeAgain writes the papers of a run that another folder holds; the journal goes with them, so that the new folder
// can be judged, rendered and verified by itself.
func writeAgain(dir, out string, d *reports.Dossier) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return withCode(exitUsage, fmt.Errorf("make report folder: %w", err))
	}
	if err := copyJournal(dir, out); err != nil {
		return err
	}
	return reports.WriteDir(out, d)
}
