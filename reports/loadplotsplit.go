package reports

import (
	"fmt"
	"strings"
	"time"
)

// splitNames are the rows of the split: the five distributions, then what the request path holds.
var splitNames = []struct {
	name   string
	within bool // part of the row of the request path
}{
	{ScheduleDelay, false}, {Signing, false}, {ConnectionWait, false}, {RequestPath, false}, {ResponseTime, false},
	{Connect, true}, {TLSHandshake, true}, {FirstByte, true}, {BodyRead, true},
}

// splitRow is one distribution of the split.
type splitRow struct {
	d      Distribution
	within bool
}

// label is how a row is called.
func (r splitRow) label() string {
	if r.within {
		return "└ " + r.d.Name
	}
	return r.d.Name
}

// split draws the distributions below each other on one axis.
func (s *stagePlots) split() *figure {
	var rows []splitRow
	least, most := 0.0, 0.0
	for _, n := range splitNames {
		d, ok := s.stage.Distribution(n.name)
		if !ok {
			continue
		}
		rows = append(rows, splitRow{d, n.within})
		// The fastest of all is often no time at all, and would take the room of all the others.
		middle, _ := d.At(50)
		low := max(float64(d.Min), float64(middle)/20, 1)
		if least == 0 || low < least {
			least = low
		}
		most = max(most, float64(d.Max))
	}
	if most == 0 {
		return nil
	}
	f := &figure{
		ID: s.id("split"), Title: "Where the time goes",
		Caption: "Fine line: fastest to slowest. Bar: p50 to p99. Stroke through the bar: p90. Rows with └ are parts of the request path; connect and TLS are of new connections only.",
	}
	var parts []string
	f.Table = dataTable{Caption: f.Title, Head: []string{"", "count", "mean", "p50", "p90", "p99", "p99.9", "max"}}
	for _, r := range rows {
		parts = append(parts, fmt.Sprintf("%s p50 %s, p99 %s", r.d.Name, percentile(r.d, 50), percentile(r.d, 99)))
		cells := []string{r.label(), number(r.d.Count), briefly(r.d.Mean)}
		for _, p := range shownPercentiles {
			cells = append(cells, percentile(r.d, p))
		}
		f.Table.Rows = append(f.Table.Rows, cells)
	}
	f.Desc = strings.Join(parts, "; ") + "."
	f.both(func(narrow bool) *view {
		const high, highNarrow = 27, 42
		v := plane(f.ID, narrow, 0, 200)
		each := px(high)
		if narrow {
			each = highNarrow
			v.Left, v.Right = 12, v.W-24
		} else {
			v.Left = 150
		}
		v.Bottom = v.Top + each*px(len(rows)) + 4
		v.H = v.Bottom + 44
		across := scale{least: roundLog(least, false), most: roundLog(most, true), log: true, from: v.Left, to: v.Right}
		v.Across, v.AcrossName, v.Grid = spaced(across.latencyMarks(), 46), "time, logarithmic", true
		for i, r := range rows {
			v.splitRow(r, v.Top+each*px(i), each, across)
		}
		return v
	})
	return f
}

// splitRow draws one distribution: its name left of it, or over it in a narrow plot.
func (v *view) splitRow(r splitRow, top, each px, across scale) {
	middle := top + each/2
	text := "p50 " + percentile(r.d, 50) + " · p99 " + percentile(r.d, 99)
	if v.Narrow {
		middle = top + 29
		v.text("row halo", v.Left, top+16, "start", r.label())
		v.text("value halo", v.Right, top+16, "end", text)
	} else {
		v.text("row", v.Left-10, middle+4, "end", r.label())
		v.text("value", v.Right+12, middle+4, "start", text)
	}
	at := func(p float64) px {
		value, ok := r.d.At(p)
		if !ok {
			value = r.d.Max
		}
		return across.at(float64(value))
	}
	var whole, bar, stroke pen
	whole.to(across.at(float64(r.d.Min)), middle)
	whole.to(across.at(float64(r.d.Max)), middle)
	bar.box(at(50), middle-5, max(at(99), at(50)+2), middle+5)
	stroke.to(at(90), middle-8)
	stroke.to(at(90), middle+8)
	tip := fmt.Sprintf("%s: p50 %s, p90 %s, p99 %s, max %s", r.d.Name, percentile(r.d, 50), percentile(r.d, 90), percentile(r.d, 99), briefly(r.d.Max))
	class := "bar"
	switch {
	case r.within:
		class = "bar part"
	case r.d.Name == ResponseTime:
		class = "bar total"
	}
	v.shape("whisker", whole.String(), tip)
	v.shape(class, bar.String(), tip)
	v.shape("ninety", stroke.String(), tip)
}

