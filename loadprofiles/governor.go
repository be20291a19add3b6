package loadprofiles

import "time"

// governor keeps a run that has fallen behind from catching up faster than is allowed: beyond one second's worth of
// requests, which random arrivals need, it lets them go at the highest rate and no faster. What it holds back shows as
// schedule delay.
type governor struct {
	each time.Duration // between requests at the highest rate; 0 for no limit
	next time.Duration // when the next request would be due if all had gone at that rate
}

func newGovernor(perSecond float64) governor {
	if perSecond <= 0 {
		return governor{}
	}
	return governor{each: time.Duration(float64(time.Second) / perSecond)}
}

// release is the earliest instant for a request that could go now, and counts it.
func (g *governor) release(now time.Duration) time.Duration {
	if g.each == 0 {
		return now
	}
	g.next = max(g.next, now) + g.each
	return max(now, g.next-time.Second)
}
