package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/loadprofiles"
	"github.com/snapcert/snapcert/reports"
)

func (a *app) schema() *cobra.Command {
	all := schemas()
	names := slices.Sorted(maps.Keys(all))
	return &cobra.Command{
		Use:       "schema NAME",
		Short:     "Print the JSON Schema of a file format: " + strings.Join(names, ", "),
		Long:      "Print the JSON Schema of a file format, for editors that complete and check files by one: " + strings.Join(names, ", ") + ".",
		Example:   "  snapcert schema target > target.schema.json",
		GroupID:   "look",
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || all[args[0]] == nil {
				return usage("schema takes one name: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := all[args[0]]()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s\n", strings.TrimRight(string(text), "\n"))
			return err
		},
	}
}

// schemas finds the schema of every file format the tool reads or writes.
func schemas() map[string]func() ([]byte, error) {
	return map[string]func() ([]byte, error){
		"contract": func() ([]byte, error) { return contract.Schema("contract") },
		"provider": func() ([]byte, error) { return contract.Schema("provider") },
		"target":   func() ([]byte, error) { return fixtures.TargetSchema(), nil },
		"form":     func() ([]byte, error) { return fixtures.FormSchema(), nil },
		"report":   func() ([]byte, error) { return reports.JSONSchema(), nil },
		"profile":  func() ([]byte, error) { return loadprofiles.Schema(), nil },
	}
}
