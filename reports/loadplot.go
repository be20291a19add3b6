package reports

import (
	"fmt"
	"time"
)

// stagePlots draws one stage of a load run.
type stagePlots struct {
	load   *Load
	stage  *LoadStage
	series []Second // as far as it is sound
	prefix string   // of the ids of its figures; not the stage's name, which comes from a file
}

func plotsOf(l *Load, i int) *stagePlots {
	s := &l.Stages[i]
	series := sound(s.Series)
	if n := len(series); n > 0 { // the last interval may reach beyond the end, and its rates would seem to drop
		last := &series[n-1]
		if left := int((s.Duration + time.Second - 1) / time.Second); left > last.At {
			last.Width = min(last.Width, left-last.At)
		}
	}
	return &stagePlots{load: l, stage: s, series: series, prefix: fmt.Sprintf("stage%d", i+1)}
}

func (s *stagePlots) id(name string) string { return s.prefix + "-" + name }

// figures are the plots of the stage, without those that have nothing to show.
func (s *stagePlots) figures() []*figure {
	var list []*figure
	for _, f := range []*figure{s.latencyOverTime(), s.byPercentile(), s.rates(), s.codesOverTime(), s.split(), s.parts()} {
		if f != nil {
			list = append(list, f)
		}
	}
	return list
}
