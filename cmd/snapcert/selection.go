package main

import (
	"errors"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/suites"
)

// selectionFlags are the flags that say which rules take part.
func selectionFlags(command *cobra.Command, s *suites.Selection, dir *string) {
	flags := command.Flags()
	flags.StringSliceVar(&s.Endpoints, "endpoint", nil, "only this endpoint, as provider.endpoint, or all of a provider's; repeatable")
	flags.StringArrayVar(&s.Rules, "rule", nil, "only this rule, by id or number; repeatable")
	flags.StringVar(&s.LabelFilter, "label-filter", "", "only rules whose labels fit, as in 'service:06 && !kind:max'")
	flags.StringVar(dir, "providers", "", "folder with provider folders of your own, instead of the built-in ones")
}

// planError tells an empty selection, which must not look like a pass, from one that names what is not there.
func planError(err error) error {
	if errors.Is(err, suites.ErrNothingSelected) {
		return withCode(exitIncomplete, err)
	}
	return withCode(exitUsage, errors.New(escapes().ReplaceAllString(err.Error(), "")))
}

// escapes matches colours: Ginkgo paints its words on label filters whoever reads them.
func escapes() *regexp.Regexp { return regexp.MustCompile("\x1b\\[[0-9;]*m") }
