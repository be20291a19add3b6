package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/snapcert/snapcert/reports"
)

// The files of a report folder that commands read back.
const (
	journalFile = "journal.jsonl"
	reportFile  = "report.json"
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
	old := []string{reports.AttestationFile}
	for _, p := range reports.Papers() {
		old = append(old, p.Name)
	}
	for _, name := range old {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("clear report folder: %w", err)
		}
	}
	journal, err := os.Create(filepath.Join(dir, journalFile))
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &folder{dir: dir, journal: journal}, nil
}

// close ends the journal; a second time does nothing.
func (f *folder) close() error {
	if err := f.journal.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// copyJournal puts the evidence of one folder into another; into itself there is nothing to do.
func copyJournal(from, to string) error {
	source, err := os.Stat(filepath.Join(from, journalFile))
	if err != nil {
		return fmt.Errorf("copy journal: %w", err)
	}
	target := filepath.Join(to, journalFile)
	if there, err := os.Stat(target); err == nil && os.SameFile(source, there) {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(from, journalFile))
	if err != nil {
		return fmt.Errorf("copy journal: %w", err)
	}
	if err := os.WriteFile(target, data, 0o644); err != nil {
		return fmt.Errorf("copy journal: %w", err)
	}
	return nil
}
