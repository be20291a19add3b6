package loadprofiles

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// WriteHLog writes every distribution as an interval of a HdrHistogram log, tagged stage/distribution. Values are
// nanoseconds, the maximum column milliseconds, as that format has it.
func WriteHLog(w io.Writer, l *reports.Load) error {
	log := hdr.NewHistogramLogWriter(w)
	err := errors.Join(log.OutputLogFormatVersion(), log.OutputComment(" values are nanoseconds"),
		log.OutputStartTime(l.Run.Started.UnixMilli()), log.OutputLegend())
	for _, s := range l.Stages {
		for _, d := range s.Distributions {
			if d.HDR == "" {
				continue
			}
			h, decodeErr := hdr.Decode([]byte(d.HDR))
			if decodeErr != nil {
				return fmt.Errorf("writing load.hlog: %w", decodeErr)
			}
			h.SetTag(s.Name + "/" + strings.ReplaceAll(d.Name, " ", "-"))
			h.SetStartTimeMs(s.Started.UnixMilli())
			h.SetEndTimeMs(s.Started.Add(s.Duration).UnixMilli())
			err = errors.Join(err, log.OutputIntervalHistogram(h))
		}
	}
	if err != nil {
		return fmt.Errorf("writing load.hlog: %w", err)
	}
	return nil
}

// The files of a load run's folder. ResultsFile is written while the run goes on, the others at its end.
const (
	LoadFile    = "load.json"
	ResultsFile = "results.bin" // vegeta's own format: vegeta report results.bin
)

// WriteFiles writes a load report in every form into a folder.
func WriteFiles(dir string, l *reports.Load) error {
	for _, f := range []struct {
		name   string
		render func(io.Writer, *reports.Load) error
	}{
		{LoadFile, reports.WriteLoadJSON},
		{"load.csv", reports.WriteLoadCSV},
		{"load.hlog", WriteHLog},
		{"load.openmetrics.txt", reports.WriteLoadMetrics},
		{"summary.md", reports.WriteLoadSummary},
		{"load-junit.xml", reports.WriteLoadJUnit},
		{"load.html", reports.WriteLoadHTML},
	} {
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
