package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/reports"
)

// release is set by the linker in release builds.
var release string

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", GroupID: "look", Args: noArgument(""),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, versionLine())
			return err
		},
	}
}

func versionLine() string {
	t := tool()
	return fmt.Sprintf("%s %s (%s, %s/%s)", t.Name, t.Version, t.Go, runtime.GOOS, runtime.GOARCH)
}

// tool is this program, as reports name it.
func tool() reports.Tool {
	t := reports.Tool{Name: "snapcert", Version: release, Go: runtime.Version()}
	if t.Version != "" {
		return t
	}
	t.Version = "devel"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return t
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		t.Version = v
		return t
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			t.Version = "devel-" + s.Value[:12]
		}
	}
	return t
}