// meanPart is one part of the mean response time.
type meanPart struct {
	name, class string
	mean        float64
}

// parts draws what the mean response time is made of: unlike percentiles, means add up.
func (s *stagePlots) parts() *figure {
	mean := func(name string) float64 {
		d, _ := s.stage.Distribution(name)
		return float64(max(d.Mean, 0))
	}
	wait := min(mean(ConnectionWait), mean(RequestPath))
	list := []meanPart{{ScheduleDelay, "m1", mean(ScheduleDelay)}, {Signing, "m2", mean(Signing)}, {ConnectionWait, "m3", wait}, {"rest of the request path", "m4", mean(RequestPath) - wait}}
	sum := 0.0
	for _, p := range list {
		sum += p.mean
	}
	if sum == 0 {
		return nil
	}
	if more := mean(ResponseTime) - sum; more > sum*0.02 {
		list = append(list, meanPart{"charged to requests without a right answer", "m5", more})
		sum += more
	}
	f := &figure{ID: s.id("mean"), Title: "What the mean response time is made of", Caption: "Schedule delay is the generator's own; signing and connection wait are paid before anything is sent."}
	f.Table = dataTable{Caption: f.Title, Head: []string{"", "mean", "share"}}
	var said []string
	for _, p := range list {
		row := []string{p.name, briefly(time.Duration(p.mean)), shareText(p.mean / sum)}
		f.Table.Rows = append(f.Table.Rows, row)
		said = append(said, p.name+" "+row[2])
	}
	f.Desc = "Of " + briefly(time.Duration(sum)) + " on average: " + strings.Join(said, ", ") + "."
	f.both(func(narrow bool) *view {
		v := plane(f.ID, narrow, 0, 24)
		v.Left, v.Top = 24, 10
		if narrow {
			v.Left, v.Right = 12, v.W-12
		}
		v.Bottom = v.Top + 30
		across := scale{most: sum, from: v.Left, to: v.Right}
		from, x, y := 0.0, v.Left, v.Bottom+24
		for i, p := range list {
			var bar pen
			bar.box(across.at(from), v.Top, across.at(from+p.mean), v.Bottom)
			row := f.Table.Rows[i]
			v.shape("mean "+p.class, bar.String(), row[0]+": "+row[1]+", "+row[2])
			if wide := across.at(from+p.mean) - across.at(from); wide > 46 {
				v.text("inside", across.at(from)+wide/2, v.Top+20, "middle", row[2])
			}
			from += p.mean
			text := row[0] + "  " + row[1] + "  (" + row[2] + ")"
			if room := px(len([]rune(text)))*6.4 + 36; x > v.Left && x+room > v.Right {
				x, y = v.Left, y+20
			}
			var swatch pen
			swatch.box(x, y-9, x+10, y+1)
			v.shape("mean "+p.class, swatch.String(), "")
			v.text("key", x+16, y, "start", text)
			x += px(len([]rune(text)))*6.4 + 36
		}
		v.H = y + 10
		v.Bare = true
		return v
	})
	return f
}

// shareText is a share of a whole that never rounds a part to nothing.
func shareText(share float64) string {
	switch {
	case share <= 0:
		return "0 %"
	case share < 0.001:
		return "< 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// spaced leaves out marks that stand closer to the one before them than their labels have room.
func spaced(marks []mark, apart px) []mark {
	var kept []mark
	for _, m := range marks {
		if len(kept) == 0 || m.At-kept[len(kept)-1].At >= apart {
			kept = append(kept, m)
		}
	}
	return kept
}
