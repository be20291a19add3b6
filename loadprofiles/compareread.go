package loadprofiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/snapcert/snapcert/reports"
)

// RunFiles lists the load reports of a folder: its own, or those of the repeats below it.
func RunFiles(dir string) ([]string, error) {
	own := filepath.Join(dir, LoadFile)
	if _, err := os.Stat(own); err == nil {
		return []string{own}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for load reports: %w", err)
	}
	var names []string
	for _, e := range entries { // in order of their names
		name := filepath.Join(dir, e.Name(), LoadFile)
		if _, err := os.Stat(name); err == nil && e.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// ReadRuns reads the load reports of a folder.
func ReadRuns(dir string) ([]*reports.Load, error) {
	names, err := RunFiles(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no %s, nor do the folders in it", dir, LoadFile)
	}
	var runs []*reports.Load
	var errs []error
	for _, name := range names {
		l, err := readRun(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		runs = append(runs, l)
	}
	return runs, errors.Join(errs...)
}

func readRun(name string) (*reports.Load, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return reports.ReadLoad(f)
}
