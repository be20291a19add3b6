package loadprofiles

import (
	"context"
	"sync/atomic"
	"time"
)

// preciseBelow is the arrival rate, in requests per second, up to which the pacer sleeps on a thread of its own. Above
// it the gaps are shorter than what the plain sleep rounds to, and handing over between threads would cost more than it
// gains.
const preciseBelow = 5000

// pacer feeds vegeta with the tickets of a schedule. vegeta calls Pace once for every hit, in order and from one
// goroutine; the sequence number it later puts on the request is the count of calls, which is how a ticket finds its
// request.
type pacer struct {
	ctx      context.Context
	schedule *Schedule
	tickets  *Tickets
	ring     *ring
	mix      *mix
	index    int // this shard
	count    int // of so many
	sleeper  sleeper
	measured func() // called when the first ticket that counts is due
	begun    bool
	held     atomic.Uint64
	full     func() bool   // all workers are busy
	patience time.Duration // for late requests after the end of the schedule
	governor governor
}

// Pace waits until the next ticket of this shard is due and returns no further wait. It stops the attack at the end of
// the schedule, when the run is cancelled, or when the schedule has been over for longer than there is patience for.
func (p *pacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	for {
		ticket, ok := p.tickets.Next()
		if !ok || p.ctx.Err() != nil {
			return 0, true
		}
		if ticket.N%uint64(p.count) != uint64(p.index) {
			continue
		}
		ticket = p.mix.settle(ticket)
		p.ring.place(hits, ticket, p.mix.pick(ticket))
		if !p.sleeper.until(p.ctx, p.ring.began, ticket.Due) {
			return 0, true
		}
		if now := time.Duration(p.ring.since()); !p.sleeper.until(p.ctx, p.ring.began, p.governor.release(now)) {
			return 0, true
		}
		if p.ring.since() > int64(p.schedule.total+p.patience) {
			return 0, true // what is left would be sent when nobody expects it; it counts as planned and not sent
		}
		if ticket.Measured && !p.begun {
			p.begun = true
			p.measured()
		}
		if p.full() {
			p.held.Add(1)
		}
		return 0, false
	}
}

// Rate is the rate asked for, as vegeta's interface wants it.
func (p *pacer) Rate(elapsed time.Duration) float64 { return p.schedule.Rate(elapsed) }

// mix chooses the subject of a ticket by weight. The choice is the ticket's own, the same in every shard, and both halves
// of a pair go to a subject whose contract forbids duplicates. Where none does there are no pairs.
type mix struct {
	seed     uint64
	all      []share
	guarding []share // those that forbid duplicates
}

// settle makes a plain ticket of one half of a pair when no subject forbids duplicates.
func (m *mix) settle(t Ticket) Ticket {
	if len(m.guarding) == 0 {
		t.Paired, t.Duplicate = false, false
	}
	return t
}

// share is where a subject's part of the line from 0 to 1 ends.
type share struct {
	subject int
	upTo    float64
}

func newMix(subjects []*subject, weights []int, seed int64) *mix {
	m := &mix{seed: uint64(seed) + 1}
	var guardingWeights, guarding, every []int
	for i, s := range subjects {
		every = append(every, i)
		if s.repeated != "" && weights[i] > 0 {
			guarding = append(guarding, i)
			guardingWeights = append(guardingWeights, weights[i])
		}
	}
	m.all, m.guarding = shares(every, weights), shares(guarding, guardingWeights)
	return m
}

func shares(subjects, weights []int) []share {
	total := 0
	for _, w := range weights {
		total += w
	}
	var list []share
	sum := 0
	for i, subject := range subjects {
		sum += weights[i]
		list = append(list, share{subject, float64(sum) / float64(total)})
	}
	return list
}

func (m *mix) pick(t Ticket) int {
	n, list := t.N, m.all
	if t.Duplicate {
		n--
	}
	if t.Paired || t.Duplicate {
		list = m.guarding
	}
	if len(list) == 1 {
		return list[0].subject
	}
	at := fraction(m.seed, n)
	for _, s := range list {
		if at < s.upTo {
			return s.subject
		}
	}
	return list[len(list)-1].subject
}
