package loadprofiles

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// Search finds the highest arrival rate that keeps a breakpoint profile's thresholds: first what the generator itself can
// send, then doubling, then bisection, then repeats of both ends of what is left. The report's stage is that of the
// highest rate that was kept.
func Search(ctx context.Context, p Profile, o Options) (*reports.Load, error) {
	if p.Breakpoint == nil {
		return nil, errors.New("the profile has no breakpoint to search")
	}
	if err := o.check(p); err != nil {
		return nil, err
	}
	if o.Shard.Count > 1 {
		return nil, errors.New("a breakpoint is searched by one generator: its trials depend on each other")
	}
	s, err := newSearch(p, o)
	if err != nil {
		return nil, err
	}
	if err := s.ceilings(ctx); err != nil {
		return nil, err
	}
	err = s.climb(ctx)
	if errors.Is(err, errSpent) { // an end, and no error
		s.exceeded, err = errSpent.Error(), nil
	}
	if err != nil {
		return nil, err
	}
	return s.report(ctx)
}

// search is a breakpoint search on its way.
type search struct {
	profile  Profile
	options  Options
	stage    string // the one nearest to the target
	length   time.Duration
	from     float64
	ceiling  float64
	within   float64
	began    time.Time
	sent     uint64
	trials   int
	limit    float64 // what the generator can send, at most ceiling
	found    reports.Breakpoint
	kept     map[float64]*Part // the newest trial of each rate that was kept
	worst    *Part             // when none was
	exceeded string
}

func newSearch(p Profile, o Options) (*search, error) {
	b := p.Breakpoint
	s := &search{profile: p, options: o, stage: p.Stages[len(p.Stages)-1], began: time.Now(), kept: map[float64]*Part{}, found: reports.Breakpoint{Ceilings: map[string]float64{}}}
	var errs [4]error
	s.from, errs[0] = b.From.PerSecond()
	s.ceiling, errs[1] = b.Ceiling.PerSecond()
	s.length, errs[2] = b.For.Length()
	s.within, errs[3] = b.Within.Share()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if s.from <= 0 || s.ceiling < s.from || s.length <= 0 || s.within <= 0 { // flags can make a checked profile wrong
		return nil, errors.New("breakpoint: want from above 0, a ceiling not below it, a time and a width above 0")
	}
	return s, nil
}

// send runs one trial.
func (s *search) send(ctx context.Context, stage string, rate float64, length time.Duration) (*Part, error) {
	s.trials++
	trial := s.trials
	p, o := s.profile, s.options
	text := PerSecond(rate)
	p.Breakpoint, p.Stages = nil, []string{stage}
	p.WarmUp = &Step{Rate: text, For: Duration((min(length/10, 2*time.Second)).String())}
	p.Load = []Step{{Rate: text, For: Duration(length.String())}}
	o.RunID = fmt.Sprintf("%s/trial-%d", o.RunID, s.trials)
	if progress := o.Progress; progress != nil {
		o.Progress = func(now Progress) {
			now.Trial = fmt.Sprintf("trial %d, %.0f/s", trial, rate)
			progress(now)
		}
	}
	o.Results, o.patience = nil, length
	if stage != StageWire {
		o.MaxTotal = 0
	} else if o.MaxTotal > 0 {
		if o.MaxTotal <= s.sent {
			return nil, errSpent
		}
		o.MaxTotal -= s.sent
		if need := uint64(rate * (length.Seconds() + length.Seconds()/10)); need > o.MaxTotal {
			return nil, errSpent
		}
	}
	part, err := RunPart(ctx, p, o)
	if err == nil && stage == StageWire {
		s.sent += uint64(rate*length.Seconds()/10) + part.Shard.Sent
	}
	return part, err
}

var errSpent = errors.New("the requests allowed are used up")

// try judges a rate on the target. A trial that the generator limited is tried once more before it counts as such.
func (s *search) try(ctx context.Context, rate float64) (reports.BreakpointTrial, error) {
	trial := reports.BreakpointTrial{Rate: rate}
	for range 2 {
		part, err := s.send(ctx, s.stage, rate, s.length)
		if err != nil {
			return trial, err
		}
		load, err := Merge([]*Part{part})
		if err != nil {
			return trial, err
		}
		aborted := part.measured[0].own.aborted
		trial.Valid = load.Verdict != reports.LoadInvalid
		trial.Kept = load.Verdict == reports.LoadKept
		trial.Reason = why(load)
		if aborted != "" { // so much failed that no more was sent: the target's answer
			trial.Valid, trial.Reason = true, aborted
		}
		if trial.Kept {
			s.kept[rate] = part
		} else {
			s.worst = part
		}
		if trial.Valid || over(ctx) {
			break
		}
	}
	s.found.Trials = append(s.found.Trials, trial)
	return trial, nil
}

