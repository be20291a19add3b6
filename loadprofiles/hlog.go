package loadprofiles

import (
	"errors"
	"fmt"
	"io"
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
