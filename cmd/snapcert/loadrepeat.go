package main

import (
	"fmt"
	"path/filepath"

	"github.com/snapcert/snapcert/loadprofiles"
)

// repeatDir is where one of several equal runs goes.
func (f *loadFlags) repeatDir(n int) string { return filepath.Join(f.out, fmt.Sprintf("run-%02d", n)) }

// clearOfOthers refuses to put repeats beside runs that they do not replace: a comparison would take them for one set.
func (f *loadFlags) clearOfOthers() error {
	if f.repeat == 1 {
		return nil
	}
	own := map[string]bool{}
	for n := 1; n <= f.repeat; n++ {
		own[f.repeatDir(n)] = true
	}
	names, err := loadprofiles.RunFiles(f.out)
	if err != nil {
		return withCode(exitUsage, err)
	}
	for _, name := range names {
		if !own[filepath.Dir(name)] {
			return usage("%s is there from another run, and would be compared as one of these: take another --out", name)
		}
	}
	return nil
}
