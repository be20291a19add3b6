package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"
)

// WriteLoadCSV writes load.csv: a row for every interval of every stage. Times are milliseconds.
func WriteLoadCSV(w io.Writer, l *Load) error {
	table := csv.NewWriter(w)
	rows := [][]string{{
		"stage", "at_s", "width_s", "asked", "sent", "succeeded", "failed", "p50_ms", "p90_ms", "p99_ms", "max_ms", "codes",
	}}
	for _, s := range l.Stages {
		for _, r := range s.Series {
			rows = append(rows, []string{
				cell(s.Name), strconv.Itoa(r.At), strconv.Itoa(r.Width), number(r.Asked), number(r.Sent), number(r.Succeeded), number(r.Failed),
				millis(r.P50), millis(r.P90), millis(r.P99), millis(r.Max), cell(codesText(r.Codes)),
			})
		}
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("writing load.csv: %w", err)
	}
	return nil
}

// codesText is "code:count code:count", in order of the codes.
func codesText(codes map[string]uint64) string {
	var list []string
	for code, n := range codes {
		list = append(list, code+":"+number(n))
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// millis is a duration in milliseconds to the microsecond.
func millis(d time.Duration) string { return strconv.FormatFloat(float64(d)/1e6, 'f', 3, 64) }
