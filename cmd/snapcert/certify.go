package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// certifyFlags is what to certify, how hard to push, and where the result goes.
type certifyFlags struct {
	selection         suites.Selection
	providers, target string
	out               string
	papers            dossierFlags
	seed              int64
	concurrency       int
	rate              string
	latency, maxWait  time.Duration
	strict            bool
	noProgress        bool
	exitZero          bool
	perSecond         float64
}

// defaultSeed is a fixed one, so that two runs without a flag send the same.
const defaultSeed = 1

func (a *app) certify() *cobra.Command {
	var f certifyFlags
	command := &cobra.Command{
		Use:     "certify",
		Short:   "Check every rule of the selected endpoints, and write the reports",
		GroupID: "run",
		Args:    noArgument("; a target file is named with --target ARG"),
		Long: `Check every rule of the selected endpoints against a target, or against the embedded sandbox when none is given. The
result goes to standard output, reports and evidence to the --out folder: report.html to read and print, lampiran-7c.xlsx
and .csv to file, report.json, junit.xml, ctrf.json and summary.md for machines, exchanges.har and journal.jsonl as the
evidence, which is written while the run is under way. Ctrl-C once ends the run and writes the reports.

With --attest-key all of them are signed, unless a mandatory rule was not judged or did not hold: then the reasons are said.

Exit codes: 0 conformant; 1 a rule is broken; 2 usage or configuration; 3 could not tell; 4 incomplete, or nothing
selected; 70 a fault of our own; 105 interrupted.`,
		Example: `  snapcert certify
  snapcert certify --target target.yaml --strict
  snapcert certify --target target.yaml --attest-key key.pem --lang id
  snapcert certify --endpoint paydia.account-creation --rule P-028
  snapcert certify --label-filter 'kind:length && basis:documented'`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.runCertify(c.Context(), &f)
		},
	}
	flags := command.Flags()
	selectionFlags(command, &f.selection, &f.providers)
	flags.StringVar(&f.target, "target", "", "target file; without one the embedded sandbox is certified")
	flags.StringVarP(&f.out, "out", "o", "snapcert-report", "folder for reports and evidence")
	f.papers.add(flags)
	flags.BoolVar(&f.strict, "strict", false, "rules that are inferred or shown by a sample only fail too")
	flags.IntVar(&f.selection.Copies, "copies", suites.DefaultCopies, "equal requests at once where a race is looked for")
	flags.Int64Var(&f.seed, "seed", defaultSeed, "of the plan: the same seed makes the same requests in the same order")
	flags.IntVarP(&f.concurrency, "concurrency", "c", 0, "requests at once, never more than the target allows (default 32)")
	flags.StringVarP(&f.rate, "rate", "r", "", "requests a second to each provider, as 20 or 500/1s, never more than the target allows")
	flags.DurationVar(&f.latency, "latency", 0, "slow every answer of the embedded sandbox down by this")
	flags.DurationVar(&f.maxWait, "max-wait", 0, "longest time one situation may wait, as for a token to run out (default: the target's)")
	flags.BoolVar(&f.noProgress, "no-progress", false, "show no progress")
	flags.BoolVar(&f.exitZero, "exit-zero", false, "end with 0 whatever the verdict, for jobs that only report")
	return command
}

func (f *certifyFlags) check() error {
	switch {
	case f.target != "" && f.latency != 0:
		return usage("--latency slows the embedded sandbox; it says nothing to a --target")
	case f.latency < 0 || f.maxWait < 0:
		return usage("a time span cannot be negative")
	case f.concurrency < 0 || f.concurrency > 1000:
		return usage("--concurrency takes 1 to 1000")
	case f.selection.Copies < 2 || f.selection.Copies > 100:
		return usage("--copies takes 2 to 100: a race takes two, and more than a hundred at once is an attack")
	case f.out == "":
		return usage("--out needs the name of a folder")
	}
	if err := f.papers.check(f.out); err != nil {
		return err
	}
	var err error
	f.perSecond, err = perSecond(f.rate)
	return err
}

