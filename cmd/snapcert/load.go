package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/loadprofiles"
	"github.com/snapcert/snapcert/reports"
)

// loadFlags is how hard to push, at what, and where the result goes.
type loadFlags struct {
	profile             string
	target, providers   string
	endpoints           []string
	rate, maxRate       string
	duration            time.Duration
	maxRequests         uint64
	allowed             []string
	production          []string
	repeat              int
	shardIndex, shards  int
	start               string
	out                 string
	seed                int64
	fast, noProgress    bool
	noResults, exitZero bool
	sandboxLatency      time.Duration
	asked, most         float64 // the rates, read
}

func (a *app) load() *cobra.Command {
	var f loadFlags
	command := &cobra.Command{
		Use:     "load [PROFILE]",
		Short:   "Measure signing and the request path under load",
		GroupID: "run",
		Args:    cobra.MaximumNArgs(1),
		Long: `Send a load profile, a built-in one (` + strings.Join(loadprofiles.Names(), ", ") + `) or a YAML file of your own; smoke
when none is named. Stages are signing (in process), loopback (the embedded sandbox, over a socket) and wire (the target;
the embedded sandbox again when no --target is given). The result goes to standard output; reports go to the --out folder.

A target that is not on this machine needs its host named by --allow-host, and ceilings by --max-rate and --max-requests. A
host that the provider publishes as production needs --i-know-this-is-production as well. Ctrl-C once stops sending, waits
for what is under way, and reports.

Exit codes: 0 thresholds kept; 99 a threshold was crossed; 4 the generator was the limit, or the run is incomplete;
2 usage or configuration; 3 could not be reached; 105 interrupted.`,
		Example: `  snapcert load
  snapcert load steady --target t.yaml --endpoint paydia.account-creation -rate=50/1s -duration=5m \
      --allow-host api.sandbox.example --max-rate 60 --max-requests 20000
  snapcert load breakpoint --target local.yaml
  snapcert load steady --target local.yaml --shard-index 0 --shard-count 4 --start 2027-01-31T10:00:00Z`,
		RunE: func(c *cobra.Command, args []string) error {
			f.profile = "smoke"
			if len(args) > 0 {
				f.profile = args[0]
			}
			return a.runLoad(c.Context(), &f)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.target, "target", "", "target file; without one the embedded sandbox is measured")
	flags.StringVar(&f.providers, "providers", "", "folder with provider folders of your own, instead of the built-in ones")
	flags.StringSliceVar(&f.endpoints, "endpoint", nil, "only this endpoint, as provider.endpoint; repeatable")
	flags.StringVarP(&f.rate, "rate", "r", "", "peak rate instead of the profile's, as 50 or 50/1s; its shape stays")
	flags.DurationVarP(&f.duration, "duration", "d", 0, "length of the measured part instead of the profile's; its shape stays")
	flags.StringSliceVar(&f.allowed, "allow-host", nil, "host that may be put under load; repeatable")
	flags.StringVar(&f.maxRate, "max-rate", "", "never more than so many requests a second, beyond one second's worth when catching up")
	flags.Uint64Var(&f.maxRequests, "max-requests", 0, "never more than so many requests to the target, warm-up and repeats included")
	flags.StringSliceVar(&f.production, "i-know-this-is-production", nil, "production host that may be put under load all the same")
	flags.IntVar(&f.repeat, "repeat", 1, "do the same so many times, for snapcert report compare")
	flags.IntVar(&f.shardIndex, "shard-index", 0, "which of several generators this is, from 0")
	flags.IntVar(&f.shards, "shard-count", 1, "how many generators there are; see snapcert report merge")
	flags.StringVar(&f.start, "start", "", "when all shards begin, as 2027-01-31T10:00:00Z")
	flags.StringVarP(&f.out, "out", "o", "snapcert-load", "folder for the reports")
	flags.Int64Var(&f.seed, "seed", 1, "of random arrivals, the mix and the samples")
	flags.BoolVar(&f.fast, "fast", false, "send with a client that takes half to two thirds of the processor time of Go's own; it knows no proxy and no Windows")
	flags.BoolVar(&f.noResults, "no-results", false, "do not write results.bin, which holds every single request")
	flags.BoolVar(&f.noProgress, "no-progress", false, "show no progress")
	flags.BoolVar(&f.exitZero, "exit-zero", false, "end with 0 whatever the verdict")
	flags.DurationVar(&f.sandboxLatency, "latency", 0, "slow every answer of the embedded sandbox down by this")
	return command
}

func (f *loadFlags) check() (start time.Time, err error) {
	switch {
	case f.repeat < 1 || f.repeat > 1000:
		return start, usage("--repeat takes 1 to 1000")
	case f.shards < 1 || f.shards > 10_000 || f.shardIndex < 0 || f.shardIndex >= f.shards:
		return start, usage("--shard-index runs from 0 to one less than --shard-count")
	case f.shards > 1 && f.start == "":
		return start, usage("shards need one --start for all of them, as %s", time.Now().UTC().Add(2*time.Minute).Truncate(time.Minute).Format(time.RFC3339))
	case f.shards > 1 && f.repeat > 1:
		return start, usage("--repeat is for one generator; start the shards again with another --start and --out")
	case f.duration < 0 || f.sandboxLatency < 0:
		return start, usage("a time span cannot be negative")
	case f.out == "":
		return start, usage("--out needs the name of a folder")
	}
	if f.asked, err = perSecond(f.rate); err != nil {
		return start, err
	}
	if f.most, err = perSecond(f.maxRate); err != nil {
		return start, usage("--max-rate takes a number of requests a second, as 50 or 50/1s, not %q", f.maxRate)
	}
	if f.start != "" {
		if start, err = time.Parse(time.RFC3339, f.start); err != nil {
			return start, usage("--start takes a time with its offset, as 2027-01-31T10:00:00Z, not %q", f.start)
		}
		if late := time.Since(start); late > time.Second {
			return start, usage("--start was %s ago: all shards begin together or not at all", late.Round(time.Second))
		}
	}
	return start, nil
}

func (a *app) runLoad(ctx context.Context, f *loadFlags) error {
	start, err := f.check()
	if err != nil {
		return err
	}
	profile, err := f.read()
	if err != nil {
		return withCode(exitUsage, err)
	}
	site, err := a.openLoadSite(ctx, f, &profile)
	if err != nil {
		return err
	}
	defer site.close()
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return withCode(exitUsage, fmt.Errorf("make report folder: %w", err))
	}
	ctx, interrupts := a.drainOnInterrupt(ctx)
	defer interrupts.stop()
	options := loadprofiles.Options{
		Sites: site.sites, Seed: f.seed, Judge: site.judge, Target: site.report, Tool: tool(), Command: f.command(),
		MaxTotal: site.most.requests, MaxRate: site.most.rate,
	}
	if f.shards > 1 {
		return a.runShard(ctx, f, profile, options, start)
	}
	options.Shard.Start = start
	if err := f.clearOfOthers(); err != nil {
		return err
	}
	worst := exitOK
	for i := range f.repeat {
		dir := f.out
		if f.repeat > 1 {
			dir = f.repeatDir(i + 1)
			options.Repeat, options.Shard.Start = i+1, time.Time{}
			if i == 0 {
				options.Shard.Start = start
			}
		}
		report, err := a.loadOnce(ctx, f, profile, options, dir)
		if err != nil {
			return loadError(ctx, err)
		}
		if err := reports.LoadScreen(a.out, report, a.colors()); err != nil {
			return fmt.Errorf("show result: %w", err)
		}
		worst = worse(worst, reports.LoadExitCode(report))
		if ctx.Err() != nil {
			break
		}
	}
	a.note("reports in %s", f.out)
	if f.exitZero && worst != exitInterrupted {
		return nil
	}
	return quietly(worst)
}

