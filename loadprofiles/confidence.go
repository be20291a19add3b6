package loadprofiles

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// confidence says in words what the trials amount to.
func (s *search) confidence() string {
	b := s.found
	switch {
	case b.Rate > 0:
	case s.limit == 0:
		return fmt.Sprintf("This machine cannot even send %.4g a second to itself, so nothing was asked of the target.", s.from)
	case len(b.Trials) == 0:
		return "Nothing was tried."
	case b.LimitedBy == limitedByGenerator:
		return fmt.Sprintf("The generator could not even keep %.4g a second going, so nothing is known of the target.", b.Broken)
	default:
		return fmt.Sprintf("Not even %.4g a second kept the thresholds.", b.Broken)
	}
	keptTimes, brokenTimes, keptAbove := s.count(b.Rate, true), s.count(b.Broken, false), s.count(b.Broken, true)
	text := fmt.Sprintf("%.4g a second kept the thresholds in %s", b.Rate, times(keptTimes))
	if keptTimes > 1 {
		text += fmt.Sprintf(": a rate that breaks them every other time would do so once in %.0f searches", math.Pow(2, float64(keptTimes)))
	} else {
		text += ", which may be luck"
	}
	switch {
	case s.exceeded != "":
		return text + "; higher rates were not tried because " + s.exceeded + "."
	case b.LimitedBy == limitedByProfile:
		return text + fmt.Sprintf("; the profile's ceiling of %.4g a second ended the search, so the target may take more.", s.ceiling)
	case b.LimitedBy == limitedByGenerator:
		return text + "; the generator, not the target, was the limit above it, so the target may take more."
	case keptAbove > 0:
		return text + fmt.Sprintf("; %.4g a second broke them %s and kept them %s, so the limit is not sharp.", b.Broken, times(brokenTimes), times(keptAbove))
	}
	return text + fmt.Sprintf("; %.4g a second broke them %s. The limit lies between the two.", b.Broken, times(brokenTimes))
}

func times(n int) string {
	if n == 1 {
		return "1 trial"
	}
	return fmt.Sprintf("%d of %d trials", n, n)
}

// report is that of the best trial, with the search around it.
func (s *search) report(ctx context.Context) (*reports.Load, error) {
	if ctx.Err() != nil && s.exceeded == "" {
		s.exceeded = "the search was interrupted"
	}
	s.conclude()
	part := s.kept[s.found.Rate]
	if part == nil {
		part = s.worst
	}
	if part == nil {
		return nil, errors.Join(errors.New("interrupted before a trial was over"), ctx.Err())
	}
	shown := *part
	shown.Profile, shown.Breakpoint = s.profile, &s.found
	shown.Run.ID, shown.Run.Started, shown.Run.Ended = s.options.RunID, s.began, time.Now()
	shown.Run.Complete, shown.Run.Interrupted = true, ""
	if ctx.Err() != nil {
		shown.Run.Complete, shown.Run.Interrupted = false, "interrupted: "+context.Cause(ctx).Error()
	}
	load, err := Merge([]*Part{&shown})
	if err != nil {
		return nil, err
	}
	if s.found.LimitedBy == limitedByGenerator && load.Verdict == reports.LoadKept {
		load.Verdict = reports.LoadInvalid
		load.Reasons = append(load.Reasons, "generator-limited: the generator, not the target, ended the search")
	}
	return load, nil
}
