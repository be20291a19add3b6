package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// longFlags lets the habits of Go's own flag package work: -rate=500/1s is taken as --rate=500/1s. Without it the
// argument would be read as the short flag -r with the value "ate=500/1s", and nothing would be said. Only names that
// are long flags of the command at hand are touched, and nothing after "--".
func longFlags(root *cobra.Command, args []string) []string {
	command, _, err := root.Find(args)
	if err != nil {
		return args
	}
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		if len(arg) < 3 || arg[0] != '-' || arg[1] == '-' {
			continue
		}
		name, _, _ := strings.Cut(arg[1:], "=")
		if len(name) > 1 && (command.Flags().Lookup(name) != nil || command.InheritedFlags().Lookup(name) != nil) {
			out[i] = "-" + arg
		}
	}
	return out
}