// worse is the exit code of two runs together.
func worse(a, b int) int {
	for _, code := range []int{reports.ExitInterrupted, reports.ExitLoadInvalid, reports.ExitLoadCrossed} {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}

// loadError tells an interrupt, and what could not be reached, from what was asked wrongly.
func loadError(ctx context.Context, err error) error {
	var coded *exitError
	switch {
	case errors.As(err, &coded):
		return err
	case ctx.Err() != nil:
		return withCode(exitInterrupted, err)
	case errors.Is(err, loadprofiles.ErrUnreachable):
		return withCode(exitUnknown, err)
	}
	return withCode(exitUsage, err)
}

func (a *app) loadOnce(ctx context.Context, f *loadFlags, p loadprofiles.Profile, o loadprofiles.Options, dir string) (report *reports.Load, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make report folder: %w", err)
	}
	if err := loadprofiles.ClearFiles(dir); err != nil {
		return nil, err
	}
	if !f.noResults && p.Breakpoint == nil {
		results, err := os.Create(filepath.Join(dir, loadprofiles.ResultsFile))
		if err != nil {
			return nil, fmt.Errorf("make result file: %w", err)
		}
		defer func() { err = errors.Join(err, results.Close()) }()
		o.Results = results
	}
	view := a.loadView(f.noProgress)
	o.Progress = view.show
	run := loadprofiles.Run
	if p.Breakpoint != nil {
		run = loadprofiles.Search
	}
	report, err = run(ctx, p, o)
	view.stop()
	if err != nil {
		return nil, err
	}
	return report, loadprofiles.WriteFiles(dir, report)
}
