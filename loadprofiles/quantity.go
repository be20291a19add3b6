package loadprofiles

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is an arrival rate as written: "50/1s", "3000/1m", or "50", which is per second.
type Rate string

// PerSecond is the rate in requests per second; the zero Rate is 0.
func (r Rate) PerSecond() (float64, error) {
	if r == "" {
		return 0, nil
	}
	count, per, found := strings.Cut(string(r), "/")
	n, err := strconv.ParseFloat(count, 64)
	if err != nil || n < 0 || n > 1e7 {
		return 0, fmt.Errorf("rate %q: want a number of requests and a time, as in 50/1s", r)
	}
	unit := time.Second
	if found {
		if !strings.ContainsAny(per[:1], "0123456789") {
			per = "1" + per // "50/s" reads as "50/1s"
		}
		if unit, err = time.ParseDuration(per); err != nil || unit <= 0 {
			return 0, fmt.Errorf("rate %q: want a time after the slash, as in 50/1s", r)
		}
	}
	return n / unit.Seconds(), nil
}

// Duration is a length of time as written: "30s", "5m".
type Duration string

// Length is the duration; the zero Duration is 0.
func (d Duration) Length() (time.Duration, error) {
	if d == "" {
		return 0, nil
	}
	v, err := time.ParseDuration(string(d))
	if err != nil || v < 0 {
		return 0, fmt.Errorf("duration %q: want a number and a unit, as in 30s or 5m", d)
	}
	return v, nil
}

// Percent is a share as written: "0.5%".
type Percent string

// Share is the percentage as a number from 0 to 1; the zero Percent is 0.
func (p Percent) Share() (float64, error) {
	if p == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(string(p), "%"), 64)
	if err != nil || !strings.HasSuffix(string(p), "%") || v < 0 || v > 100 {
		return 0, fmt.Errorf("share %q: want a percentage from 0%% to 100%%, as in 0.5%%", p)
	}
	return v / 100, nil
}
