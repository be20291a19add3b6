package reports

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// loadVerdictWords says a verdict in words.
var loadVerdictWords = map[LoadVerdict]string{
	LoadInvalid: "invalid: the numbers are not the target's", LoadPartial: "incomplete", LoadCrossed: "a threshold was crossed",
	LoadUnjudged: "measured; no thresholds were asked", LoadKept: "all thresholds kept",
}

// Words is the verdict in words.
func (v LoadVerdict) Words() string {
	if words, ok := loadVerdictWords[v]; ok {
		return words
	}
	return string(v)
}

// shownPercentiles are those of every table.
var shownPercentiles = []float64{50, 90, 99, 99.9, 100}

// WriteLoadSummary writes summary.md of a load run.
func WriteLoadSummary(w io.Writer, l *Load) error {
	m := &markdown{limit: summaryLimit}
	m.add("# Load: %s\n\n", prose(l.Verdict.Words()))
	m.add("Target %s, %s to %s, run %s.\n\n", prose(l.Target.Name), l.Run.Started.Format(time.RFC3339), l.Run.Ended.Format(time.RFC3339), code(l.Run.ID))
	for _, reason := range l.Reasons {
		m.add("* %s\n", prose(reason))
	}
	if len(l.Thresholds) > 0 {
		m.add("\n## Thresholds\n\n| | Threshold | Stage | Actual |\n|---|---|---|---|\n")
		for _, t := range l.Thresholds {
			m.add("| %s | %s | %s | %s |\n", tick(t.Kept), code(t.Text), prose(t.Stage), prose(t.Actual))
		}
	}
	if b := l.Breakpoint; b != nil {
		m.breakpoint(b)
	}
	for i := range l.Stages {
		m.stage(&l.Stages[i])
	}
	if r := l.RSA; r != nil {
		m.add("\nOne RSA signature of %d bits takes %s (p99 %s); it is made beside the hot path.\n", r.Bits, briefly(r.Distribution.Mean), percentile(r.Distribution, 99))
	}
	e := l.Environment
	m.add("\n## Generator\n\n%d cores, GOMAXPROCS %d, %s %s, kernel %s, %s, file limit %d, load average before %s, after %s, at most %.0f %% of its processor time used, %d MiB resident at most.\n",
		e.Cores, e.GOMAXPROCS, prose(e.OS), prose(e.Arch), prose(e.Kernel), prose(e.Go), e.FileLimit, prose(e.LoadBefore), prose(e.LoadAfter), 100*e.CPUShare, e.MaxRSS>>20)
	m.shards(l.Run.Shards)
	m.end("The rest is in load.html and load.json.")
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing summary.md: %w", err)
	}
	return nil
}

func (m *markdown) stage(s *LoadStage) {
	m.add("\n## Stage %s\n\n%d of %d requests sent%s, %d with a right answer; %.1f of %.1f a second.\n\n", prose(s.Name), s.Sent, s.Planned, prose(s.by()), s.Succeeded, s.RateAchieved, s.RateAsked)
	m.add("| Latency | p50 | p90 | p99 | p99.9 | max |\n|---|--:|--:|--:|--:|--:|\n")
	for _, d := range s.Distributions {
		m.add("| %s |%s\n", prose(d.Name), percentileCells(d))
	}
	if len(s.Codes) > 0 {
		m.add("\n| Code | Status | Endpoint | Count | p50 | p99 |\n|---|--:|---|--:|--:|--:|\n")
		for _, c := range s.Codes {
			m.add("| %s | %d | %s | %d | %s | %s |\n", code(orNone(c.Code)), c.Status, prose(c.Endpoint), c.Count, briefly(c.P50), briefly(c.P99))
		}
	}
	for _, f := range s.Failures {
		m.add("\n* %d without an answer: %s (%s)\n", f.Count, prose(f.Kind), prose(f.Example))
	}
	if d := s.Duplicates; d != nil {
		m.add("\nDeliberate duplicates: %d pairs, %d taken once, %d twice, %d never, %d unclear.\n", d.Pairs, d.TakenOnce, d.Twice, d.Never, d.Unclear)
	}
	if v := s.Sampled; v != nil {
		m.add("\n%d answers judged by the rules of certification, %d rules broken.\n", v.Judged, len(v.Violations))
		for _, one := range v.Violations {
			m.add("* %s, %d times: %s\n", code(one.Rule), one.Count, prose(one.Text))
		}
	}
	for _, c := range s.Validity {
		if c.Verdict == Fail {
			m.add("\n> **Generator: %s.** %s. %s\n", prose(c.Name), prose(c.Text), prose(c.Hint))
		}
	}
}

func (m *markdown) shards(list []Shard) {
	if len(list) == 0 {
		return
	}
	m.add("\n| Shard | Host | Planned | Sent | Late | Processor | Load average |\n|--:|---|--:|--:|--:|--:|---|\n")
	for _, s := range list {
		e := s.Environment
		if e == nil {
			e = &Environment{}
		}
		m.add("| %d of %d | %s | %d | %d | %s | %.0f %% | %s, then %s |\n", s.Index, s.Count, prose(s.Host), s.Planned, s.Sent, briefly(s.Late), 100*e.CPUShare, prose(e.LoadBefore), prose(e.LoadAfter))
	}
}

func (m *markdown) breakpoint(b *Breakpoint) {
	m.add("\n## Breakpoint\n\n%s\n\n| Rate | Kept | Valid | |\n|--:|---|---|---|\n", prose(b.Confidence))
	for _, t := range b.Trials {
		m.add("| %.1f | %s | %s | %s |\n", t.Rate, tick(t.Kept), tick(t.Valid), prose(t.Reason))
	}
}

func percentileCells(d Distribution) string {
	var b strings.Builder
	for _, p := range shownPercentiles {
		fmt.Fprintf(&b, " %s |", percentile(d, p))
	}
	return b.String()
}

func percentile(d Distribution, p float64) string {
	v, ok := d.At(p)
	if !ok || d.Count == 0 {
		return "–"
	}
	return briefly(v)
}

func tick(good bool) string {
	if good {
		return "✓"
	}
	return "✗"
}

func orNone(code string) string {
	if code == "" {
		return "none"
	}
	return code
}

// briefly writes a duration with three digits and a unit.
func briefly(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.2f µs", float64(d)/1e3)
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%.1f µs", float64(d)/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d)/1e3)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
