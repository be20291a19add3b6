package loadprofiles

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/snapcert/snapcert/reports"
)

// Merge makes one report of all parts of a run, and evaluates thresholds once, over all of them. A part that is missing,
// there twice, late or of another plan is named and makes the run invalid. The run of a single machine is the merge of
// one part.
func Merge(parts []*Part) (*reports.Load, error) { return merge(parts, nil) }

// merge is Merge, with what is already known to be wrong with the set.
func merge(parts []*Part, wrong []string) (*reports.Load, error) {
	if len(parts) == 0 {
		return nil, errors.New("merge: there is nothing to merge")
	}
	parts = slices.Clone(parts)
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].Shard.Index < parts[j].Shard.Index })
	first := parts[0]
	profile, err := json.Marshal(first.Profile)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	load := &reports.Load{
		Schema: reports.LoadSchema, Tool: first.Tool, Run: first.Run, Target: first.Target, Profile: profile,
		Environment: first.Environment, RSA: first.RSA, Breakpoint: first.Breakpoint,
	}
	load.Run.Shards = nil
	used, invalid := sift(parts)
	invalid = append(wrong, invalid...)
	var incomplete []string
	for _, p := range used {
		if p.Shard.Count > 1 {
			shard := p.Shard
			shard.Environment = &p.Environment
			load.Run.Shards = append(load.Run.Shards, shard)
		}
		if p.Run.Started.Before(load.Run.Started) {
			load.Run.Started = p.Run.Started
		}
		if p.Run.Ended.After(load.Run.Ended) {
			load.Run.Ended = p.Run.Ended
		}
		load.Environment.CPUShare = max(load.Environment.CPUShare, p.Environment.CPUShare)
		load.Environment.MaxRSS = max(load.Environment.MaxRSS, p.Environment.MaxRSS)
		if !p.Run.Complete {
			load.Run.Complete = false
			incomplete = append(incomplete, named(p, p.Run.Interrupted))
			if load.Run.Interrupted == "" {
				load.Run.Interrupted = p.Run.Interrupted
				if p.Shard.Count > 1 { // that was the shard's fate, not the merge's
					load.Run.Interrupted = fmt.Sprintf("shard %d: %s", p.Shard.Index, p.Run.Interrupted)
				}
			}
		}
		if p.Shard.Count > 1 && p.Shard.Late > mostLateness {
			invalid = append(invalid, fmt.Sprintf("shard %d began %s late", p.Shard.Index, short(int64(p.Shard.Late))))
		}
	}
	stages, err := together(used)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	demands, err := demandsOf(first.Profile)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	for i, m := range stages {
		stage := m.render(demands)
		if m.stage != StageSigning {
			stage.Transport = first.Profile.Transport
		}
		for _, c := range stage.Validity {
			if c.Verdict == reports.Fail {
				invalid = append(invalid, "generator-limited in stage "+stage.Name+": "+c.Name+": "+c.Text)
			}
		}
		load.Stages = append(load.Stages, stage)
		if i == len(stages)-1 {
			load.Thresholds = m.thresholds(demands, stage.Validity)
		}
	}
	load.Reasons = append(incomplete, invalid...)
	load.Verdict = verdict(load, len(incomplete) > 0, len(invalid) > 0)
	return load, nil
}

func verdict(load *reports.Load, incomplete, invalid bool) reports.LoadVerdict {
	switch {
	case incomplete:
		return reports.LoadPartial
	case invalid:
		return reports.LoadInvalid
	case len(load.Thresholds) == 0:
		return reports.LoadUnjudged
	}
	for _, t := range load.Thresholds {
		if !t.Kept {
			return reports.LoadCrossed
		}
	}
	return reports.LoadKept
}

// sift keeps each shard of the plan once and says what is wrong with the set.
func sift(parts []*Part) (used []*Part, wrong []string) {
	plan, count := parts[0].Run.Plan, parts[0].Shard.Count
	seen := make(map[int]bool, count)
	for _, p := range parts {
		switch {
		case p.Run.Plan != plan || p.Shard.Count != count:
			wrong = append(wrong, fmt.Sprintf("shard %d of %d is of another plan", p.Shard.Index, p.Shard.Count))
			continue
		case seen[p.Shard.Index]:
			wrong = append(wrong, fmt.Sprintf("shard %d is there twice; one of the two was counted", p.Shard.Index))
			continue
		}
		seen[p.Shard.Index] = true
		used = append(used, p)
	}
	for i := range count {
		if !seen[i] {
			wrong = append(wrong, fmt.Sprintf("shard %d of %d is missing", i, count))
		}
	}
	return used, wrong
}

