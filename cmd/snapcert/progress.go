package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far a run is: one bar a stage on a terminal, else one plain line every few seconds, else nothing.
// It is safe for concurrent use.
type progress interface {
	// at says that done of total are done in a stage, and which endpoint is at work.
	at(stage string, done, total int, endpoint string)
	// stop ends it; nothing is written after.
	stop()
}

// lineEvery is how often a plain line says that the run is alive.
const lineEvery = 5 * time.Second

func (a *app) progress(off bool) progress {
	switch {
	case off || a.quiet:
		return silent{}
	case a.bars():
		return &barProgress{pool: mpb.New(mpb.WithOutput(a.err), mpb.WithWidth(64), mpb.WithRefreshRate(120*time.Millisecond)), stages: map[string]*stageBar{}}
	}
	return &lineProgress{w: a.err, now: time.Now, last: time.Now()}
}

type silent struct{}

func (silent) at(string, int, int, string) {}
func (silent) stop()                       {}

// lineProgress is for logs.
type lineProgress struct {
	mu    sync.Mutex
	w     io.Writer
	now   func() time.Time
	last  time.Time
	ended bool
}

func (p *lineProgress) at(stage string, done, total int, endpoint string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.now().Sub(p.last) < lineEvery {
		return
	}
	p.last = p.now()
	_, _ = fmt.Fprintf(p.w, "%s %d of %d, at %s\n", stage, done, total, endpoint) // progress is worth no failure
}

func (p *lineProgress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}

// barProgress is for eyes.
type barProgress struct {
	mu     sync.Mutex
	pool   *mpb.Progress
	stages map[string]*stageBar
	ended  bool
}

// stageBar's endpoint is read by the drawing goroutine while at holds the lock and waits for it.
type stageBar struct {
	bar      *mpb.Bar
	endpoint atomic.Value
}

func (p *barProgress) at(stage string, done, total int, endpoint string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	s := p.stages[stage]
	if s == nil {
		s = &stageBar{}
		s.endpoint.Store(endpoint)
		s.bar = p.pool.AddBar(int64(total),
			mpb.PrependDecorators(decor.Name(stage, decor.WCSyncSpaceR), decor.CountersNoUnit("%d of %d", decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf(" %v", s.endpoint.Load()) })),
		)
		p.stages[stage] = s
	}
	s.endpoint.Store(endpoint)
	s.bar.SetTotal(int64(total), false)
	s.bar.SetCurrent(int64(done))
	if done >= total {
		s.bar.SetTotal(int64(total), true)
	}
}

// stop completes what is still open, or Wait would block for ever.
func (p *barProgress) stop() {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return
	}
	p.ended = true
	bars := make([]*mpb.Bar, 0, len(p.stages))
	for _, s := range p.stages {
		bars = append(bars, s.bar)
	}
	p.mu.Unlock()
	for _, bar := range bars {
		if !bar.Completed() {
			bar.Abort(false)
		}
	}
	p.pool.Wait()
}
