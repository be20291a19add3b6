package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/loadprofiles"
	"github.com/snapcert/snapcert/reports"
)

func (a *app) mergeShards() *cobra.Command {
	var out string
	var exitZero bool
	command := &cobra.Command{
		Use:   "merge DIR…",
		Short: "Make one load report of the shards of a run",
		Args:  cobra.MinimumNArgs(1),
		Long: `Put the shards of a load run together, from the folders they were written to, and report as if one generator had sent it
all: histograms are added, and thresholds are evaluated once, over everything. A shard that is missing, there twice, late,
incomplete or of another plan is named, and the run is then invalid.

Exit codes: 0 thresholds kept; 99 a threshold was crossed; 4 the run is invalid or incomplete; 2 there is nothing to merge.`,
		Example: "  snapcert report merge snapcert-load\n  snapcert report merge machine-a machine-b --out whole",
		RunE: func(_ *cobra.Command, args []string) error {
			report, err := loadprofiles.MergeDirs(args)
			if err != nil {
				return withCode(exitUsage, err)
			}
			if out == "" {
				out = args[0]
			}
			if err := os.MkdirAll(out, 0o755); err != nil {
				return withCode(exitUsage, fmt.Errorf("make report folder: %w", err))
			}
			if err := loadprofiles.WriteFiles(out, report); err != nil {
				return err
			}
			if err := reports.LoadScreen(a.out, report, a.colors()); err != nil {
				return fmt.Errorf("show result: %w", err)
			}
			a.note("reports in %s", out)
			if exitZero {
				return nil
			}
			return quietly(reports.LoadExitCode(report))
		},
	}
	command.Flags().StringVarP(&out, "out", "o", "", "folder for the reports (default: the first DIR)")
	command.Flags().BoolVar(&exitZero, "exit-zero", false, "end with 0 whatever the verdict")
	return command
}
