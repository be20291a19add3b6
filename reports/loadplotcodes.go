package reports

import (
	"fmt"
	"slices"
	"strings"
)

// mostCodes is how many codes the plot tells apart; the rest are one.
const mostCodes = 6

// codeLayer is one code's part of the stack.
type codeLayer struct {
	code, class string
	total       uint64
	good        bool
}

// codesOverTime stacks the response codes, what is wrong below what is right, so that a few errors stand on the axis.
func (s *stagePlots) codesOverTime() *figure {
	layers, total := s.layers()
	if len(layers) == 0 {
		return nil
	}
	f := &figure{ID: s.id("codes"), Title: "Response codes over time", Caption: "Answers a second, stacked: what is wrong at the bottom. The strokes under the axis mark every interval with a wrong answer or none."}
	var parts []string
	for _, l := range layers {
		parts = append(parts, l.code+" "+percentText(l.total, total))
	}
	f.Desc = strings.Join(parts, ", ") + "."
	f.both(func(narrow bool) *view {
		v := plane(f.ID, narrow, 270, 168)
		if narrow {
			v.H += 18 * px(len(layers))
		}
		series := thin(s.series, points(narrow))
		across := scale{most: float64(end(s.series)), from: v.Left, to: v.Right}
		up := countScale(series, []timeLine{{of: func(one Second) float64 { return one.perSecond(sumCodes(one)) }}}, v)
		v.timeAxes(across, up.numberMarks(), "answers a second")
		v.stack(series, layers, across, up)
		v.strokes(series, layers, across)
		v.key(layers, total)
		return v
	})
	head := make([]string, 0, len(layers))
	for _, l := range layers {
		head = append(head, l.code)
	}
	named := namedCodes(layers)
	f.Table = s.table("Response codes over time", head, func(one Second) []string {
		cells := make([]string, 0, len(layers))
		for _, l := range layers {
			cells = append(cells, number(countOf(one, l, named)))
		}
		return cells
	})
	return f
}

// layers orders the codes of the stage from the bottom of the stack: wrong ones first, the most frequent lowest.
func (s *stagePlots) layers() (list []codeLayer, total uint64) {
	counts := map[string]uint64{}
	for _, one := range s.series {
		for code, n := range one.Codes {
			counts[code] += n
			total += n
		}
	}
	right := map[string]bool{}
	for _, c := range s.stage.Codes {
		right[c.Code] = right[c.Code] || c.Success
	}
	for code, n := range counts {
		list = append(list, codeLayer{code: code, total: n, good: right[code]})
	}
	byCount := func(a, b codeLayer) int {
		switch {
		case a.total > b.total:
			return -1
		case a.total < b.total:
			return 1
		}
		return strings.Compare(a.code, b.code)
	}
	slices.SortFunc(list, byCount)
	if len(list) > mostCodes {
		rest := codeLayer{code: restOfCodes}
		for _, l := range list[mostCodes-1:] {
			rest.total += l.total
		}
		list = append(list[:mostCodes-1], rest)
	}
	slices.SortStableFunc(list, func(a, b codeLayer) int {
		switch {
		case a.good == b.good:
			return 0
		case a.good:
			return 1
		}
		return -1
	})
	good, bad := 0, 0
	for i := range list {
		if list[i].good {
			list[i].class = fmt.Sprintf("g%d", good%mostCodes+1)
			good++
		} else {
			list[i].class = fmt.Sprintf("b%d", bad%mostCodes+1)
			bad++
		}
	}
	return list, total
}

const restOfCodes = "all others"

func namedCodes(layers []codeLayer) map[string]bool {
	named := map[string]bool{}
	for _, l := range layers {
		named[l.code] = true
	}
	return named
}

// countOf is a layer's count in an interval.
func countOf(one Second, l codeLayer, named map[string]bool) uint64 {
	if l.code != restOfCodes {
		return one.Codes[l.code]
	}
	n := one.Codes[restOfCodes]
	for code, m := range one.Codes {
		if !named[code] {
			n += m
		}
	}
	return n
}

func sumCodes(one Second) uint64 {
	var n uint64
	for _, m := range one.Codes {
		n += m
	}
	return n
}

// stack draws the layers as steps, since each interval is a count.
func (v *view) stack(series []Second, layers []codeLayer, across, up scale) {
	named := namedCodes(layers)
	floor := make([]float64, len(series))
	for _, l := range layers {
		var p pen
		ceiling := make([]float64, len(series))
		seen := false
		for i, one := range series {
			n := countOf(one, l, named)
			seen = seen || n > 0
			ceiling[i] = floor[i] + one.perSecond(n)
		}
		if seen {
			for i, one := range series {
				p.to(across.at(float64(one.At)), up.at(ceiling[i]))
				p.to(across.at(float64(one.At+one.Width)), up.at(ceiling[i]))
			}
			for i := len(series) - 1; i >= 0; i-- {
				p.to(across.at(float64(series[i].At+series[i].Width)), up.at(floor[i]))
				p.to(across.at(float64(series[i].At)), up.at(floor[i]))
			}
			v.shape("area "+l.class, p.String()+"Z", l.code)
		}
		floor = ceiling
	}
}

// strokes marks the intervals with wrong answers under the axis: one in ten thousand would not show in the stack.
func (v *view) strokes(series []Second, layers []codeLayer, across scale) {
	named := namedCodes(layers)
	var p pen
	for _, one := range series {
		for _, l := range layers {
			if !l.good && countOf(one, l, named) > 0 {
				x := across.at(float64(one.At) + float64(one.Width)/2)
				p.lift()
				p.to(x, v.Bottom+2)
				p.to(x, v.Bottom+7)
				break
			}
		}
	}
	v.shape("strokes", p.String(), "intervals with a wrong answer or none")
}

// key names the layers in the order in which they are stacked, right of the plot or, in a narrow one, under it.
func (v *view) key(layers []codeLayer, total uint64) {
	x, y := v.Right+14, v.Top+10
	if v.Narrow {
		x, y = v.Left, v.Bottom+56
	}
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		var p pen
		p.box(x, y-9, x+10, y+1)
		v.shape("area "+l.class, p.String(), "")
		v.text("key", x+16, y, "start", cut(visible(l.code, false), 12)+"  "+percentText(l.total, total))
		y += 18
	}
}

// percentText is a share that never rounds a rare thing to none, or nearly all to all.
func percentText(n, of uint64) string {
	share := 100 * float64(n) / float64(max(1, of))
	switch {
	case n == 0:
		return "0 %"
	case n == of:
		return "100 %"
	case share < 0.01:
		return "< 0.01 %"
	case share > 99.99:
		return "> 99.99 %"
	case share < 1 || share > 99:
		return fmt.Sprintf("%.2f %%", share)
	}
	return fmt.Sprintf("%.1f %%", share)
}
