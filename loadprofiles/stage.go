package loadprofiles

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// stage is one stage on its way: a schedule sent once through one transport.
type stage struct {
	name      string
	profile   Profile
	schedule  *Schedule
	options   *Options
	subjects  []*subject
	weights   []int // of the subjects in the mix
	transport http.RoundTripper
	timeout   time.Duration
	start     time.Time // zero: at once
	at, of    int       // for progress
	trial     string
	results   *resultWriter

	measures *measures
	cpu      cpuMeter
}

// errAborted is the cause with which a run that fails too much is ended.
type errAborted struct{ text string }

func (e *errAborted) Error() string { return e.text }

// ready makes the subjects ready, gets the first tokens, and lays out what is measured.
func (st *stage) ready(ctx context.Context, site Site, lane string) error {
	names := make([]string, 0, len(site.Subjects))
	for _, s := range site.Subjects {
		made, err := newSubject(s, lane)
		if err != nil {
			return err
		}
		if t, ok := st.transport.(*Transport); ok && t.fast != nil {
			if made.links, err = t.fast.to(s.Base); err != nil {
				return fmt.Errorf("%s: %w", made.name, err)
			}
		}
		if s.Masker == nil {
			return fmt.Errorf("%s: there is no masker", made.name)
		}
		if s.Tokens != nil {
			if _, err := s.Tokens.Token(ctx); err != nil {
				return fmt.Errorf("%w: access token of %s: %w", ErrUnreachable, made.name, err)
			}
		}
		st.subjects = append(st.subjects, made)
		names = append(names, made.name)
	}
	var err error
	if st.weights, err = weights(st.profile.Mix, st.subjects); err != nil {
		return err
	}
	if st.timeout, err = st.profile.Timeout.Length(); err != nil {
		return err
	}
	m := newMeasures(st.name, names, st.schedule.total-st.schedule.measured, st.timeout)
	tickets := st.schedule.Tickets()
	for {
		t, ok := tickets.Next()
		if !ok {
			break
		}
		if t.Measured && t.N%uint64(st.options.Shard.Count) == uint64(st.options.Shard.Index) {
			m.planned++
			if v := m.series.at(t.Due - st.schedule.measured); v != nil {
				v.asked++
			}
		}
	}
	st.measures = m
	return nil
}

// weights are those of a profile's mix for the subjects; all alike when it names none.
func weights(mix []Weight, subjects []*subject) ([]int, error) {
	list := make([]int, len(subjects))
	for i := range list {
		if len(mix) == 0 {
			list[i] = 1
		}
	}
	for _, part := range mix {
		i := slices.IndexFunc(subjects, func(s *subject) bool { return s.name == part.Endpoint })
		if i < 0 {
			return nil, fmt.Errorf("mix: %s is not among the endpoints under load", part.Endpoint)
		}
		list[i] = part.Weight
	}
	return list, nil
}

// run sends the stage. When ctx ends, nothing more is sent, and what is under way has the options' grace to finish.
func (st *stage) run(ctx context.Context) (*measures, error) {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	m := st.measures
	began := time.Now()
	if !st.start.IsZero() {
		m.own.late = max(0, time.Since(st.start))
		if wait := time.Until(st.start); wait > 0 {
			began = began.Add(wait)
		}
	}
	m.own.started = began.Add(st.schedule.measured)
	ring := newRing(st.profile.Workers.Most, began)
	watch := &watchdog{ring: ring, timeout: st.timeout}
	sample, err := st.profile.Sample.Share()
	if err != nil {
		return nil, err
	}
	if st.transport == nil {
		sample = 0 // there are no answers
	}
	sampler := newSampler(sample, st.options.Seed, st.options.Judge)
	sampler.began = began
	trip := &tripper{
		ring: ring, subjects: st.subjects, transport: st.transport, hard: hard, watch: watch, sample: sampler,
		reply: &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody},
	}
	workers := uint64(st.profile.Workers.Most)
	m.own.workers = st.profile.Workers.Most
	pace := &pacer{
		ctx: ctx, schedule: st.schedule, tickets: st.schedule.Tickets(), ring: ring, mix: newMix(st.subjects, st.weights, st.options.Seed),
		index: st.options.Shard.Index, count: st.options.Shard.Count,
		sleeper:  sleeper{precise: st.schedule.Peak()/float64(st.options.Shard.Count) <= preciseBelow},
		measured: func() { st.cpu.begin() },
		full:     func() bool { return trip.busy.Load() >= int64(workers) },
		patience: st.timeout,
		governor: newGovernor(st.options.MaxRate / float64(st.options.Shard.Count)),
	}
	if st.options.patience > 0 {
		pace.patience = st.options.patience
	}
	var dialed sync.Mutex
	if t, ok := st.transport.(*Transport); ok {
		t.dials.listen(st.noteDials(&dialed, ring))
		defer t.dials.listen(nil)
	}
	if st.options.Shard.Count > 1 && (st.name == StageLoopback || st.options.Target.Embedded) {
		pace.mix.guarding = nil // every shard has a stand-in of its own, which does not see the other half of a pair
	}
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: trip}), vegeta.Workers(uint64(st.profile.Workers.Start)), vegeta.MaxWorkers(workers),
	)
	stopped := context.AfterFunc(ctx, func() {
		attacker.Stop()
		time.AfterFunc(st.options.Grace, kill)
	})
	defer stopped()
	watching, unwatch := context.WithCancel(hard)
	defer unwatch()
	go watch.run(watching)

	c := &collector{stage: st, m: m, ring: ring, pace: pace, trip: trip, sampler: sampler, abort: abort}
	c.drain(attacker.Attack(constantTarget, pace, 0, ""))
	st.cpu.end()
	dialed.Lock()
	defer dialed.Unlock()
	m.sampled = sampler.finish()
	m.own.cpu, m.own.mostBusy, m.own.held = st.cpu.share(), trip.most.Load(), pace.held.Load()
	if st.results != nil {
		m.own.dropped = st.results.dropped.Load()
	}
	m.own.cut = ctx.Err() != nil
	var aborted *errAborted
	if errors.As(context.Cause(ctx), &aborted) {
		m.own.aborted = aborted.text
	}
	return m, nil
}

// noteDials counts new connections of the measured part.
func (st *stage) noteDials(mu *sync.Mutex, r *ring) func(connect, handshake time.Duration) {
	return func(connect, handshake time.Duration) {
		if r.since() < int64(st.schedule.measured) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		record(st.measures.histograms[connectName], int64(connect))
		if handshake > 0 {
			record(st.measures.histograms[tlsName], int64(handshake))
		}
	}
}

// constantTarget is the same for every hit: the request that goes out is made in the tripper.
func constantTarget(t *vegeta.Target) error {
	t.Method, t.URL = http.MethodGet, "http://under.load/"
	return nil
}
