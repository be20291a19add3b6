package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How many intervals a plot and a table show at most: more than a wide plot has room to tell apart, and as many as a reader
// scrolls through.
const (
	pointsWide   = 360
	pointsNarrow = 150
	tableRows    = 120
)

func points(narrow bool) int {
	if narrow {
		return pointsNarrow
	}
	return pointsWide
}

// timeLine is one line of a plot over time.
type timeLine struct {
	class, name string
	of          func(Second) float64
}

var latencyLines = []timeLine{
	{"s4 fine", "max", func(s Second) float64 { return float64(s.Max) }},
	{"s3 dots", "p99", func(s Second) float64 { return float64(s.P99) }},
	{"s2 dash", "p90", func(s Second) float64 { return float64(s.P90) }},
	{"s1", "p50", func(s Second) float64 { return float64(s.P50) }},
}

// latencyOverTime draws the percentiles of the response time second by second.
func (s *stagePlots) latencyOverTime() *figure {
	f := &figure{ID: s.id("latency"), Title: "Response time over time", Caption: strings.TrimSpace("Values over time are kept to two digits. " + joinedNote(s.series, pointsWide))}
	least, most := 0.0, 0.0
	for _, one := range s.series {
		if one.Sent == 0 {
			continue
		}
		most = max(most, float64(one.Max), float64(one.P99))
		if low := float64(one.P50); low > 0 && (least == 0 || low < least) {
			least = low
		}
	}
	limits, beyond := reachable(s.limits(ResponseTime), &least, &most)
	bands := failureBands(s.series)
	if len(bands) > 0 {
		f.Caption = "Where it is shaded, requests brought no right answer; each of those counts as one that took at least " + briefly(s.stage.Charge) + ". " + f.Caption
	}
	worst := worstOf(s.series)
	f.Desc = fmt.Sprintf("p50 between %s and %s; the highest p99 is %s, at %s; the slowest request took %s. %s.", briefly(time.Duration(least)), briefly(s.worstP50()), briefly(worst.P99), clockOf(worst.At), briefly(time.Duration(most)), bandsText(bands))
	f.both(func(narrow bool) *view {
		v := plane(f.ID, narrow, 330, 92)
		across := scale{most: float64(end(s.series)), from: v.Left, to: v.Right}
		up := latencyScale(least, most, v.Bottom, v.Top)
		v.timeAxes(across, up.latencyMarks(), "response time"+logNote(up))
		v.bands(bands, across)
		v.lines(thin(s.series, points(narrow)), latencyLines, across, up, func(one Second) bool { return one.Sent == 0 })
		v.limits(limits, up)
		v.beyond(beyond)
		return v
	})
	f.Table = s.table("Response time over time", []string{"p50", "p90", "p99", "max", "sent", "failed"}, func(one Second) []string {
		return []string{briefly(one.P50), briefly(one.P90), briefly(one.P99), briefly(one.Max), number(one.Sent), number(one.Failed)}
	})
	return f
}

func worstOf(series []Second) Second {
	var worst Second
	for _, one := range series {
		if one.P99 > worst.P99 {
			worst = one
		}
	}
	return worst
}

func (s *stagePlots) worstP50() time.Duration {
	var worst time.Duration
	for _, one := range s.series {
		worst = max(worst, one.P50)
	}
	return worst
}

var rateLines = []timeLine{
	{"s4 broad", "asked", func(s Second) float64 { return s.perSecond(s.Asked) }},
	{"s1", "sent", func(s Second) float64 { return s.perSecond(s.Sent) }},
	{"s5 dots", "right", func(s Second) float64 { return s.perSecond(s.Succeeded) }},
}

