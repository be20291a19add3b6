package reports

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// failureBand is a stretch of time in which requests brought no right answer.
type failureBand struct {
	from, to     int // seconds
	failed, sent uint64
}

// failureBands joins neighbouring intervals with failures.
func failureBands(series []Second) []failureBand {
	var bands []failureBand
	for _, one := range series {
		if one.Failed == 0 {
			continue
		}
		if n := len(bands); n > 0 && bands[n-1].to == one.At {
			b := &bands[n-1]
			b.to, b.failed, b.sent = one.At+one.Width, b.failed+one.Failed, b.sent+one.Sent
			continue
		}
		bands = append(bands, failureBand{one.At, one.At + one.Width, one.Failed, one.Sent})
	}
	return bands
}

func bandsText(bands []failureBand) string {
	if len(bands) == 0 {
		return "No request failed"
	}
	var failed uint64
	for _, b := range bands {
		failed += b.failed
	}
	text := fmt.Sprintf("%d requests brought no right answer, in %d stretches of time", failed, len(bands))
	if len(bands) == 1 {
		text = fmt.Sprintf("%d requests brought no right answer, between %s and %s", failed, clockOf(bands[0].from), clockOf(bands[0].to))
	}
	return text
}

// bands shades where requests failed. The stretches are written into one path for each depth of shade; a number stands
// over those that are wide enough.
func (v *view) bands(bands []failureBand, across scale) {
	const most, least = 400, 1.5
	depths := map[string]*pen{"band few": {}, "band some": {}, "band many": {}}
	last := v.Left
	for i, b := range bands {
		x0, x1 := across.at(float64(b.from)), across.at(float64(b.to))
		if x1-x0 < least {
			x1 = x0 + least
		}
		depth := "band some"
		if share := float64(b.failed) / float64(max(1, b.sent)); share < 0.01 {
			depth = "band few"
		} else if share > 0.1 {
			depth = "band many"
		}
		text := fmt.Sprintf("%d failed", b.failed)
		if len(bands) <= 40 {
			var p pen
			p.box(x0, v.Top, x1, v.Bottom)
			v.shape(depth, p.String(), fmt.Sprintf("%d of %d requests without a right answer, %s to %s", b.failed, b.sent, clockOf(b.from), clockOf(b.to)))
		} else if i < most {
			depths[depth].box(x0, v.Top, x1, v.Bottom)
		}
		if room := px(len(text)) * 6.6; x0 >= last && x0+room < v.Right && len(bands) <= 40 {
			v.text("failed", x0, v.Top+12, "start", text)
			last = x0 + room + 8
		}
	}
	for _, depth := range []string{"band few", "band some", "band many"} {
		v.shape(depth, depths[depth].String(), "")
	}
}

// limit is a threshold on a latency that can be drawn.
type limit struct {
	text    string
	p       float64 // percentile, 100 for the maximum
	bound   float64 // nanoseconds
	crossed bool
}

var limitForm = regexp.MustCompile(`^(?:([A-Za-z ]+?)\s+)?(?:p(\d{1,2}(?:\.\d+)?)|(max))\s*<=?\s*(\S+)$`)

// limits are the thresholds on a distribution of this stage.
func (s *stagePlots) limits(distribution string) []limit {
	var list []limit
	for _, t := range s.load.Thresholds {
		m := limitForm.FindStringSubmatch(t.Text)
		if t.Stage != s.stage.Name || m == nil || !strings.EqualFold(m[1], distribution) && (m[1] != "" || distribution != ResponseTime) {
			continue
		}
		bound, err := time.ParseDuration(m[4])
		if err != nil || bound <= 0 {
			continue
		}
		l := limit{text: t.Text, p: 100, bound: float64(bound), crossed: !t.Kept}
		if m[2] != "" {
			if _, err := fmt.Sscanf(m[2], "%g", &l.p); err != nil {
				continue
			}
		}
		list = append(list, l)
	}
	return list
}

// reachable widens a range for the thresholds that it can take in without squeezing the measurements, and names the rest.
func reachable(limits []limit, least, most *float64) (within []limit, beyond []string) {
	top := *most
	for _, l := range limits {
		reach := 2.5
		if *least > 0 && top / *least > wideSpread {
			reach = 30
		}
		if top > 0 && l.bound > top*reach {
			beyond = append(beyond, l.text)
			continue
		}
		within = append(within, l)
		*most = max(*most, l.bound*1.05)
		if *least > 0 && l.bound < *least*1.25 { // clear of the axis
			*least = l.bound * 0.8
		}
	}
	return within, beyond
}

// limits draws thresholds across the plot, each named over its line, or higher where names would cover each other.
func (v *view) limits(limits []limit, up scale) {
	limits = slices.Clone(limits)
	slices.SortStableFunc(limits, func(a, b limit) int { return cmp.Compare(a.bound, b.bound) })
	floor := v.Bottom - 4
	for _, l := range limits {
		y := up.at(l.bound)
		var p pen
		p.to(v.Left, y)
		p.to(v.Right, y)
		v.shape(l.class(), p.String(), l.said())
		floor = min(floor, y-5)
		v.text("limit halo", v.Right-4, floor, "end", l.sign()+l.text)
		floor -= 14
	}
}

// beyond names the thresholds that lie above the plot.
func (v *view) beyond(texts []string) {
	if len(texts) > 0 {
		v.text("limit", v.Right, v.Top-10, "end", "↑ above: "+strings.Join(texts, ", "))
	}
}

func (l limit) class() string {
	if l.crossed {
		return "limit crossed"
	}
	return "limit"
}

func (l limit) sign() string { return tick(!l.crossed) + " " }

func (l limit) said() string {
	if l.crossed {
		return l.text + ": crossed"
	}
	return l.text + ": kept"
}
