package main

import (
	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/reports"
)

func (a *app) render() *cobra.Command {
	var papers dossierFlags
	var out, providers string
	var unfolded bool
	command := &cobra.Command{
		Use:   "render DIR",
		Short: "Write the reports of a run again, in another language or unfolded for print",
		Args:  cobra.ExactArgs(1),
		Long: `Write all reports of a folder again from its report.json and its journal. The verdicts stay as they are; rejudge makes
them anew. A signature of the old reports is removed: sign again with --attest-key.`,
		Example: "  snapcert report render snapcert-report --lang id --out laporan\n  snapcert report render snapcert-report --unfolded --out print",
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				out = args[0]
			}
			if err := papers.check(out); err != nil {
				return err
			}
			run, _, err := a.openPast(args[0], providers, "")
			if err != nil {
				return err
			}
			if run.report == nil {
				return usage("%s holds no %s to render: the run was killed; report rejudge makes one", args[0], reportFile)
			}
			for _, name := range run.changed() {
				a.note("note: the contracts of %s are not those that the evidence was collected with; its form and commands may differ", name)
			}
			dossier, err := run.dossier(&papers, run.report, providers)
			if err != nil {
				return err
			}
			dossier.HTML = reports.HTMLOptions{Open: unfolded}
			if err := writeAgain(args[0], out, dossier); err != nil {
				return err
			}
			a.note("reports in %s", out)
			return a.attest(&papers, out)
		},
	}
	flags := command.Flags()
	papers.add(flags)
	flags.StringVarP(&out, "out", "o", "", "folder to write to (default: DIR itself)")
	flags.StringVar(&providers, "providers", "", "folder with provider folders of your own, instead of the built-in ones")
	flags.BoolVar(&unfolded, "unfolded", false, "report.html with all evidence unfolded, to be printed")
	return command
}
