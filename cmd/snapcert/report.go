package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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
		Long:    "Work with the reports and evidence of a run. None of these commands sends anything anywhere.",
		GroupID: "look",
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.AddCommand(a.render(), a.compare(), a.verifyReport(), a.rejudge(), a.mergeShards())
	var names []string
	for _, c := range command.Commands() {
		names = append(names, c.Name())
	}
	command.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("report has no command %q; there are %s", args[0], strings.Join(names, ", "))
		}
		return nil
	}
	return command
}

// openIn opens a file that a run has left in its folder.
func openIn(dir, name string) (*os.File, error) {
	f, err := os.Open(filepath.Join(dir, name))
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fmt.Errorf("%s is a file: name the folder that holds it", dir)
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s holds no %s: is it the --out folder of a run?", dir, name)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return f, nil
}

// readReport reads the report of a folder.
func readReport(dir string) (*reports.Report, error) {
	f, err := openIn(dir, reportFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return reports.ReadJSON(f.Name(), f)
}

// readEvidence reads the journal of a report folder.
func readEvidence(dir string) (*suites.Evidence, error) {
	f, err := openIn(dir, journalFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	evidence, err := suites.ReadJournal(f)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return evidence, nil
}

// past is a run as its folder keeps it, with the contracts of today.
type past struct {
	dir       string
	evidence  *suites.Evidence
	report    *reports.Report // as written then; nil when the run was killed before it wrote one
	providers []*contract.Provider
}

// openPast reads a folder's evidence, its report when there is one, and the contracts; a target file's paths are put
// over the contracts.
func (a *app) openPast(dir, providers, targetFile string) (*past, *fixtures.Target, error) {
	evidence, err := readEvidence(dir)
	if err != nil {
		return nil, nil, withCode(exitUsage, err)
	}
	p := &past{dir: dir, evidence: evidence}
	if _, err := os.Stat(filepath.Join(dir, reportFile)); err == nil {
		if p.report, err = readReport(dir); err != nil {
			return nil, nil, withCode(exitUsage, err)
		}
		if p.report.Run.ID != evidence.RunID {
			return nil, nil, usage("%s is of run %s and %s of run %s: they do not belong together", reportFile, p.report.Run.ID, journalFile, evidence.RunID)
		}
	}
	all, err := a.providers(providers)
	if err != nil {
		return nil, nil, err
	}
	var target *fixtures.Target
	if targetFile != "" {
		if target, _, err = a.openTarget(targetFile, all); err != nil {
			return nil, nil, err
		}
	}
	p.providers = tested(evidence, all)
	return p, target, nil
}

// tested are the providers that the evidence is about, and the standard.
func tested(e *suites.Evidence, all []*contract.Provider) []*contract.Provider {
	return slices.DeleteFunc(slices.Clone(all), func(p *contract.Provider) bool {
		return !p.Reference && !slices.ContainsFunc(e.Contracts, func(c reports.Contract) bool { return c.Provider == p.Provider })
	})
}

// changed are the providers whose contracts are not those the evidence was collected with.
func (p *past) changed() []string {
	var names []string
	for _, c := range p.evidence.Contracts {
		now, err := fixtures.Provider(p.providers, c.Provider)
		if err != nil || now.Digest != c.Digest {
			names = append(names, c.Provider)
		}
	}
	return names
}

// dossier gathers what the papers of the run are made from.
func (p *past) dossier(papers *dossierFlags, report *reports.Report, providers string) (*reports.Dossier, error) {
	plan, err := suites.NewPlan(p.providers, p.evidence.Selection, p.evidence.Seed)
	if err != nil {
		return nil, withCode(exitUsage, fmt.Errorf("plan what was run: %w", err))
	}
	return papers.dossier(report, plan, p.evidence.For(plan), providers), nil
}
