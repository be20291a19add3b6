package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteLoadMetrics writes load.openmetrics.txt, in the OpenMetrics text format, for whatever stores metrics: latencies as
// summaries in seconds, counters, and whether the run and each threshold held.
func WriteLoadMetrics(w io.Writer, l *Load) error {
	m := &metrics{}
	m.family("snapcert_load_latency_seconds", "summary", "seconds", "Latencies by distribution, from intended send where the name says response time.")
	for _, s := range l.Stages {
		for _, d := range s.Distributions {
			for _, p := range d.Percentiles {
				m.sample("snapcert_load_latency_seconds", secondsOf(p.Value), "stage", s.Name, "distribution", d.Name, "quantile", strconv.FormatFloat(p.P/100, 'g', -1, 64))
			}
			m.sample("snapcert_load_latency_seconds_count", float64(d.Count), "stage", s.Name, "distribution", d.Name)
			m.sample("snapcert_load_latency_seconds_sum", secondsOf(d.Mean)*float64(d.Count), "stage", s.Name, "distribution", d.Name)
		}
	}
	m.family("snapcert_load_requests", "counter", "", "Requests of the measured part.")
	for _, s := range l.Stages {
		m.sample("snapcert_load_requests_total", float64(s.Sent), "stage", s.Name)
	}
	m.family("snapcert_load_successes", "counter", "", "Requests with a right answer, by response code.")
	for _, s := range l.Stages {
		m.sample("snapcert_load_successes_total", float64(s.Succeeded), "stage", s.Name)
	}
	m.family("snapcert_load_answers", "counter", "", "Answers by endpoint, HTTP status and response code.")
	for _, s := range l.Stages {
		for _, c := range s.Codes {
			m.sample("snapcert_load_answers_total", float64(c.Count), "stage", s.Name, "endpoint", c.Endpoint, "status", strconv.Itoa(c.Status), "code", c.Code)
		}
	}
	m.family("snapcert_load_failures", "counter", "", "Requests without an answer.")
	for _, s := range l.Stages {
		for _, f := range s.Failures {
			m.sample("snapcert_load_failures_total", float64(f.Count), "stage", s.Name, "kind", f.Kind)
		}
	}
	m.family("snapcert_load_rate", "gauge", "", "Requests per second, asked and achieved.")
	for _, s := range l.Stages {
		m.sample("snapcert_load_rate", s.RateAsked, "stage", s.Name, "of", "asked")
		m.sample("snapcert_load_rate", s.RateAchieved, "stage", s.Name, "of", "achieved")
	}
	m.family("snapcert_load_threshold_kept", "gauge", "", "1 for a threshold that was kept.")
	for _, t := range l.Thresholds {
		m.sample("snapcert_load_threshold_kept", truth(t.Kept), "stage", t.Stage, "threshold", t.Text)
	}
	m.family("snapcert_load_valid", "gauge", "", "1 when the numbers are the target's and the run is complete.")
	m.sample("snapcert_load_valid", truth(l.Verdict != LoadInvalid && l.Verdict != LoadPartial))
	m.b.WriteString("# EOF\n")
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing metrics: %w", err)
	}
	return nil
}

type metrics struct {
	b strings.Builder
}

func (m *metrics) family(name, kind, unit, help string) {
	fmt.Fprintf(&m.b, "# TYPE %s %s\n", name, kind)
	if unit != "" {
		fmt.Fprintf(&m.b, "# UNIT %s %s\n", name, unit)
	}
	fmt.Fprintf(&m.b, "# HELP %s %s\n", name, help)
}

func (m *metrics) sample(name string, value float64, labels ...string) {
	m.b.WriteString(name)
	for i, open := 0, "{"; i < len(labels); i, open = i+2, "," {
		text := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(visible(labels[i+1], false))
		fmt.Fprintf(&m.b, `%s%s="%s"`, open, labels[i], text)
	}
	if len(labels) > 0 {
		m.b.WriteByte('}')
	}
	fmt.Fprintf(&m.b, " %s\n", strconv.FormatFloat(value, 'g', -1, 64))
}

func secondsOf(d time.Duration) float64 { return d.Seconds() }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
