package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// sandboxFlags is how the stand-in provider is to behave.
type sandboxFlags struct {
	addr, providers, fault, style, writeTarget string
	broken                                     []string
	latency, jitter                            time.Duration
	seed                                       int64
}

func (a *app) sandbox() *cobra.Command {
	var f sandboxFlags
	command := &cobra.Command{
		Use:     "sandbox",
		Short:   "Serve a stand-in provider that obeys the contracts, or breaks one on purpose",
		GroupID: "run",
		Args:    noArgument(""),
		Long: `Serve all endpoints and token calls of the contracts, with real signatures, tokens and prepared accounts, until
interrupted. It prints how to call it. Its credentials are made up at every start; --write-target writes them into target
files, so that another terminal can run: snapcert certify --target DIR/paydia.yaml

--break RULE[=MODE] breaks one rule on purpose. Modes depend on the rule; an unknown one lists them.
Whole-provider faults (--fault):
` + noted(sandbox.Faults()) + `
Tastes where contracts leave room (--style):
` + noted(sandbox.Styles()),
		Example: `  snapcert sandbox
  snapcert sandbox --addr 127.0.0.1:9000 --write-target .
  snapcert sandbox --break P-028
  snapcert sandbox --fault always-429`,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c.Context(), &f) },
	}
	flags := command.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	flags.StringVar(&f.providers, "providers", "", "folder with provider folders of your own")
	flags.DurationVar(&f.latency, "latency", 0, "wait this long before every answer")
	flags.DurationVar(&f.jitter, "jitter", 0, "and up to this much longer")
	flags.StringArrayVar(&f.broken, "break", nil, "rule to break, as RULE or RULE=MODE; repeatable")
	flags.StringVar(&f.fault, "fault", "", "misbehave as a whole")
	flags.StringVar(&f.style, "style", "", "a taste where contracts leave room")
	flags.StringVar(&f.writeTarget, "write-target", "", "folder to write a target file a provider into, with secret and key beside it")
	flags.Int64Var(&f.seed, "seed", 0, "make the same credentials again; 0 makes new ones")
	return command
}

func (a *app) serve(ctx context.Context, f *sandboxFlags) error {
	providers, err := a.providers(f.providers)
	if err != nil {
		return err
	}
	s, err := a.newSandbox(f, providers)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return usage("--addr %s is in use by another program; port 0 takes a free one", f.addr)
	}
	if err != nil {
		return usage("--addr %s: %w", f.addr, err)
	}
	base := "http://" + listener.Addr().String()
	signals := a.signals()
	defer signals.stop()
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	if err := a.explainSandbox(f, providers, s, base); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-signals.ch:
	}
	a.note("finishing what is under way; once more to quit at once")
	drain, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	go func() {
		select {
		case <-signals.ch:
			cancel()
		case <-drain.Done():
		}
	}()
	if err := server.Shutdown(drain); err != nil {
		return server.Close()
	}
	return nil
}

func noted(notes []sandbox.Note) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "  %-20s %s\n", n.Name, n.Text)
	}
	return b.String()
}