func why(l *reports.Load) string {
	if len(l.Reasons) > 0 {
		return l.Reasons[0]
	}
	var list []string
	for _, t := range l.Thresholds {
		if !t.Kept {
			list = append(list, t.Text+": "+t.Actual)
		}
	}
	return strings.Join(list, "; ")
}

// rounds is how often the search narrows the bracket anew after a repeat showed that its lower end is not always kept.
const rounds = 3

// climb doubles, bisects and repeats. Nothing above the limit is tried. What was found so far is in s.found at any time.
func (s *search) climb(ctx context.Context) error {
	for rate := s.from; s.limit > 0 && s.found.Broken == 0; rate = min(2*rate, s.limit) {
		if more, err := s.step(ctx, rate); err != nil || !more {
			return err
		}
		if rate >= s.limit {
			break
		}
	}
	for round := 0; ; round++ {
		for s.found.Rate > 0 && s.found.Broken > 0 && s.found.Broken/s.found.Rate-1 > s.within {
			if more, err := s.step(ctx, (s.found.Rate+s.found.Broken)/2); err != nil || !more {
				return err
			}
		}
		lowered, err := s.repeat(ctx)
		if err != nil || over(ctx) {
			return err
		}
		if !lowered || round == rounds {
			return s.repeatBroken(ctx)
		}
	}
}

// step tries a rate between the ends and moves one of them there.
func (s *search) step(ctx context.Context, rate float64) (more bool, err error) {
	trial, err := s.try(ctx, rate)
	if err != nil || over(ctx) {
		return false, err
	}
	if trial.Kept {
		s.found.Rate = rate
	} else {
		s.found.Broken = rate
	}
	return true, nil
}

// repeat tries the lower end as often as the profile wants. A rate that is not kept every time is not the answer; it
// becomes the upper end, and the next lower one that was kept is repeated in its place.
func (s *search) repeat(ctx context.Context) (lowered bool, err error) {
	for s.found.Rate > 0 && s.count(s.found.Rate, true) < s.profile.Breakpoint.Repeats {
		trial, err := s.try(ctx, s.found.Rate)
		if err != nil || over(ctx) {
			return lowered, err
		}
		if !trial.Kept {
			s.found.Broken, s.found.Rate = s.found.Rate, s.below(s.found.Rate)
			lowered = true
		}
	}
	return lowered, nil
}

// repeatBroken tries the upper end as often, until it is kept once.
func (s *search) repeatBroken(ctx context.Context) error {
	broken := s.found.Broken
	for broken > 0 && s.count(broken, false) < s.profile.Breakpoint.Repeats && s.count(broken, true) == 0 {
		if _, err := s.try(ctx, broken); err != nil || over(ctx) {
			return err
		}
	}
	return nil
}

// below is the highest rate under this one that was never broken.
func (s *search) below(rate float64) float64 {
	best := 0.0
	for _, t := range s.found.Trials {
		if t.Kept && t.Rate < rate && s.count(t.Rate, false) == 0 {
			best = max(best, t.Rate)
		}
	}
	return best
}

func (s *search) count(rate float64, kept bool) int {
	n := 0
	for _, t := range s.found.Trials {
		if t.Rate == rate && t.Kept == kept {
			n++
		}
	}
	return n
}

// conclude says who set the limit, and how sure that is. It was the target when it broke the thresholds in a valid trial
// of the lowest rate that was not kept; else the generator, or what the profile and the user allow.
func (s *search) conclude() {
	s.found.LimitedBy = limitedByGenerator
	for _, t := range s.found.Trials {
		if t.Rate == s.found.Broken && t.Valid && !t.Kept {
			s.found.LimitedBy = limitedByTarget
		}
	}
	if s.found.Broken == 0 && (s.limit == s.ceiling || s.exceeded != "") {
		s.found.LimitedBy = limitedByProfile
	}
	s.found.Confidence = s.confidence()
}

// Who set the limit that a search ended at.
const (
	limitedByTarget    = "target"
	limitedByGenerator = "generator"
	limitedByProfile   = "ceiling"
)
