package loadprofiles

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// demand is one threshold as parsed: a measure of a stage against a bound.
//
//	p99 < 800ms                   percentile of the response time (p50 … p99.99, mean, max)
//	schedule delay p99 < 5ms      percentile of any distribution, by its name
//	success >= 99.5%              share of answers with a success code, of all that were sent
//	rate >= 95%                   achieved of asked
//	code 200xxxx >= 99%           share of one responseCode, or of a class of them with x: code 5xxxxxx <= 0.1%
type demand struct {
	text       string
	measure    string // "percentile", "success", "rate", "code"
	of         string // distribution or code
	percentile float64
	op         string
	bound      float64 // nanoseconds, or a share from 0 to 1
}

var (
	percentileDemand = regexp.MustCompile(`^(?:([A-Za-z ]+?)\s+)?(p\d{1,2}(?:\.\d+)?|mean|max)\s*(<=|<|>=|>)\s*(\S+)$`)
	shareDemand      = regexp.MustCompile(`^(success|rate|code\s+[0-9x]{7})\s*(<=|<|>=|>)\s*([0-9.]+)%$`)
)

// The pseudo-percentiles.
const (
	meanOf = -1
	maxOf  = 100
)

func parseDemand(text string) (demand, error) {
	if m := shareDemand.FindStringSubmatch(text); m != nil {
		share, err := strconv.ParseFloat(m[3], 64)
		if err != nil || share > 100 {
			return demand{}, fmt.Errorf("threshold %q: want a percentage from 0%% to 100%%", text)
		}
		d := demand{text: text, measure: m[1], op: m[2], bound: share / 100}
		if code, found := strings.CutPrefix(m[1], "code"); found {
			d.measure, d.of = "code", strings.TrimSpace(code)
		}
		return d, nil
	}
	m := percentileDemand.FindStringSubmatch(text)
	if m == nil {
		return demand{}, fmt.Errorf(`threshold %q: want a form like "p99 < 800ms", "schedule delay p99 < 5ms", "success >= 99.5%%", "rate >= 95%%" or "code 429xxxx <= 1%%"`, text)
	}
	bound, err := time.ParseDuration(m[4])
	if err != nil {
		return demand{}, fmt.Errorf("threshold %q: want a duration with a unit, as in 800ms", text)
	}
	d := demand{text: text, measure: "percentile", of: reports.ResponseTime, op: m[3], bound: float64(bound)}
	if m[1] != "" {
		if d.of, err = distributionNamed(m[1]); err != nil {
			return demand{}, fmt.Errorf("threshold %q: %w", text, err)
		}
	}
	switch m[2] {
	case "mean":
		d.percentile = meanOf
	case "max":
		d.percentile = maxOf
	default:
		if d.percentile, err = strconv.ParseFloat(m[2][1:], 64); err != nil {
			return demand{}, fmt.Errorf("threshold %q: %w", text, err)
		}
	}
	return d, nil
}

var distributionNames = []string{
	reports.ScheduleDelay, reports.Signing, reports.ConnectionWait, reports.RequestPath, reports.ResponseTime,
	reports.Connect, reports.TLSHandshake, reports.FirstByte, reports.BodyRead,
}

func distributionNamed(name string) (string, error) {
	for _, n := range distributionNames {
		if strings.EqualFold(n, strings.TrimSpace(name)) {
			return n, nil
		}
	}
	return "", fmt.Errorf("no distribution %q: want one of %s", name, strings.Join(distributionNames, ", "))
}

// holds says whether the stage keeps the demand, and what it was held against.
func (d demand) holds(m *measures) (actual string, kept bool) {
	var value float64
	switch d.measure {
	case "success":
		value = ratio(m.succeeded, m.sent)
	case "rate":
		value = m.achieved()
	case "code":
		value = ratio(m.codesLike(d.of), m.sent)
	default:
		h := m.histogram(d.of)
		if h == nil || h.TotalCount() == 0 {
			return "nothing was measured", false
		}
		switch d.percentile {
		case meanOf:
			value = h.Mean()
		case maxOf:
			value = float64(h.Max())
		default:
			value = float64(h.ValueAtQuantile(d.percentile))
		}
		return time.Duration(value).Round(time.Microsecond).String(), compare(value, d.op, d.bound)
	}
	if m.sent == 0 {
		return "nothing was sent", false
	}
	return strconv.FormatFloat(value*100, 'f', 3, 64) + "%", compare(value, d.op, d.bound)
}

func compare(value float64, op string, bound float64) bool {
	switch op {
	case "<":
		return value < bound
	case "<=":
		return value <= bound
	case ">":
		return value > bound
	default:
		return value >= bound
	}
}

func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
