package loadprofiles

import (
	"strconv"
	"time"
)

// Scaled is the profile with another peak rate, in requests per second, and another length of the measured part; what is
// 0 stays. The shape stays too: every step keeps its share of the peak and of the length. The warm-up is slowed down with
// the peak, but never sped up, and it is never longer than a length asked for.
func (p Profile) Scaled(peak float64, length time.Duration) (Profile, error) {
	was, err := NewSchedule(Profile{Load: p.Load}, 0)
	if err != nil {
		return p, err
	}
	faster, longer := 1.0, 1.0
	if peak > 0 {
		faster = peak / was.Peak()
	}
	if length > 0 {
		longer = length.Seconds() / was.Length().Seconds()
	}
	load := make([]Step, 0, len(p.Load))
	for _, step := range p.Load {
		s, err := step.times(faster, longer)
		if err != nil {
			return p, err
		}
		load = append(load, s)
	}
	p.Load = load
	if p.WarmUp == nil {
		return p, nil
	}
	warm, err := p.WarmUp.times(min(faster, 1), 1)
	if err != nil {
		return p, err
	}
	if was, err := warm.For.Length(); err == nil && length > 0 && was > length {
		warm.For = Duration(length.String())
	}
	p.WarmUp = &warm
	return p, nil
}

// times is the step with its rates and its length multiplied.
func (s Step) times(faster, longer float64) (Step, error) {
	for _, r := range []*Rate{&s.Rate, &s.From, &s.To} {
		v, err := r.PerSecond()
		if err != nil {
			return s, err
		}
		if *r != "" && faster != 1 {
			*r = PerSecond(v * faster)
		}
	}
	d, err := s.For.Length()
	if err != nil {
		return s, err
	}
	if longer != 1 {
		s.For = Duration(max(time.Duration(float64(d)*longer).Round(time.Millisecond), time.Millisecond).String())
	}
	return s, nil
}

// PerSecond writes a number of requests per second as a rate.
func PerSecond(v float64) Rate {
	return Rate(strconv.FormatFloat(v, 'f', -1, 64) + "/1s")
}