// runCertify prepares, runs, and reports, in that order; what is wrong with flags and files comes out before anything is
// written or sent.
func (a *app) runCertify(ctx context.Context, f *certifyFlags) error {
	ctx, interrupts := a.drainOnInterrupt(ctx)
	defer interrupts.stop()
	providers, err := a.providers(f.providers)
	if err != nil {
		return err
	}
	site, err := a.openSite(ctx, f, providers)
	if err != nil {
		return err
	}
	defer site.close()
	plan, err := suites.NewPlan(site.providers, f.selection, f.seed)
	if err != nil {
		return planError(err)
	}
	folder, err := openFolder(f.out)
	if err != nil {
		return withCode(exitUsage, err)
	}
	defer func() { _ = folder.close() }() // closed already when all went well

	show := a.progress(f.noProgress)
	began := a.clock.Now()
	var evidence *suites.Evidence
	report, err := suites.Run(ctx, suites.Options{
		Providers: site.providers, Targets: site.targets, Selection: f.selection, Seed: f.seed,
		Concurrency: f.concurrency, Rate: f.perSecond, Transport: site.transport, Clock: site.clock,
		Strict: f.strict, Tool: tool(), Target: site.report, Command: f.command(), Journal: folder.journal,
		Progress: meter(show, plan), Preflight: site.preflight(plan), KeepSignals: true,
		Collected: func(e *suites.Evidence) { evidence = e },
	})
	show.stop()
	if report != nil && !site.real { // the embedded sandbox's clock leaps over waits, and the run did not take so long
		report.Run.Started, report.Run.Ended = began, a.clock.Now()
	}
	if report == nil {
		return a.blame(fmt.Errorf("certify: %w", err))
	}
	if stopped(ctx) && errors.Is(err, suites.ErrPreflight) { // what failed was our stopping it
		report.Interrupt("the run was stopped during preflight")
		err = nil
	}
	report.Parties = site.parties
	return a.finish(ctx, f, folder, f.papers.dossier(report, plan, evidence, f.providers), err)
}

// finish writes everything down, shows the result, and says how it ended.
func (a *app) finish(ctx context.Context, f *certifyFlags, folder *folder, dossier *reports.Dossier, failure error) error {
	report := dossier.Report
	err := errors.Join(reports.WriteDir(folder.dir, dossier), folder.close())
	if err == nil && stopped(ctx) && report.Run.Interrupted == "" { // while they were written: nobody waited for the end
		report.Interrupt("the run was stopped while its reports were written")
		err = reports.WriteDir(folder.dir, dossier)
	}
	if err != nil {
		return errors.Join(err, failure)
	}
	if errors.Is(failure, suites.ErrPreflight) {
		for _, c := range report.Preflight {
			if c.Verdict != reports.Pass && c.Verdict != reports.Skip {
				a.say("preflight %s: %s: %s", c.Verdict, c.Name, c.Text)
				if c.Hint != "" {
					a.say("  %s", c.Hint)
				}
			}
		}
		return withCode(exitUnknown, failure)
	}
	if failure != nil {
		return a.blame(withCode(exitUnknown, failure))
	}
	if err := a.show(report); err != nil {
		return fmt.Errorf("show result: %w", err)
	}
	a.note("reports in %s", folder.dir)
	if err := a.attest(&f.papers, folder.dir); err != nil {
		return err
	}
	code := reports.ExitCode(report)
	if f.exitZero && code != exitInterrupted {
		return nil
	}
	return quietly(code)
}

// blame makes a fault of our own end with the code that says so. Where it happened is for who asked to hear more.
func (a *app) blame(err error) error {
	if !errors.Is(err, suites.ErrFault) {
		return err
	}
	if text, _, _ := strings.Cut(err.Error(), "\n"); !a.verbose {
		err = errors.New(text + "; run it again with --verbose for where, and please report it")
	}
	return withCode(exitBug, err)
}

// clockOf is the time that everything of a run goes by.
func (a *app) clockOf(embedded bool) snap.Clock {
	if embedded {
		return &leapClock{Clock: a.clock}
	}
	return a.clock
}

// show prints a report for people.
func (a *app) show(report *reports.Report) error {
	return reports.Console{Width: a.width(), Color: a.colors(), Verbose: a.verbose}.Write(a.out, report)
}