func named(p *Part, why string) string {
	if why == "" {
		why = "it did not end by itself"
	}
	if p.Shard.Count > 1 {
		return fmt.Sprintf("shard %d is incomplete: %s", p.Shard.Index, why)
	}
	return "incomplete: " + why
}

// together adds the shards' measures, stage by stage.
func together(parts []*Part) ([]*measures, error) {
	var stages []*measures
	for i, p := range parts {
		for k, m := range p.measured {
			if k >= len(stages) {
				empty := newMeasures(m.stage, m.subjects, m.length, m.charge)
				empty.own.started = m.own.started
				stages = append(stages, empty)
			}
			if sum := stages[k]; sum.stage != m.stage || !slices.Equal(sum.subjects, m.subjects) || sum.length != m.length {
				return nil, fmt.Errorf("stage %d of shard %d is another than that of the others", k+1, i)
			}
			stages[k].plus(m)
		}
	}
	return stages, nil
}

// plus adds another shard's measures of the same stage.
func (m *measures) plus(o *measures) {
	m.planned += o.planned
	m.sent += o.sent
	m.succeeded += o.succeeded
	m.lastSent = max(m.lastSent, o.lastSent)
	for name, h := range o.histograms {
		m.histograms[name].Merge(h)
	}
	for i, t := range o.endpoints {
		m.endpoints[i].plus(t)
	}
	for key, t := range o.codes {
		mine := m.codes[key]
		if mine == nil {
			mine = &tally{times: newCoarse(), success: t.success}
			m.codes[key] = mine
		}
		mine.plus(t)
	}
	for kind, f := range o.failures {
		mine := m.failures[kind]
		if mine == nil {
			mine = &reports.FailureCount{Kind: kind, Example: f.Example}
			m.failures[kind] = mine
		}
		mine.Count += f.Count
	}
	m.series.plus(o.series)
	d := &m.duplicates
	d.Pairs += o.duplicates.Pairs
	d.TakenOnce += o.duplicates.TakenOnce
	d.Twice += o.duplicates.Twice
	d.Never += o.duplicates.Never
	d.Unclear += o.duplicates.Unclear
	for n, a := range o.pending {
		m.half(n, a)
	}
	m.sampled = plusSampled(m.sampled, o.sampled)
	m.own.late = max(m.own.late, o.own.late)
	m.own.cut = m.own.cut || o.own.cut
	m.own.cpu = max(m.own.cpu, o.own.cpu)
	m.own.mostBusy += o.own.mostBusy
	m.own.workers += o.own.workers
	m.own.held += o.own.held
	m.own.dropped += o.own.dropped
	m.own.waited.Merge(o.own.waited)
}

func (t *tally) plus(o *tally) {
	t.count += o.count
	t.succeeded += o.succeeded
	t.times.Merge(o.times)
}

func (s *series) plus(o *series) {
	for i, v := range o.intervals {
		mine := s.intervals[i]
		mine.asked += v.asked
		mine.sent += v.sent
		mine.succeeded += v.succeeded
		mine.failed += v.failed
		if text := v.text(); text != "" {
			if mine.times == nil {
				s.unfold(i)
			}
			_ = decode(mine.times, text) // was read before
		}
		for code, n := range v.codes {
			mine.countCode(code, n)
		}
	}
}

func plusSampled(a, b *reports.Sampled) *reports.Sampled {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	found := map[string]*reports.SampleViolation{}
	for _, v := range slices.Concat(a.Violations, b.Violations) {
		if known := found[v.Rule]; known != nil {
			known.Count += v.Count
			continue
		}
		found[v.Rule] = &v
	}
	return &reports.Sampled{Judged: a.Judged + b.Judged, Violations: sortedViolations(found)}
}