// rates draws what was asked for, what was sent, and what was answered rightly.
func (s *stagePlots) rates() *figure {
	f := &figure{
		ID: s.id("rate"), Title: "Asked and achieved rate",
		Caption: "Requests a second by the instant at which they were due: asked for, sent, and answered rightly.",
		Desc:    fmt.Sprintf("%.1f a second were asked for on average and %.1f achieved; %d of %d requests were sent and %d had a right answer.", s.stage.RateAsked, s.stage.RateAchieved, s.stage.Sent, s.stage.Planned, s.stage.Succeeded),
	}
	f.both(func(narrow bool) *view {
		v := plane(f.ID, narrow, 240, 92)
		series := thin(s.series, points(narrow))
		across := scale{most: float64(end(s.series)), from: v.Left, to: v.Right}
		up := countScale(series, rateLines, v)
		v.timeAxes(across, up.numberMarks(), "requests a second")
		v.lines(series, rateLines, across, up, func(one Second) bool { return one.Sent == 0 && one.Asked == 0 })
		return v
	})
	f.Table = s.table("Asked and achieved rate, requests a second", []string{"asked", "sent", "right"}, func(one Second) []string {
		return []string{rateText(one.perSecond(one.Asked)), rateText(one.perSecond(one.Sent)), rateText(one.perSecond(one.Succeeded))}
	})
	return f
}

// rateText is a rate with as many digits as matter.
func rateText(r float64) string {
	if r >= 100 || r == float64(int64(r)) {
		return strconv.FormatFloat(r, 'f', 0, 64)
	}
	return strconv.FormatFloat(r, 'f', 1, 64)
}

// countScale begins at zero and ends above the highest point.
func countScale(series []Second, lines []timeLine, v *view) scale {
	most := 1.0
	for _, one := range series {
		for _, l := range lines {
			most = max(most, l.of(one))
		}
	}
	step := niceStep(most, 4)
	top := step
	for top < most*1.02 {
		top += step
	}
	return scale{most: top, from: v.Bottom, to: v.Top}
}

// lines draws each line through the middle of its intervals, from the beginning of the first to the end of the last,
// broken where there is nothing to show, and names it at its end.
func (v *view) lines(series []Second, lines []timeLine, across, up scale, nothing func(Second) bool) {
	var names []ending
	for _, l := range lines {
		var p pen
		last := up.from
		for i, one := range series {
			if nothing(one) {
				p.lift()
				continue
			}
			last = up.at(l.of(one))
			if i == 0 || nothing(series[i-1]) {
				p.to(across.at(float64(one.At)), last)
			}
			p.to(across.at(float64(one.At)+float64(one.Width)/2), last)
			if i+1 == len(series) || nothing(series[i+1]) {
				p.to(across.at(float64(one.At+one.Width)), last)
			}
		}
		v.shape("line "+l.class, p.String(), "")
		if p.String() != "" {
			names = append(names, ending{l.class, l.name, last})
		}
	}
	v.endings(names)
}

func (v *view) timeAxes(across scale, up []mark, name string) {
	n := 10
	if v.Narrow {
		n = 4
	}
	v.Across, v.Up, v.UpName, v.AcrossName = across.timeMarks(n), up, name, "since the start of the measured part"
}

// table lists a series, joined to what a reader scrolls through.
func (s *stagePlots) table(caption string, head []string, cells func(Second) []string) dataTable {
	t := dataTable{Caption: caption, Head: append([]string{"from"}, head...)}
	if note := joinedNote(s.series, tableRows); note != "" {
		t.Caption += ". " + note
	}
	for _, one := range thin(s.series, tableRows) {
		t.Rows = append(t.Rows, append([]string{clockOf(one.At)}, cells(one)...))
	}
	return t
}

// joinedNote says how intervals were put together, if they were.
func joinedNote(series []Second, n int) string {
	shown := thin(series, n)
	if len(shown) == 0 {
		return ""
	}
	if widest := slices.MaxFunc(shown, func(a, b Second) int { return a.Width - b.Width }).Width; len(shown) < len(series) {
		return fmt.Sprintf("Each point is %d s and shows the worst of them; every interval is in load.csv.", widest)
	} else if widest > 1 {
		return fmt.Sprintf("Each point is %d s.", widest)
	}
	return ""
}

func logNote(s scale) string {
	if s.log {
		return ", logarithmic"
	}
	return ""
}
