package loadprofiles

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// series is the measured part in intervals of intended send time: a second each, or longer ones so that there are never
// more than maxIntervals. Only the newest few keep an open histogram; older ones are folded up, so that a long run takes
// no more memory than a short one.
type series struct {
	width     time.Duration
	intervals []*interval
	open      []int // indices with open histograms, oldest first
}

type interval struct {
	asked, sent, succeeded, failed uint64
	times                          *hdr.Histogram // nil when folded or empty
	folded                         string
	codes                          map[string]uint64
}

const (
	maxIntervals = 600
	maxOpen      = 24
	maxInterval  = 12 // codes told apart in one interval
)

func newSeries(length time.Duration) *series {
	s := &series{width: time.Second}
	for _, w := range []time.Duration{2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600} {
		if (length+s.width-1)/s.width <= maxIntervals {
			break
		}
		s.width = w * time.Second
	}
	for range (length + s.width - 1) / s.width {
		s.intervals = append(s.intervals, &interval{})
	}
	return s
}

func (s *series) at(offset time.Duration) *interval {
	i := s.index(offset)
	if i < 0 {
		return nil
	}
	return s.intervals[i]
}

// index finds an interval; what is due at the very end belongs to the last one.
func (s *series) index(offset time.Duration) int {
	if offset < 0 || len(s.intervals) == 0 {
		return -1
	}
	return min(int(offset/s.width), len(s.intervals)-1)
}

func (s *series) add(r *slot, offset time.Duration, response int64, good bool) {
	i := s.index(offset)
	if i < 0 {
		return
	}
	v := s.intervals[i]
	v.sent++
	if good {
		v.succeeded++
	} else {
		v.failed++
	}
	if v.times == nil {
		s.unfold(i)
	}
	record(v.times, response)
	if !r.called && r.outcome == succeeded {
		return
	}
	code := "no answer"
	if r.hasCode {
		code = string(r.code[:])
	} else if r.outcome != unanswered {
		code = "no code"
	}
	v.countCode(code, 1)
}

func (v *interval) countCode(code string, n uint64) {
	if v.codes == nil {
		v.codes = map[string]uint64{}
	}
	if _, known := v.codes[code]; !known && len(v.codes) >= maxInterval {
		code = otherCodes
	}
	v.codes[code] += n
}

// unfold opens an interval's histogram and folds up the one that was open for longest.
func (s *series) unfold(i int) {
	v := s.intervals[i]
	v.times = newCoarse()
	_ = decode(v.times, v.folded) // our own text
	v.folded = ""
	if len(s.open) >= maxOpen {
		old := s.intervals[s.open[0]]
		old.folded, old.times = encode(old.times), nil
		s.open = append(s.open[:0], s.open[1:]...)
	}
	s.open = append(s.open, i)
}

// text is an interval's histogram, folded.
func (v *interval) text() string {
	if v.times != nil {
		return encode(v.times)
	}
	return v.folded
}

// rows renders the series.
func (s *series) rows() []reports.Second {
	rows := make([]reports.Second, 0, len(s.intervals))
	for i, v := range s.intervals {
		row := reports.Second{
			At: int(time.Duration(i) * s.width / time.Second), Width: int(s.width / time.Second),
			Asked: v.asked, Sent: v.sent, Succeeded: v.succeeded, Failed: v.failed, Codes: v.codes,
		}
		h := v.times
		if h == nil {
			h = newCoarse()
			_ = decode(h, v.folded) // our own text
		}
		if h.TotalCount() > 0 {
			row.P50, row.P90 = time.Duration(h.ValueAtQuantile(50)), time.Duration(h.ValueAtQuantile(90))
			row.P99, row.Max = time.Duration(h.ValueAtQuantile(99)), time.Duration(h.Max())
		}
		rows = append(rows, row)
	}
	return rows
}
