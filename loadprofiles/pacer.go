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
	index    int // this shard
	count    int // of so many
	began    time.Time
	sleeper  sleeper
	planned  atomic.Uint64
	horizon  atomic.Int64 // due time of the newest ticket, for progress
}

// Pace waits until the next ticket of this shard is due and returns no further wait. It stops the attack at the end of
// the schedule or when the run is cancelled.
func (p *pacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if hits == 0 && p.began.IsZero() {
		p.began = time.Now().Add(-elapsed)
		p.ring.began = p.began
	}
	for {
		ticket, ok := p.tickets.Next()
		if !ok || p.ctx.Err() != nil {
			return 0, true
		}
		if p.count > 1 && ticket.N%uint64(p.count) != uint64(p.index) {
			continue
		}
		p.planned.Add(1)
		p.horizon.Store(int64(ticket.Due))
		p.ring.place(hits, ticket)
		if !p.sleeper.until(p.ctx, p.began, ticket.Due) {
			p.planned.Add(^uint64(0))
			return 0, true
		}
		return 0, false
	}
}

// Rate is the rate asked for, as vegeta's interface wants it.
func (p *pacer) Rate(elapsed time.Duration) float64 { return p.schedule.Rate(elapsed) }
