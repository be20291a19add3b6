package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// LoadScreen writes one screen of a load run's results.
func LoadScreen(w io.Writer, l *Load, color bool) error {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	verdictColor := map[LoadVerdict]string{LoadKept: "32;1", LoadUnjudged: "1", LoadCrossed: "31;1", LoadInvalid: "33;1", LoadPartial: "33;1"}[l.Verdict]
	var b strings.Builder
	for i := range l.Stages {
		s := &l.Stages[i]
		fmt.Fprintf(&b, "%s  %d sent, %d right, %.1f of %.1f a second%s\n", paint("1", fmt.Sprintf("%-9s", s.Name)), s.Sent, s.Succeeded, s.RateAchieved, s.RateAsked, line(s.by()))
		fmt.Fprintf(&b, "  %-16s %9s %9s %9s %9s %9s\n", "", "p50", "p90", "p99", "p99.9", "max")
		for _, d := range s.Distributions {
			fmt.Fprintf(&b, "  %-16s", line(d.Name))
			for _, p := range shownPercentiles {
				fmt.Fprintf(&b, " %9s", percentile(d, p))
			}
			b.WriteByte('\n')
		}
		s.screenCodes(&b)
		for _, c := range s.Validity {
			if c.Verdict == Fail {
				fmt.Fprintf(&b, "  %s %s\n", paint("33;1", "generator: "+c.Name+":"), line(c.Text))
				if c.Hint != "" {
					fmt.Fprintf(&b, "    %s\n", line(c.Hint))
				}
			}
		}
		if s.Name == "loopback" && s.SigningShare > 0 || s.Name == "wire" && s.SigningShare > 0 {
			fmt.Fprintf(&b, "  signing is %.1f %% of signing and request path together\n", 100*s.SigningShare)
		}
		b.WriteByte('\n')
	}
	if l.RSA != nil {
		fmt.Fprintf(&b, "RSA of %d bits: %s a signature, off the hot path\n\n", l.RSA.Bits, briefly(l.RSA.Distribution.Mean))
	}
	if l.Breakpoint != nil {
		fmt.Fprintf(&b, "%s\n\n", line(l.Breakpoint.Confidence))
	}
	wide := 0
	for _, t := range l.Thresholds {
		wide = max(wide, utf8.RuneCountInString(line(t.Text)))
	}
	for _, t := range l.Thresholds {
		sign := paint("32", "✓")
		if !t.Kept {
			sign = paint("31;1", "✗")
		}
		fmt.Fprintf(&b, "%s %-*s  %s\n", sign, wide, line(t.Text), line(t.Actual))
	}
	for _, reason := range l.Reasons {
		fmt.Fprintf(&b, "%s %s\n", paint("33;1", "!"), line(reason))
	}
	fmt.Fprintf(&b, "%s\n", paint(verdictColor, l.Verdict.Words()))
	_, err := io.WriteString(w, b.String())
	return err
}

// screenCodes is at most a handful of lines.
func (s *LoadStage) screenCodes(b *strings.Builder) {
	const most = 6
	for i, c := range s.Codes {
		if i == most {
			fmt.Fprintf(b, "  … %d more codes\n", len(s.Codes)-most)
			break
		}
		fmt.Fprintf(b, "  %-7s %6d  %s\n", line(orNone(c.Code)), c.Count, line(c.Endpoint))
	}
	for _, f := range s.Failures {
		fmt.Fprintf(b, "  %-7s %6d  %s\n", line(f.Kind), f.Count, line(cut(f.Example, 80)))
	}
	if d := s.Duplicates; d != nil {
		fmt.Fprintf(b, "  duplicates: %d pairs, %d taken once, %d twice\n", d.Pairs, d.TakenOnce, d.Twice)
	}
	if v := s.Sampled; v != nil {
		fmt.Fprintf(b, "  sampled: %d answers judged, %d rules broken\n", v.Judged, len(v.Violations))
	}
}
