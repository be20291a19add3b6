package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/snapcert/snapcert/reports"
)

// The files of a report folder.
const (
	journalFile = "journal.jsonl"
	reportFile  = "report.json"
	junitFile   = "junit.xml"
	summaryFile = "summary.md"
)

// folder is where reports and evidence go. The journal is open from the start, so that a run that is killed leaves what
// it saw; reports of an earlier run are taken away, so that none is taken for this one's.
type folder struct {
	dir     string
	journal *os.File
}

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make report folder: %w", err)
	}
	for _, old := range []string{reportFile, junitFile, summaryFile} {
		if err := os.Remove(filepath.Join(dir, old)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("clear report folder: %w", err)
		}
	}
	journal, err := os.Create(filepath.Join(dir, journalFile))
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &folder{dir: dir, journal: journal}, nil
}

// write renders the report in every form.
func (f *folder) write(report *reports.Report) error {
	return writeReports(f.dir, report)
}

func writeReports(dir string, report *reports.Report) error {
	for _, one := range []struct {
		name   string
		render func(io.Writer, *reports.Report) error
	}{{reportFile, reports.WriteJSON}, {junitFile, reports.WriteJUnit}, {summaryFile, reports.WriteSummary}} {
		if err := writeFile(filepath.Join(dir, one.name), report, one.render); err != nil {
			return fmt.Errorf("write %s: %w", one.name, err)
		}
	}
	return nil
}

// writeFile writes beside and renames, so that nobody reads half a report.
func writeFile(path string, report *reports.Report, render func(io.Writer, *reports.Report) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".snapcert-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // gone already when all went well
	if err := render(temporary, report); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := errors.Join(temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

func (f *folder) close() {
	_ = f.journal.Close() // a failed write has been told by the journal's writer
}
