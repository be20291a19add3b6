package loadprofiles

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// shardedParts runs a profile as so many shards at once and reads their files back.
func shardedParts(t *testing.T, s *stand, p Profile, count int) []*Part {
	t.Helper()
	dir := t.TempDir()
	start := time.Now().Add(500 * time.Millisecond)
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			o := s.options(t, p)
			o.RunID, o.Shard = "run", ShardOptions{Index: i, Count: count, Start: start}
			part, err := RunPart(context.Background(), p, o)
			if err != nil {
				t.Error(err)
				return
			}
			if err := WritePart(filepath.Join(dir, string(rune('a'+i))), part); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var parts []*Part
	for i := range count {
		f, err := os.Open(filepath.Join(dir, string(rune('a'+i))))
		if err != nil {
			t.Fatal(err)
		}
		part, err := ReadPart(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	return parts
}

func TestShardsAreOneRun(t *testing.T) {
	t.Parallel()
	s := newStand(t, "paydia.account-creation")
	p := testProfile(t, "stages: [wire]\narrivals: poisson\nload: [{rate: 150/1s, for: 1s}]\nduplicates: 10%\nthresholds: [success >= 100%, p99 < 5s, schedule delay p99 < 1s]\n")
	parts := shardedParts(t, s, p, 3)
	load, err := Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := NewSchedule(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	all, _ := schedule.Count()
	stage := load.Stages[0]
	if load.Verdict != reports.LoadKept && !busy(load) || !kept(load) || stage.Planned != all || stage.Sent != all || s.requests.Load() != all {
		t.Errorf("verdict %s %v; planned %d, sent %d, the server saw %d, the schedule has %d", load.Verdict, load.Reasons, stage.Planned, stage.Sent, s.requests.Load(), all)
	}
	if len(s.ids) != int(all) {
		t.Errorf("%d external ids in %d requests", len(s.ids), all)
	}
	if d := stage.Duplicates; d == nil || d.Pairs == 0 || d.TakenOnce != d.Pairs || d.Pairs != s.duplicates.Load() {
		t.Errorf("duplicates over shards: %+v, and the server saw %d", d, s.duplicates.Load())
	}
	for i, part := range parts {
		if want := all / 3; part.Shard.Planned < want || part.Shard.Planned > want+1 {
			t.Errorf("shard %d sends %d of %d", i, part.Shard.Planned, all)
		}
	}

	t.Run("missing", func(t *testing.T) { invalidBecause(t, parts[:2], "shard 2 of 3 is missing") })
	t.Run("doubled", func(t *testing.T) {
		invalidBecause(t, []*Part{parts[0], parts[1], parts[2], parts[1]}, "shard 1 is there twice")
	})
	t.Run("late", func(t *testing.T) {
		late := *parts[1]
		late.Shard.Late = 3 * time.Second
		invalidBecause(t, []*Part{parts[0], &late, parts[2]}, "shard 1 began 3s late")
	})
	t.Run("another plan", func(t *testing.T) {
		other := *parts[2]
		other.Run.Plan = "0123"
		invalidBecause(t, []*Part{parts[0], parts[1], &other}, "shard 2 of 3 is of another plan")
	})
	t.Run("incomplete", func(t *testing.T) {
		cut := *parts[2]
		cut.Run.Complete, cut.Run.Interrupted = false, "interrupted: test"
		load, err := Merge([]*Part{parts[0], parts[1], &cut})
		if err != nil || load.Verdict != reports.LoadPartial {
			t.Errorf("%v, %v", load, err)
		}
	})
}

func invalidBecause(t *testing.T, parts []*Part, reason string) {
	t.Helper()
	load, err := Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	if load.Verdict != reports.LoadInvalid || !strings.Contains(strings.Join(load.Reasons, "\n"), reason) {
		t.Errorf("verdict %s because %q, want invalid because %s", load.Verdict, load.Reasons, reason)
	}
}

// The same requests, counted in one place or in three, give the same report to the last bit.
func TestMergeEqualsOneCount(t *testing.T) {
	t.Parallel()
	p := testProfile(t, "stages: [loopback]\nload: [{rate: 500/1s, for: 6s}]\nduplicates: 5%\nthresholds: [p99 < 1s]\n")
	schedule, err := NewSchedule(p, 3)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(index, count int) *Part {
		m := newMeasures(StageLoopback, []string{"a.b", "a.c"}, 6*time.Second, 10*time.Second)
		m.own.started = time.Unix(1_700_000_000, 0)
		tickets := schedule.Tickets()
		for ticket, ok := tickets.Next(); ok; ticket, ok = tickets.Next() {
			if ticket.N%uint64(count) != uint64(index) {
				continue
			}
			m.planned++
			m.series.at(ticket.Due).asked++
			m.add(syntheticSlot(ticket), 0)
		}
		part := &Part{Schema: PartSchema, Profile: p, Run: reports.LoadRun{Plan: "plan", Complete: true}, Shard: reports.Shard{Index: index, Count: count}}
		part.take(m)
		return written(t, part)
	}
	one, err := Merge([]*Part{fill(0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	three, err := Merge([]*Part{fill(2, 3), fill(0, 3), fill(1, 3)})
	if err != nil {
		t.Fatal(err)
	}
	three.Run.Shards = nil
	a, b := encoded(t, one), encoded(t, three)
	if !bytes.Equal(a, b) {
		t.Errorf("one count:\n%.2000s\nthree shards:\n%.2000s", a, b)
	}
}

func syntheticSlot(ticket Ticket) *slot {
	x := fraction(9, ticket.N)
	s := &slot{ticket: ticket, subject: int(ticket.N % 2), called: true, status: 200, hasCode: true, outcome: succeeded}
	copy(s.code[:], "2000600")
	if ticket.Duplicate {
		s.outcome, s.status = refusedDuplicate, 409
		copy(s.code[:], "4090601")
	}
	if x > 0.995 {
		s.outcome, s.failure, s.detail = unanswered, "timeout", "late"
	}
	s.entered = int64(ticket.Due) + int64(1e5*x)
	s.signed = s.entered + 2000
	s.conn = s.signed + 1000
	s.wrote, s.first = s.conn+5000, s.conn+int64(1e7*x*x)+10000
	s.ended = s.first + 3000
	return s
}

// written is a part as another process reads it.
func written(t *testing.T, p *Part) *Part {
	t.Helper()
	path := filepath.Join(t.TempDir(), "part.json")
	if err := WritePart(path, p); err != nil {
		t.Fatal(err)
	}
	if err := WritePart(path, p); err == nil {
		t.Error("a shard was written over another one")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	again, err := ReadPart(f)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func encoded(t *testing.T, l *reports.Load) []byte {
	t.Helper()
	data, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
