package reports

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// px is a position or length in a drawing. It is printed with one decimal, and never as anything but a number.
type px float64

// String is how the position stands in the drawing.
func (p px) String() string {
	if math.IsNaN(float64(p)) || math.IsInf(float64(p), 0) {
		return "0"
	}
	return strings.TrimSuffix(strconv.FormatFloat(math.Round(float64(p)*10)/10, 'f', 1, 64), ".0")
}

// scale maps values to positions, in proportion or by their logarithm.
type scale struct {
	least, most float64
	log         bool
	from, to    px
}

func (s scale) at(v float64) px {
	least, most := s.least, s.most
	if s.log {
		least, most, v = math.Log(least), math.Log(most), math.Log(max(v, s.least))
	}
	if !(most > least) || math.IsNaN(v) {
		return s.from
	}
	share := min(max((v-least)/(most-least), 0), 1)
	return s.from + px(share)*(s.to-s.from)
}

// mark is a labelled place on an axis.
type mark struct {
	At   px
	Text string
}

// wideSpread is the ratio of largest to smallest from which a scale in proportion would flatten most of what it shows.
const wideSpread = 40

// latencyScale covers durations from least to most, given in nanoseconds, ending on round values. It is logarithmic when
// they are far apart.
func latencyScale(least, most float64, from, to px) scale {
	if !(most > 0) {
		return scale{most: 1e6, from: from, to: to}
	}
	if !(least > 0) || most/least <= wideSpread {
		step := niceStep(most, 5)
		return scale{most: math.Ceil(most/step-1e-9) * step, from: from, to: to}
	}
	return scale{least: roundLog(least, false), most: roundLog(most, true), log: true, from: from, to: to}
}

// roundLog moves a value to 1, 2 or 5 times a power of ten: the next one up, or down.
func roundLog(v float64, up bool) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	best := decade
	for _, m := range []float64{1, 2, 5, 10} {
		switch {
		case up && m*decade >= v*(1-1e-9):
			return m * decade
		case !up && m*decade <= v*(1+1e-9):
			best = m * decade
		}
	}
	return best
}

// niceStep divides a range into about n steps of 1, 2 or 5 times a power of ten.
func niceStep(span float64, n int) float64 {
	raw := span / float64(n)
	decade := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*decade >= raw*(1-1e-9) {
			return m * decade
		}
	}
	return 10 * decade
}

// latencyMarks labels a scale of nanoseconds.
func (s scale) latencyMarks() []mark {
	var marks []mark
	for _, v := range s.ticks() {
		marks = append(marks, mark{s.at(v), roundly(v)})
	}
	return marks
}

// numberMarks labels a scale of plain numbers.
func (s scale) numberMarks() []mark {
	var marks []mark
	for _, v := range s.ticks() {
		marks = append(marks, mark{s.at(v), strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return marks
}

// ticks are the round values of a scale: powers of ten, with 2 and 5 of them where there is room, or equal steps.
func (s scale) ticks() []float64 {
	var out []float64
	if !s.log {
		step := niceStep(s.most-s.least, 5)
		for i := 0; float64(i)*step <= s.most*(1+1e-9) && i < 20; i++ {
			// A sum of steps would show what binary fractions cannot hold.
			v, err := strconv.ParseFloat(strconv.FormatFloat(float64(i)*step, 'g', 12, 64), 64)
			if err == nil {
				out = append(out, v)
			}
		}
		return out
	}
	parts := []float64{1}
	if math.Log10(s.most/s.least) < 2.5 {
		parts = []float64{1, 2, 5}
	}
	for decade := math.Pow(10, math.Floor(math.Log10(s.least)+1e-9)); decade <= s.most*(1+1e-9); decade *= 10 {
		for _, p := range parts {
			if v := p * decade; v >= s.least*(1-1e-9) && v <= s.most*(1+1e-9) {
				out = append(out, v)
			}
		}
	}
	return out
}

// roundly writes nanoseconds that are a round number, in the unit that needs the fewest digits.
func roundly(ns float64) string {
	unit, name := 1.0, " ns"
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e3, " µs"}, {1e6, " ms"}, {1e9, " s"}} {
		if ns >= u.ns*(1-1e-9) {
			unit, name = u.ns, u.name
		}
	}
	if ns == 0 {
		return "0"
	}
	return strconv.FormatFloat(ns/unit, 'g', 4, 64) + name
}

// timeSteps are the distances between the labels of a time axis, in seconds.
var timeSteps = []int{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400}

// timeMarks labels an axis of seconds with about n labels.
func (s scale) timeMarks(n int) []mark {
	step := timeSteps[len(timeSteps)-1]
	for _, t := range timeSteps {
		if int(s.most)/t <= n {
			step = t
			break
		}
	}
	var marks []mark
	for at := 0; at <= int(s.most) && len(marks) < 60; at += step {
		marks = append(marks, mark{s.at(float64(at)), clock(at, step)})
	}
	return marks
}

// clock writes seconds from the start, no finer than the step needs.
func clock(at, step int) string {
	switch {
	case at == 0:
		return "0"
	case step%3600 == 0:
		return strconv.Itoa(at/3600) + " h"
	case step%60 == 0:
		return strconv.Itoa(at/60) + " min"
	}
	return strconv.Itoa(at) + " s"
}

// clockOf writes an instant of a run for a reader: "95 s", "12 min 5 s".
func clockOf(at int) string {
	if at < 120 {
		return strconv.Itoa(at) + " s"
	}
	d := time.Duration(at) * time.Second
	if at%60 == 0 {
		return strconv.Itoa(int(d.Minutes())) + " min"
	}
	return strconv.Itoa(int(d.Minutes())) + " min " + strconv.Itoa(at%60) + " s"
}
