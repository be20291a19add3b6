package loadprofiles

import (
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// drift is what the generator's own times changed by between two sets of runs. A target has no part in them, so they are
// the control of the experiment: a machine that became busier or slower between the sets changes them too.
type drift struct {
	shares []ownChange
	near   bool          // the target is on the same machine, which slows it down alike
	sum    time.Duration // by which all of them changed together
}

// ownChange is one of the generator's own times, by its median over runs.
type ownChange struct {
	name   string
	before float64
	after  float64
}

func (c ownChange) share() float64 { return c.after/c.before - 1 }

// ownTimes are the controls of a stage. Where signing itself is judged, an RSA signature is left: it is another's code.
func ownTimes(stage string) []metric {
	if stage == StageSigning {
		return []metric{{name: "RSA signing p50", of: func(l *reports.Load, _ *reports.LoadStage) (float64, bool) {
			if l.RSA == nil {
				return 0, false
			}
			v, ok := l.RSA.Distribution.At(50)
			return float64(v), ok
		}}}
	}
	return []metric{
		{name: "schedule delay p50", of: percentileOf(reports.ScheduleDelay, 50)},
		{name: "signing p50", of: percentileOf(reports.Signing, 50)},
	}
}

func driftOf(stage string, before, after []*reports.Load, smallest float64) drift {
	d := drift{near: stage != StageWire}
	for _, l := range slices.Concat(before, after) {
		d.near = d.near || l.Target.Embedded || onThisMachine(l.Target.BaseURL)
	}
	for _, m := range ownTimes(stage) {
		c := ownChange{m.name, median(m.values(stage, before)), median(m.values(stage, after))}
		if c.before > 0 && c.after > 0 && math.Abs(c.share()) >= smallest {
			d.shares = append(d.shares, c)
			d.sum += time.Duration(c.after - c.before)
		}
	}
	return d
}

// share is how much of a change of a time that was so long before may be the generator's own: as large a share where the
// target runs on the same machine, otherwise only what its own times add.
func (d drift) share(before float64) float64 {
	if !d.near {
		return max(float64(d.sum)/before, -0.9) // never all of it
	}
	most := 0.0
	for _, c := range d.shares {
		if math.Abs(c.share()) > math.Abs(most) {
			most = c.share()
		}
	}
	return most
}

func (d drift) words() string {
	var parts []string
	for _, c := range d.shares {
		parts = append(parts, fmt.Sprintf("%s %s before, %s after (%+.1f %%)", c.name, short(int64(c.before)), short(int64(c.after)), 100*c.share()))
	}
	if len(parts) == 0 {
		return ""
	}
	return "the generator's own times, in which the target has no part: " + strings.Join(parts, ", ") + "; so the machine was not the same, and sets that take turns would tell more"
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

func onThisMachine(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
