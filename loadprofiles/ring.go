package loadprofiles

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// slot is what is known of one request while it is on its way: the pacer writes the ticket, the transport the instants
// and the answer, and the collector reads it all once vegeta hands the result over. Instants are nanoseconds since the
// stage began; 0 means that the thing did not happen.
type slot struct {
	owner   atomic.Uint64 // sequence number + 1; 0 when free
	ticket  Ticket
	subject int // index in the mix

	entered int64 // the transport was called
	signed  int64
	conn    int64 // a connection was there
	wrote   int64
	first   int64
	ended   int64

	called   bool // the transport was called, so there is a request path
	status   int
	code     [7]byte
	hasCode  bool
	outcome  outcome
	failure  snap.FailureKind
	detail   string
	size     int
	header   http.Header    // of the answer
	exchange *snap.Exchange // of sampled requests
}

type outcome uint8

const (
	unanswered outcome = iota
	succeeded
	refusedDuplicate // the answer that a deliberate duplicate ought to get
	refused
)

// ring hands slots from the pacer to the transport and on to the collector by sequence number, without locks, in constant
// memory. A request that is still on its way when its slot comes round again keeps it; the newcomer goes to the overflow.
type ring struct {
	began    time.Time
	slots    []slot
	mask     uint64
	mu       sync.Mutex
	overflow map[uint64]*slot
}

func newRing(workers int, began time.Time) *ring {
	size := 1024
	for size < 8*workers {
		size *= 2
	}
	return &ring{began: began, slots: make([]slot, size), mask: uint64(size - 1), overflow: map[uint64]*slot{}}
}

// place is called by the pacer before the request is due.
func (r *ring) place(seq uint64, t Ticket, subject int) {
	s := &r.slots[seq&r.mask]
	if s.owner.Load() != 0 {
		s = new(slot)
		r.mu.Lock()
		r.overflow[seq] = s
		r.mu.Unlock()
	}
	s.reset(t)
	s.subject = subject
	s.owner.Store(seq + 1)
}

// at finds the slot of a request on its way.
func (r *ring) at(seq uint64) *slot {
	if s := &r.slots[seq&r.mask]; s.owner.Load() == seq+1 {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.overflow[seq]
}

// release is called by the collector when it has read the slot.
func (r *ring) release(s *slot) {
	seq := s.owner.Load() - 1
	if s != &r.slots[seq&r.mask] {
		r.mu.Lock()
		delete(r.overflow, seq)
		r.mu.Unlock()
	}
	s.owner.Store(0)
}

// since is now as an instant of the stage.
func (r *ring) since() int64 { return int64(time.Since(r.began)) }

// reset clears everything but the owner, which others may be reading.
func (s *slot) reset(t Ticket) {
	s.ticket, s.subject = t, 0
	s.entered, s.signed, s.conn, s.wrote, s.first, s.ended, s.called = 0, 0, 0, 0, 0, 0, false
	s.status, s.code, s.hasCode, s.outcome = 0, [7]byte{}, false, unanswered
	s.failure, s.detail, s.size, s.header, s.exchange = "", "", 0, nil, nil
}
