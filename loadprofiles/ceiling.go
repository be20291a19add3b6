package loadprofiles

import (
	"context"
	"slices"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// ceilingTrial is how long the generator's own ceiling is tried.
const ceilingTrial = time.Second

// finer is how often the gap between a rate that the generator could send and one that it could not is halved.
const finer = 2

// ceilings finds what the generator itself can send, on signing alone and on the stand-in: the search claims no more.
func (s *search) ceilings(ctx context.Context) error {
	demands, err := demandsOf(s.profile)
	if err != nil {
		return err
	}
	s.limit = s.ceiling
	for _, stage := range []string{StageSigning, StageLoopback} {
		if _, ok := s.options.Sites[stage]; !ok || stage == s.stage {
			continue
		}
		if s.limit, err = s.own(ctx, stage, demands); err != nil || over(ctx) || s.limit == 0 {
			return err
		}
	}
	return nil
}

// over reports whether the search was interrupted, which is an end and no error: it reports what it found.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// own is the highest rate up to the limit so far that the generator can send through a stage: the limit is halved until
// it keeps up, then the gap is narrowed. It is 0 when not even the rate that the search begins with can be sent.
func (s *search) own(ctx context.Context, stage string, demands []demand) (float64, error) {
	able, unable := 0.0, 0.0
	for rate := s.limit; able == 0 && !over(ctx); rate = max(rate/2, s.from) {
		ok, err := s.keepsUp(ctx, stage, rate, demands)
		switch {
		case err != nil:
			return 0, err
		case ok:
			able = rate
		case rate <= s.from:
			s.found.Ceilings[stage] = 0
			return 0, nil
		default:
			unable = rate
		}
	}
	for step := 0; step < finer && unable > 0 && !over(ctx); step++ {
		rate := (able + unable) / 2
		ok, err := s.keepsUp(ctx, stage, rate, demands)
		if err != nil {
			return 0, err
		}
		if ok {
			able = rate
		} else {
			unable = rate
		}
	}
	s.found.Ceilings[stage] = able
	return able, nil
}

// keepsUp tries twice before it says no: one hiccup of the machine is no ceiling.
func (s *search) keepsUp(ctx context.Context, stage string, rate float64, demands []demand) (bool, error) {
	for range 2 {
		part, err := s.send(ctx, stage, rate, min(ceilingTrial, s.length))
		if err != nil {
			return false, err
		}
		s.worst = part // what there is to show when nothing can be asked of the target
		if over(ctx) {
			break
		}
		if valid(part, demands) {
			return true, nil
		}
	}
	return false, nil
}

func valid(p *Part, demands []demand) bool {
	return !slices.ContainsFunc(p.measured, func(m *measures) bool {
		return slices.ContainsFunc(m.validity(demands), func(c reports.Check) bool { return c.Verdict == reports.Fail })
	})
}
