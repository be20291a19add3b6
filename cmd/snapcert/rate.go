package main

import (
	"strconv"
	"strings"
	"time"
)

// perSecond reads a rate: 20, 2.5 or 500/1s, as load generators write it. An empty text is no limit.
func perSecond(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	count, unit, divided := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(count, 64)
	if err != nil || !(n > 0 && n <= 1e6) { // so put, it refuses NaN
		return 0, usage("--rate takes a number of requests a second, as 20 or 500/1s, not %q", text)
	}
	if !divided {
		return n, nil
	}
	switch unit {
	case "s", "m", "h":
		unit = "1" + unit
	}
	span, err := time.ParseDuration(unit)
	if err != nil || span <= 0 {
		return 0, usage("--rate takes a number of requests a second, as 20 or 500/1s, not %q", text)
	}
	return n / span.Seconds(), nil
}
