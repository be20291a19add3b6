package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/loadprofiles"
)

// app is what every command works with. Everything from outside the process comes through it.
type app struct {
	in      io.Reader
	out     io.Writer // the result
	err     io.Writer // progress and messages
	env     func(string) (string, bool)
	clock   snap.Clock
	signals func() *interrupts
	dial    loadprofiles.Dial // to targets under load; nil for the network's own

	begun   bool // a command has begun its work: what goes wrong from here on is no usage error
	quiet   bool
	verbose bool
	color   string
}

// run is the whole program: it can be called more than once in a process.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	a := &app{in: in, out: out, err: errs, env: os.LookupEnv, clock: snap.SystemClock(), signals: newInterrupts}
	return a.run(args)
}

func (a *app) run(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			a.say("snapcert: a fault of its own: %v", p)
			if a.verbose {
				a.say("%s", debug.Stack())
			} else {
				a.say("run it again with --verbose for where, and please report it")
			}
			code = exitBug
		}
	}()
	root := a.root()
	root.SetArgs(longFlags(root, args))
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	var coded *exitError
	if !errors.As(err, &coded) || !coded.said {
		a.say("snapcert: %s", strings.TrimSpace(err.Error()))
	}
	if !a.begun && coded == nil {
		return exitUsage
	}
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "snapcert",
		Short:         "Certify endpoints of Indonesia's SNAP open-API standard",
		Version:       versionLine(),
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			switch a.color {
			case "auto", "always", "never":
			default:
				return usage("--color takes auto, always or never, not %q", a.color)
			}
			a.begun = true
			return nil
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no messages, only the result")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "say more on standard error")
	flags.StringVar(&a.color, "color", "auto", "colour the result: auto, always or never")
	root.AddGroup(
		&cobra.Group{ID: "run", Title: "Run:"},
		&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "prepare", Title: "Prepare:"},
	)
	root.AddCommand(
		a.certify(), a.load(), a.sandbox(), a.selftest(),
		a.rules(), a.report(), a.schema(), a.version(),
		a.init(), a.sign(),
	)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%w; %s --help lists the flags", err, c.CommandPath())
	})
	root.SetHelpCommandGroupID("look")
	root.SetCompletionCommandGroupID("prepare")
	return root
}

// noArgument refuses what stands beside the flags. The hint says which flag the argument may have been meant for.
func noArgument(hint string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usage("%s takes no argument, and got %q%s", c.Name(), args[0], strings.ReplaceAll(hint, "ARG", args[0]))
	}
}

// say writes one message line for people.
func (a *app) say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.err, format+"\n", args...) // nobody is left to tell when standard error is gone
}

// note is a message that --quiet leaves out.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		a.say(format, args...)
	}
}

// providers are the built-in ones, or those of a folder of the user's own.
func (a *app) providers(dir string) ([]*contract.Provider, error) {
	if dir == "" {
		return fixtures.Builtin()
	}
	providers, err := fixtures.Open(dir)
	return providers, withCode(exitUsage, err)
}

// interrupts delivers Ctrl-C and the polite kill.
type interrupts struct {
	ch   chan os.Signal
	stop func()
}

func newInterrupts() *interrupts {
	i := &interrupts{ch: make(chan os.Signal, 4)}
	i.stop = func() { signal.Stop(i.ch) }
	signal.Notify(i.ch, os.Interrupt, syscall.SIGTERM)
	return i
}
