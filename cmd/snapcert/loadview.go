package main

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/snapcert/snapcert/loadprofiles"
)

// loadView shows a load run while it goes on: a bar a stage with its figures below it on a terminal, else a plain line
// every few seconds, else nothing. Both methods are called from one goroutine.
type loadView interface {
	show(loadprofiles.Progress)
	stop()
}

func (a *app) loadView(off bool) loadView {
	switch {
	case off || a.quiet:
		return silentLoad{}
	case a.bars():
		return &loadBars{pool: mpb.New(mpb.WithOutput(a.err), mpb.WithWidth(32), mpb.WithRefreshRate(150*time.Millisecond))}
	}
	return &loadLines{w: a.err}
}

type silentLoad struct{}

func (silentLoad) show(loadprofiles.Progress) {}
func (silentLoad) stop()                      {}

// loadLines says a line when a stage begins, every few seconds, and when it ends.
type loadLines struct {
	w     io.Writer
	last  time.Time
	stage string
	now   loadprofiles.Progress
	told  bool // the newest state
}

func (v *loadLines) show(p loadprofiles.Progress) {
	key := titleOf(p)
	if key != v.stage {
		v.stop()
		v.stage, v.last = key, time.Time{}
	}
	v.now, v.told = p, false
	if time.Since(v.last) >= lineEvery {
		v.tell()
	}
}

func (v *loadLines) tell() {
	v.last, v.told = time.Now(), true
	_, _ = fmt.Fprintf(v.w, "%s: %d of %d sent, %s left; %s\n", v.stage, v.now.Sent, v.now.Planned, // progress is worth no failure
		v.now.Left.Round(time.Second), strings.Join(figuresOf(v.now), "; "))
}

func (v *loadLines) stop() {
	if v.stage != "" && !v.told {
		v.tell()
	}
}

func titleOf(p loadprofiles.Progress) string {
	if p.Trial != "" {
		return p.Stage + " " + p.Trial
	}
	return p.Stage
}

// figuresOf is the state in at most three lines.
func figuresOf(p loadprofiles.Progress) []string {
	if p.Elapsed < 0 {
		return []string{fmt.Sprintf("waiting %s for the start", (-p.Elapsed).Round(time.Second))}
	}
	if p.WarmingUp {
		return []string{fmt.Sprintf("warming up, %.0f/s", p.Achieved)}
	}
	var codes []string
	for i, c := range p.Codes {
		if i == 4 {
			codes = append(codes, "…")
			break
		}
		code := c.Code
		if code == "" {
			code = fmt.Sprintf("no code (HTTP %d)", c.Status)
		}
		codes = append(codes, fmt.Sprintf("%s × %d", code, c.Count))
	}
	lines := []string{
		fmt.Sprintf("rate %.0f/s asked, %.0f/s achieved, %d under way", p.Asked, p.Achieved, p.UnderWay),
		fmt.Sprintf("p50 %s, p99 %s, schedule delay p99 %s", rounded(p.P50), rounded(p.P99), rounded(p.ScheduleDelayP99)),
	}
	if p.Failed > 0 {
		codes = append([]string{fmt.Sprintf("%d without a right answer", p.Failed)}, codes...)
	}
	if len(codes) > 0 {
		lines = append(lines, strings.Join(codes, ", "))
	}
	return lines
}

// rounded keeps three digits or so.
func rounded(d time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
	return d
}

type loadBars struct {
	pool    *mpb.Progress
	bar     *mpb.Bar
	key     string
	figures atomic.Pointer[[]string]
	left    atomic.Int64
}

func (v *loadBars) show(p loadprofiles.Progress) {
	if key := titleOf(p); key != v.key {
		v.finish()
		v.key = key
		v.bar = v.pool.AddBar(int64(p.Planned), mpb.PrependDecorators(decor.Name(key, decor.WCSyncSpaceR), decor.CountersNoUnit("%d of %d", decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
				if s.Completed || s.Aborted {
					return ""
				}
				return " " + time.Duration(v.left.Load()).Round(time.Second).String() + " left"
			})),
			mpb.BarBtmExtender(v.line(0), v.line(1), v.line(2)),
		)
	}
	lines := figuresOf(p)
	v.figures.Store(&lines)
	v.left.Store(int64(p.Left))
	v.bar.SetCurrent(int64(p.Sent))
}

// line draws one of the lines of figures below the bar; mpb wants each line to come from a filler of its own.
func (v *loadBars) line(i int) mpb.BarFiller {
	return mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		lines := v.figures.Load()
		if lines == nil || i >= len(*lines) || s.Completed || s.Aborted {
			return nil
		}
		line := (*lines)[i]
		if runes := []rune(line); len(runes)+4 > s.AvailableWidth && s.AvailableWidth > 8 {
			line = string(runes[:s.AvailableWidth-5]) + "…"
		}
		_, err := fmt.Fprintf(w, "    %s\n", line)
		return err
	})
}

// finish completes the bar at hand, or it would wait for ever.
func (v *loadBars) finish() {
	if v.bar != nil && !v.bar.Completed() {
		v.bar.SetTotal(-1, true)
	}
	v.bar = nil
}

func (v *loadBars) stop() {
	v.finish()
	v.pool.Wait()
}
