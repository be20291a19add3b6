package loadprofiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// Run sends a profile's stages, one after the other, and reports. A run that was interrupted or that the generator
// limited is reported as such and is no error; an error means that there is nothing to report.
func Run(ctx context.Context, p Profile, o Options) (*reports.Load, error) {
	part, err := RunPart(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return Merge([]*Part{part})
}

// RunPart is Run, up to what one generator measured: what a shard writes down.
func RunPart(ctx context.Context, p Profile, o Options) (*Part, error) {
	if err := o.check(p); err != nil {
		return nil, err
	}
	if p.Breakpoint != nil {
		return nil, errors.New("a breakpoint profile is searched, not run")
	}
	plan, err := planDigest(p, o)
	if err != nil {
		return nil, err
	}
	part := &Part{
		Schema: PartSchema, Tool: o.Tool, Target: o.Target, Profile: p, Environment: environment(),
		Run:   reports.LoadRun{ID: o.RunID, Seed: o.Seed, Plan: plan, Started: time.Now(), Complete: true, Repeat: o.Repeat, Command: o.Command},
		Shard: reports.Shard{Index: o.Shard.Index, Count: o.Shard.Count, Host: o.Shard.Host},
	}
	stages, err := layOut(ctx, p, &o)
	if err != nil {
		return nil, err
	}
	if o.Results != nil {
		w := newResultWriter(o.Results)
		for _, st := range stages {
			st.results = w
		}
		defer func() {
			if err := w.close(); err != nil {
				part.Run.Complete, part.Run.Interrupted = false, fmt.Sprintf("the result file could not be written: %v", err)
			}
		}()
	}
	for _, st := range stages {
		m, err := st.run(ctx)
		if err != nil {
			return nil, err
		}
		part.take(m)
		if st.name == StageSigning {
			part.RSA = measureRSA(ctx, o.Sites[StageSigning])
		}
		if m.own.aborted != "" || ctx.Err() != nil {
			part.Run.Complete, part.Run.Interrupted = false, m.own.aborted
			if m.own.aborted == "" {
				part.Run.Interrupted = "interrupted: " + context.Cause(ctx).Error()
			}
			break
		}
	}
	part.Run.Ended = time.Now()
	part.Environment.LoadAfter, part.Environment.MaxRSS = loadAverage(), residentMost()
	return part, nil
}

func (p *Part) take(m *measures) {
	p.measured = append(p.measured, m)
	p.Shard.Planned += m.planned
	p.Shard.Sent += m.sent
	p.Shard.Late = max(p.Shard.Late, m.own.late)
	p.Environment.CPUShare = max(p.Environment.CPUShare, m.own.cpu)
}

// layOut makes every stage ready before the first one begins, so that nothing is found wrong halfway.
func layOut(ctx context.Context, p Profile, o *Options) ([]*stage, error) {
	schedule, err := NewSchedule(p, o.Seed)
	if err != nil {
		return nil, err
	}
	timeout, err := p.Timeout.Length()
	if err != nil {
		return nil, err
	}
	var stages []*stage
	start := o.Shard.Start
	for i, name := range p.Stages {
		site := o.Sites[name]
		st := &stage{name: name, profile: p, schedule: schedule, options: o, transport: site.Transport, at: i + 1, of: len(p.Stages)}
		if name == StageSigning {
			st.transport = nil
		}
		if !start.IsZero() {
			st.start = start
			// Every shard begins a stage at the same instant, when the last answer to a late request of the one before is over.
			start = start.Add(schedule.Length() + 2*timeout + 2*time.Second)
		}
		if err := st.ready(ctx, site, fmt.Sprintf("%s/%d/%s", o.RunID, o.Repeat, name)); err != nil {
			return nil, err
		}
		stages = append(stages, st)
	}
	if o.MaxTotal > 0 && slices.Contains(p.Stages, StageWire) {
		if all, _ := schedule.Count(); all > o.MaxTotal {
			return nil, fmt.Errorf("the profile sends %d requests to the target, and %d are allowed", all, o.MaxTotal)
		}
	}
	return stages, nil
}

// planDigest covers everything that shards of one run must agree on.
func planDigest(p Profile, o Options) (string, error) {
	type part struct{ Stage, Endpoint, Contract, Base string }
	var parts []part
	for _, stage := range p.Stages {
		for _, s := range o.Sites[stage].Subjects {
			base := ""
			if stage == StageWire && !o.Target.Embedded { // a stand-in has another port in every process
				base = s.Base.String()
			}
			parts = append(parts, part{stage, s.Endpoint.Name(), s.Endpoint.Provider.Digest, base})
		}
	}
	data, err := json.Marshal(struct {
		Profile Profile
		Seed    int64
		RunID   string
		Repeat  int
		Count   int
		Start   string
		Parts   []part
	}{p, o.Seed, o.RunID, o.Repeat, o.Shard.Count, o.Shard.Start.UTC().Format(time.RFC3339Nano), parts})
	if err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
