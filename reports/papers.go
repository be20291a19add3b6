package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Paper is one file of the dossier.
type Paper struct {
	Name  string
	Write func(io.Writer, *Dossier) error
}

// Papers are the files that a dossier is written to, but for the journal, which is there already, and the attestation,
// which needs a key. The machine's files come first, so that they are there when a later one cannot be made.
func Papers() []Paper {
	of := func(write func(io.Writer, *Report) error) func(io.Writer, *Dossier) error {
		return func(w io.Writer, d *Dossier) error { return write(w, d.Report) }
	}
	return []Paper{
		{"report.json", of(WriteJSON)},
		{"junit.xml", of(WriteJUnit)},
		{"summary.md", of(WriteSummary)},
		{"ctrf.json", of(WriteCTRF)},
		{"exchanges.har", WriteHAR},
		{"lampiran-7c.csv", WriteFormCSV},
		{"lampiran-7c.xlsx", WriteFormXLSX},
		{"report.html", func(w io.Writer, d *Dossier) error { return WriteHTML(w, d, d.HTML) }},
	}
}

// WriteDir writes all papers into a directory, each beside its name first and renamed when it is whole, so that nobody
// reads half a file. A paper that cannot be made does not keep the others from being written. An attestation of earlier
// papers is removed.
func WriteDir(dir string, d *Dossier) error {
	var errs []error
	if err := os.Remove(filepath.Join(dir, AttestationFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		errs = append(errs, fmt.Errorf("removing the old attestation: %w", err))
	}
	for _, p := range Papers() {
		if err := writeWhole(filepath.Join(dir, p.Name), d, p.Write); err != nil {
			errs = append(errs, fmt.Errorf("writing %s: %w", p.Name, err))
		}
	}
	return errors.Join(errs...)
}

func writeWhole(path string, d *Dossier, write func(io.Writer, *Dossier) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".paper-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	b := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(write(b, d), b.Flush(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
