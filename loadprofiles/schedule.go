package loadprofiles

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Schedule is when each ticket of a run is due, fixed before the run starts: ticket n of a schedule with the same
// profile and seed is due at the same instant on every machine. Offsets count from the start of the stage.
type Schedule struct {
	segments []segment
	measured time.Duration // offset at which the counted part begins
	total    time.Duration
	poisson  bool
	share    float64 // of deliberate duplicates
	seed     uint64
}

// segment is a stretch with a rate that runs in a straight line from r0 to r1, in requests per second.
type segment struct {
	start, length float64 // seconds
	r0, r1        float64
	before        float64 // expected arrivals before it
}

func (s segment) arrivals(t float64) float64 {
	if s.length == 0 {
		return 0
	}
	return s.r0*t + (s.r1-s.r0)*t*t/(2*s.length)
}

// Ticket is one arrival.
type Ticket struct {
	N         uint64
	Due       time.Duration
	Measured  bool // not warm-up
	Paired    bool // ticket N+1 is its duplicate
	Duplicate bool // repeats the reference of ticket N-1, at the same instant
}

// NewSchedule lays out the warm-up and the load of a profile.
func NewSchedule(p Profile, seed int64) (*Schedule, error) {
	s := &Schedule{poisson: p.Arrivals == "poisson", seed: uint64(seed)}
	var err error
	if s.share, err = p.Duplicates.Share(); err != nil {
		return nil, err
	}
	if p.WarmUp != nil {
		if err := s.add(*p.WarmUp); err != nil {
			return nil, fmt.Errorf("warm-up: %w", err)
		}
	}
	s.measured = s.total
	for i, step := range p.Load {
		if err := s.add(step); err != nil {
			return nil, fmt.Errorf("load[%d]: %w", i, err)
		}
	}
	if s.Peak() == 0 || s.total == s.measured {
		return nil, errors.New("load: nothing to send: every step has length 0, or rate 0")
	}
	return s, nil
}

func (s *Schedule) add(step Step) error {
	length, err := step.For.Length()
	if err != nil {
		return err
	}
	var from, to float64
	if step.Rate != "" {
		if from, err = step.Rate.PerSecond(); err != nil {
			return err
		}
		to = from
	} else {
		if from, err = step.From.PerSecond(); err != nil {
			return err
		}
		if to, err = step.To.PerSecond(); err != nil {
			return err
		}
	}
	if step.Steps > 1 {
		each := length / time.Duration(step.Steps)
		for i := range step.Steps {
			rate := from + (to-from)*float64(i)/float64(step.Steps-1)
			s.append(each, rate, rate)
		}
		return nil
	}
	s.append(length, from, to)
	return nil
}

func (s *Schedule) append(length time.Duration, r0, r1 float64) {
	seg := segment{start: s.total.Seconds(), length: length.Seconds(), r0: r0, r1: r1}
	if n := len(s.segments); n > 0 {
		last := s.segments[n-1]
		seg.before = last.before + last.arrivals(last.length)
	}
	s.segments = append(s.segments, seg)
	s.total += length
}

// Length is the whole schedule, warm-up included.
func (s *Schedule) Length() time.Duration { return s.total }

// WarmUp is the part that is not counted.
func (s *Schedule) WarmUp() time.Duration { return s.measured }

// Rate is the rate asked for at an offset, in requests per second.
func (s *Schedule) Rate(at time.Duration) float64 {
	t := at.Seconds()
	for _, seg := range s.segments {
		if t < seg.start+seg.length {
			return seg.r0 + (seg.r1-seg.r0)*(t-seg.start)/seg.length
		}
	}
	return 0
}

// Peak is the highest rate of the schedule.
func (s *Schedule) Peak() float64 {
	most := 0.0
	for _, seg := range s.segments {
		most = max(most, seg.r0, seg.r1)
	}
	return most
}

// due inverts the expected number of arrivals: the offset in seconds by which x of them are expected.
func (s *Schedule) due(from int, x float64) (seconds float64, segment int, ok bool) {
	for i := from; i < len(s.segments); i++ {
		seg := s.segments[i]
		rest := x - seg.before
		if rest < 0 {
			rest = 0
		}
		if rest >= seg.arrivals(seg.length) {
			continue
		}
		if rest == 0 {
			return seg.start, i, true // where the rate is still 0 the forms below divide by it
		}
		slope := (seg.r1 - seg.r0) / seg.length
		if math.Abs(slope) < 1e-12 {
			return seg.start + rest/seg.r0, i, true
		}
		// r0·t + slope·t²/2 = rest, in the form that does not cancel when slope is small
		return seg.start + 2*rest/(seg.r0+math.Sqrt(seg.r0*seg.r0+2*slope*rest)), i, true
	}
	return 0, len(s.segments), false
}

// Tickets walks the schedule from its first ticket.
func (s *Schedule) Tickets() *Tickets {
	return &Tickets{s: s, gaps: rand.New(rand.NewPCG(s.seed, 1)), twins: rand.New(rand.NewPCG(s.seed, 2))}
}

// Tickets yields a schedule's tickets in order. It is not safe for concurrent use.
type Tickets struct {
	s           *Schedule
	gaps, twins *rand.Rand
	n           uint64
	x           float64 // expected arrivals so far
	segment     int
	last        Ticket
}

// Next returns the next ticket, or false at the end of the schedule.
func (t *Tickets) Next() (Ticket, bool) {
	// One draw a ticket, whatever came before, so that the same ticket is a duplicate in every shard.
	twin := t.s.share > 0 && t.twins.Float64() < t.s.share
	if t.last.Paired {
		t.last = Ticket{N: t.n, Due: t.last.Due, Measured: true, Duplicate: true}
		t.n++
		t.x++ // it takes the place of an arrival, so that the mean rate stays
		return t.last, true
	}
	x := t.x
	if t.s.poisson {
		x += t.gaps.ExpFloat64() // gaps of mean 1 in operational time: a Poisson process of the asked rate
	}
	seconds, segment, ok := t.s.due(t.segment, x)
	if !ok {
		return Ticket{}, false
	}
	t.segment, t.x = segment, x
	if !t.s.poisson {
		t.x++
	}
	due := time.Duration(seconds * float64(time.Second))
	measured := due >= t.s.measured
	t.last = Ticket{N: t.n, Due: due, Measured: measured, Paired: twin && measured}
	t.n++
	return t.last, true
}

// Count is how many tickets the schedule has, in all and in the counted part.
func (s *Schedule) Count() (all, measured uint64) {
	for t := s.Tickets(); ; {
		ticket, ok := t.Next()
		if !ok {
			return all, measured
		}
		all++
		if ticket.Measured {
			measured++
		}
	}
}
