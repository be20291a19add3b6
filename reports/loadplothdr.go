package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// curve is one distribution on the axis of percentiles.
type curve struct {
	class, name string
	d           Distribution
	buckets     []bucket
}

// curveOf reads a distribution's histogram, or makes do with its listed percentiles.
func curveOf(class, name string, d Distribution) curve {
	c := curve{class: class, name: name, d: d}
	if buckets, err := d.buckets(); err == nil && len(buckets) > 0 {
		c.buckets = buckets
		return c
	}
	var before uint64
	for _, p := range d.Percentiles {
		if upTo := uint64(math.Ceil(float64(d.Count) * min(max(p.P, 0), 100) / 100)); upTo > before {
			c.buckets = append(c.buckets, bucket{p.Value, upTo - before})
			before = upTo
		}
	}
	return c
}

func (c curve) total() (n uint64) {
	for _, b := range c.buckets {
		n += b.count
	}
	return n
}

// at is the value at a percentile.
func (c curve) at(p float64) time.Duration {
	total := float64(c.total())
	seen := uint64(0)
	for _, b := range c.buckets {
		if seen += b.count; float64(seen) >= total*p/100*(1-1e-12) {
			return b.value
		}
	}
	return c.d.Max
}

// nines places a percentile on an axis on which 90 %, 99 %, 99.9 % and so on are equally far apart.
func nines(p float64) float64 { return -math.Log10(max(1-p/100, 1e-12)) }

// byPercentile draws how long the fastest so many per cent of the requests took at most.
func (s *stagePlots) byPercentile() *figure {
	var curves []curve
	for _, c := range []curve{{class: "s2 dash", name: RequestPath}, {class: "s1", name: ResponseTime}} {
		if d, ok := s.stage.Distribution(c.name); ok {
			curves = append(curves, curveOf(c.class, c.name, d))
		}
	}
	f := curvesFigure(s.id("percentile"), "Latency by percentile", curves, s.limits(ResponseTime))
	if f != nil && len(curves) > 1 {
		f.Caption += " Response time counts from the instant at which a request was due; the request path from the moment it was handed over."
	}
	return f
}

// curvesFigure draws curves over an axis that gives each further nine as much room as the one before it, as HdrHistogram's
// own plots do: the slowest one in a thousand is where the trouble is.
func curvesFigure(id, title string, curves []curve, limits []limit) *figure {
	least, most, widest := 0.0, 0.0, 0.0
	for _, c := range curves {
		if len(c.buckets) == 0 {
			continue
		}
		if low := float64(c.buckets[0].value); low > 0 && (least == 0 || low < least) {
			least = low
		}
		most = max(most, float64(c.buckets[len(c.buckets)-1].value))
		widest = max(widest, math.Log10(float64(c.total())))
	}
	if most == 0 {
		return nil
	}
	within, beyond := reachable(limits, &least, &most)
	f := &figure{
		ID: id, Title: title,
		Caption: "Each mark on the axis leaves a tenth of the requests of the one before it. The curve ends at the slowest request.",
		Desc:    curvesDesc(curves),
	}
	f.both(func(narrow bool) *view {
		v := plane(id, narrow, 310, 112)
		across := scale{most: max(widest, 1), from: v.Left, to: v.Right}
		up := latencyScale(least, most, v.Bottom, v.Top)
		v.Up, v.UpName, v.AcrossName, v.Grid = up.latencyMarks(), "latency"+logNote(up), "share of the requests", true
		v.Across = nineMarks(across)
		v.curves(curves, across, up)
		v.posts(within, across, up)
		v.beyond(beyond)
		return v
	})
	f.Table = curvesTable(title, curves)
	return f
}

func curvesDesc(curves []curve) string {
	var parts []string
	for _, c := range curves {
		parts = append(parts, fmt.Sprintf("%s: p50 %s, p99 %s, at most %s", c.name, briefly(c.at(50)), briefly(c.at(99)), briefly(c.d.Max)))
	}
	return strings.Join(parts, "; ") + "."
}

// nineMarks labels the axis of percentiles as far as there are requests enough.
func nineMarks(across scale) []mark {
	marks := []mark{{across.at(0), "0 %"}}
	if across.to-across.from > 110*px(across.most) {
		marks = append(marks, mark{across.at(nines(50)), "50 %"})
	}
	for i := 1; float64(i) <= across.most+1e-9 && i <= 9; i++ {
		text := "90 %"
		if i > 1 {
			text = "99" + strings.TrimSuffix("."+strings.Repeat("9", i-2), ".") + " %"
		}
		marks = append(marks, mark{across.at(float64(i)), text})
	}
	return marks
}

func (v *view) curves(curves []curve, across, up scale) {
	var names []ending
	for _, c := range curves {
		total := float64(c.total())
		if total == 0 {
			continue
		}
		var p pen
		seen, x, y := uint64(0), across.from, up.at(float64(c.buckets[0].value))
		p.to(x, y)
		for i, b := range c.buckets {
			seen += b.count
			end := across.at(nines(100 * float64(seen) / total))
			if i == len(c.buckets)-1 {
				end = across.at(math.Log10(total))
			}
			// A step where it can be seen, and no more points than can be told apart.
			if end-x < 0.7 && i < len(c.buckets)-1 {
				continue
			}
			y = up.at(float64(b.value))
			if end-x > 4 {
				p.to(x, y)
			}
			p.to(end, y)
			x = end
		}
		v.shape("line "+c.class, p.String(), "")
		if x < v.Right-1 && !v.Narrow { // fewer requests than the others: the curve ends before the edge
			v.text("lab halo "+c.class, min(x+5, v.Right-4), y+4, "start", c.name)
			continue
		}
		names = append(names, ending{c.class, c.name, y})
	}
	v.endings(names)
}

// posts draws each threshold where it counts: at its percentile, with a foot down to what is allowed.
func (v *view) posts(limits []limit, across, up scale) {
	for i, l := range limits {
		x := across.to
		if l.p < 100 {
			x = across.at(nines(l.p))
		}
		y := up.at(l.bound)
		var p pen
		p.to(max(x-26, v.Left), y)
		p.to(min(x+26, v.Right), y)
		p.lift()
		p.to(x, y)
		p.to(x, y+9)
		v.shape(l.class(), p.String(), l.said())
		anchor, at := "middle", x
		if x > v.Right-70 {
			anchor, at = "end", v.Right
		} else if x < v.Left+70 {
			anchor, at = "start", v.Left
		}
		v.text("limit halo", at, y-6-px(clashes(limits[:i], l, up))*14, anchor, l.sign()+l.text)
	}
}

// clashes counts thresholds that are labelled at nearly the same height already.
func clashes(before []limit, l limit, up scale) int {
	n := 0
	for _, b := range before {
		if math.Abs(float64(up.at(b.bound)-up.at(l.bound))) < 14 {
			n++
		}
	}
	return n
}

// curvePercentiles are the rows of the table of curves.
var curvePercentiles = []float64{0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100}

func curvesTable(title string, curves []curve) dataTable {
	t := dataTable{Caption: title, Head: []string{"percentile"}}
	var most uint64
	for _, c := range curves {
		t.Head = append(t.Head, c.name)
		most = max(most, c.total())
	}
	for _, p := range curvePercentiles {
		if p > 50 && p < 100 && (1-p/100)*float64(most) < 1 { // fewer requests than that
			continue
		}
		row := []string{strconv.FormatFloat(p, 'f', -1, 64) + " %"}
		for _, c := range curves {
			row = append(row, briefly(c.at(p)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
