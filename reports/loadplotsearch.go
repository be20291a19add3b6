package reports

import (
	"fmt"
	"slices"
	"strconv"
)

// searchFigure draws the trials of a search for the highest rate, in the order in which they were made.
func searchFigure(b *Breakpoint) *figure {
	if b == nil || len(b.Trials) == 0 {
		return nil
	}
	most := b.Rate
	for _, t := range b.Trials {
		most = max(most, t.Rate)
	}
	f := &figure{
		ID: "search", Title: "Search for the highest rate",
		Caption: "● thresholds kept   ✕ crossed   ◇ the generator was the limit, so the trial says nothing of the target",
		Desc:    b.Confidence,
	}
	f.Table = dataTable{Caption: f.Title, Head: []string{"trial", "rate, a second", "thresholds", "why"}}
	for i, t := range b.Trials {
		f.Table.Rows = append(f.Table.Rows, []string{strconv.Itoa(i + 1), rateText(t.Rate), trialWord(t), cut(visible(t.Reason, false), 300)})
	}
	f.both(func(narrow bool) *view {
		v := plane(f.ID, narrow, 260, 112)
		step := niceStep(max(most, 1)*1.05, 4)
		up := scale{from: v.Bottom, to: v.Top}
		for up.most < most*1.05 {
			up.most += step
		}
		across := scale{least: 0.5, most: float64(len(b.Trials)) + 0.5, from: v.Left, to: v.Right}
		v.Up, v.UpName, v.AcrossName = up.numberMarks(), "requests a second", "trial"
		every := 1 + len(b.Trials)/12
		for i := 0; i < len(b.Trials); i += every {
			v.Across = append(v.Across, mark{across.at(float64(i + 1)), strconv.Itoa(i + 1)})
		}
		v.searchLines(b, up)
		for i, t := range b.Trials {
			v.trial(t, across.at(float64(i+1)), up.at(t.Rate))
		}
		return v
	})
	return f
}

func trialWord(t BreakpointTrial) string {
	switch {
	case !t.Valid:
		return "not judged"
	case t.Kept:
		return "kept"
	}
	return "crossed"
}

// searchLines draws what was found and what bounds it.
func (v *view) searchLines(b *Breakpoint, up scale) {
	var names []ending
	draw := func(class, text string, rate float64) {
		if rate <= 0 || rate > up.most {
			return
		}
		var p pen
		p.to(v.Left, up.at(rate))
		p.to(v.Right, up.at(rate))
		v.shape("line "+class, p.String(), text+": "+rateText(rate)+" a second")
		names = append(names, ending{class, text, up.at(rate)})
	}
	draw("s1", "kept: "+rateText(b.Rate), b.Rate)
	draw("s3 dots", "crossed: "+rateText(b.Broken), b.Broken)
	stages := make([]string, 0, len(b.Ceilings))
	for stage := range b.Ceilings {
		stages = append(stages, stage)
	}
	slices.Sort(stages)
	for _, stage := range stages[:min(len(stages), 4)] {
		draw("s4 fine", cut(visible(stage, false), 9)+" could "+rateText(b.Ceilings[stage]), b.Ceilings[stage])
	}
	v.endings(names)
}

func (v *view) trial(t BreakpointTrial, x, y px) {
	const r = 5
	var p pen
	tip := fmt.Sprintf("%s a second: %s", rateText(t.Rate), trialWord(t))
	switch {
	case !t.Valid:
		p.to(x, y-r-1)
		p.to(x+r+1, y)
		p.to(x, y+r+1)
		p.to(x-r-1, y)
		v.shape("trial open", p.String()+"Z", tip)
	case t.Kept:
		left, right := (x-r).String()+" "+y.String(), (x+r).String()+" "+y.String()
		v.shape("trial kept", "M"+left+"A5 5 0 1 1 "+right+"A5 5 0 1 1 "+left+"Z", tip)
	default:
		p.to(x-r, y-r)
		p.to(x+r, y+r)
		p.lift()
		p.to(x-r, y+r)
		p.to(x+r, y-r)
		v.shape("trial crossed", p.String(), tip)
	}
}
