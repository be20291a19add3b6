package main

import (
	"fmt"
	"io"

	"github.com/snapcert/snapcert/loadprofiles"
)

// holdsLoad tells whether a folder holds a load run, or several equal ones.
func holdsLoad(dir string) bool {
	names, err := loadprofiles.RunFiles(dir)
	return err == nil && len(names) > 0
}

func (a *app) compareLoads(f *compareFlags, old, latest string) (int, error) {
	if len(f.history) > 0 {
		return 0, usage("--history is for certifications; repeats of a load run belong into one folder, as load --repeat writes them")
	}
	o, err := f.sizes()
	if err != nil {
		return 0, withCode(exitUsage, err)
	}
	before, err := loadprofiles.ReadRuns(old)
	if err != nil {
		return 0, withCode(exitUsage, err)
	}
	after, err := loadprofiles.ReadRuns(latest)
	if err != nil {
		return 0, withCode(exitUsage, err)
	}
	c, err := loadprofiles.Compare(before, after, o)
	if err != nil {
		return 0, withCode(exitUsage, err)
	}
	write := map[string]func(io.Writer) error{"text": c.WriteText, "markdown": c.WriteMarkdown, "json": c.WriteJSON}[f.format]
	if write == nil {
		return 0, usage("--format takes text, markdown or json, not %q", f.format)
	}
	if err := write(a.out); err != nil {
		return 0, fmt.Errorf("compare: %w", err)
	}
	return c.ExitCode(), nil
}

// sizes reads what a change has to amount to.
func (f *compareFlags) sizes() (o loadprofiles.CompareOptions, err error) {
	if o.Limit, err = loadprofiles.Percent(f.limit).Share(); err != nil {
		return o, fmt.Errorf("--limit: %w", err)
	}
	if o.Smallest, err = loadprofiles.Percent(f.smallest).Share(); err != nil {
		return o, fmt.Errorf("--smallest: %w", err)
	}
	if o.Limit <= 0 || o.Smallest <= 0 {
		return o, fmt.Errorf("--limit and --smallest want more than 0%%")
	}
	return o, nil
}
