package loadprofiles

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/snapcert/snapcert/reports"
)

// The files of a load run's folder. ResultsFile is written while the run goes on, the others at its end.
const (
	LoadFile    = "load.json"
	ResultsFile = "results.bin" // vegeta's own format: vegeta report results.bin
)

type file struct {
	name   string
	render func(io.Writer, *reports.Load) error
}

// files are the forms that a load report is written in.
func files() []file {
	return []file{
		{LoadFile, reports.WriteLoadJSON},
		{"load.csv", reports.WriteLoadCSV},
		{"load.hlog", WriteHLog},
		{"load.openmetrics.txt", reports.WriteLoadMetrics},
		{"summary.md", reports.WriteLoadSummary},
		{"load-junit.xml", reports.WriteLoadJUnit},
		{"load.html", reports.WriteLoadHTML},
	}
}

// WriteFiles writes a load report in every form into a folder.
func WriteFiles(dir string, l *reports.Load) error {
	for _, f := range files() {
		var b bytes.Buffer
		if err := f.render(&b, l); err != nil {
			return err
		}
		temporary := filepath.Join(dir, "."+f.name)
		if err := os.WriteFile(temporary, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
		if err := os.Rename(temporary, filepath.Join(dir, f.name)); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	return nil
}

// ClearFiles takes an earlier run's files out of a folder, so that none of them is taken for this one's.
func ClearFiles(dir string) error {
	for _, f := range append(files(), file{name: ResultsFile}) {
		if err := os.Remove(filepath.Join(dir, f.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("clear report folder: %w", err)
		}
	}
	return nil
}
