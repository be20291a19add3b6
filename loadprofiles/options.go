package loadprofiles

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// Site is where a stage sends: the endpoints with their credentials, and the way there.
type Site struct {
	Subjects  []Subject
	Transport http.RoundTripper // usually a [Transport]; the signing stage needs none
}

// Options is everything about a run that is not in its profile.
type Options struct {
	Sites    map[string]Site // by stage name
	Seed     int64           // of random arrivals, the mix and the samples
	RunID    string          // goes into every unique value; made from the time when empty
	Judge    Judge           // of sampled answers; nil to judge none
	Progress func(Progress)  // called twice a second, from one goroutine
	Results  io.Writer       // takes every measured request in vegeta's own format; nil for none
	Target   reports.Target
	Tool     reports.Tool
	Command  string
	Repeat   int // which of several equal runs this is, from 1
	Shard    ShardOptions
	Grace    time.Duration // how long an interrupted stage waits for its requests; 5 s when zero
	MaxTotal uint64        // requests, warm-up included, that may go to the target; 0 for no limit
	MaxRate  float64       // requests a second, of all shards together, that a run which catches up keeps to; 0 for no limit

	patience time.Duration // how long after the end of the schedule late requests are still sent; the timeout when zero
}

// ShardOptions makes a run one of several generators' parts. All get the same profile, seed, run id and start.
type ShardOptions struct {
	Index, Count int       // Count 0 is the whole run
	Start        time.Time // of the first stage
	Host         string    // as told in the report
}

// Progress is how a stage is doing, for a live view.
type Progress struct {
	Stage             string
	Stages, Of        int // this is stage number Stages of Of
	Elapsed, Left     time.Duration
	Planned, Sent     uint64 // of the measured part
	WarmingUp         bool
	Asked, Achieved   float64 // requests per second, asked now and achieved over the last seconds
	P50, P99          time.Duration
	ScheduleDelayP99  time.Duration
	Succeeded, Failed uint64
	Codes             []reports.CodeCount // most frequent first
	UnderWay          int64
	Trial             string // of a breakpoint search: "trial 5, 160/s"
}

// ErrUnreachable means that a run could not begin: no token, or nothing to send.
var ErrUnreachable = errors.New("the run could not begin")

func (o *Options) check(p Profile) error {
	for _, stage := range p.Stages {
		site, ok := o.Sites[stage]
		if !ok || len(site.Subjects) == 0 {
			return fmt.Errorf("stage %s: there is nothing to send to", stage)
		}
		if site.Transport == nil && stage != StageSigning {
			return fmt.Errorf("stage %s: there is no transport", stage)
		}
	}
	s := &o.Shard
	if s.Count == 0 {
		s.Count = 1
	}
	if s.Index < 0 || s.Index >= s.Count {
		return fmt.Errorf("shard %d of %d: want an index from 0 to %d", s.Index, s.Count, s.Count-1)
	}
	if s.Count > 1 && (s.Start.IsZero() || o.RunID == "") {
		return errors.New("shards need one run id and one start for all of them")
	}
	if o.RunID == "" {
		o.RunID = fmt.Sprintf("%x", time.Now().UnixNano())
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	return nil
}
