package loadprofiles

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// link is a connection of the fast transport, kept for the next request.
type link struct {
	net.Conn
	reader *bufio.Reader // small, or a large one over it while an answer needs that
	small  *bufio.Reader
	broke  error // with which the connection ended, which parsers hide
	tape   []byte
	taping bool // what is read goes to the tape too
	socket syscall.RawConn
	secure bool
	used   bool      // has carried an exchange
	since  time.Time // idle

	step    func(descriptor uintptr) bool // is next
	asking  *call
	asked   bool // the request was written, or failed to be
	written int
	failed  error
	seen    glimpse
}

// glimpse is what waits to be read on a connection.
type glimpse int

const (
	nothing glimpse = iota
	something
	theEnd
)

// Answers are read through a small buffer; a header that does not fit gets a large one for as long as it takes.
const (
	linkBuffer = 4 << 10
	maxHeader  = 256 << 10
)

func newLink(conn net.Conn) (*link, error) {
	l := &link{Conn: conn}
	l.small = bufio.NewReaderSize(l, linkBuffer)
	l.reader, l.step = l.small, l.next
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		l.secure, conn = true, t.NetConn()
	}
	under, ok := conn.(syscall.Conn)
	if !ok {
		return nil, errors.New("the connection is none of the kernel's, and cannot be looked at while it is idle")
	}
	var err error
	l.socket, err = under.SyscallConn()
	return l, err
}

// Read remembers how the connection ended.
func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.taping {
		l.tape = append(l.tape, p[:n]...)
	}
	if err != nil {
		l.broke = err
	}
	return n, err
}

// enlarge makes room for a header of maxHeader bytes.
func (l *link) enlarge() bool {
	if l.reader != l.small {
		return false
	}
	l.reader = bufio.NewReaderSize(l.small, maxHeader)
	return true
}

// clean says whether everything that came was read, and nothing ended.
func (l *link) clean() bool {
	clean := l.reader.Buffered() == 0 && l.small.Buffered() == 0 && l.broke == nil
	l.reader = l.small
	return clean
}

// maxTickets is how often a server may make us look again before it is taken for one that talks without end.
const maxTickets = 16

var errUnasked = errors.New("the server said something before it was asked")

// ask writes a call's request and waits until something comes back, once it is sure that the connection is good: nothing
// may have come on it that nobody asked for, least of all its end. Under TLS the peer may have sent a session ticket,
// which is read and is no hindrance. It returns how much was written.
func (l *link) ask(c *call) (int, error) {
	if l.secure && !l.quiet(c, time.Unix(1, 0)) { // what TLS has taken in already
		return 0, errUnasked
	}
	for range maxTickets {
		l.asking, l.asked, l.written, l.failed = c, false, 0, nil
		err := l.socket.Read(l.step)
		l.asking = nil
		switch {
		case l.asked && l.failed != nil:
			return l.written, l.failed
		case l.asked || err != nil:
			return l.written, err
		case l.seen == theEnd:
			return 0, io.EOF
		case !l.secure || !l.quiet(c, time.Now().Add(time.Millisecond)):
			return 0, errUnasked
		}
	}
	return 0, errUnasked
}

// next is called once before the wait and once when there is something to read. The wait began before the first call, so
// that no answer is missed, and a read that would find nothing is saved.
func (l *link) next(descriptor uintptr) bool {
	if l.asked {
		return true
	}
	if l.seen = peek(descriptor); l.seen != nothing {
		return true
	}
	l.asked = true
	l.written, l.failed = l.Write(l.asking.wire)
	if l.failed != nil {
		return true
	}
	l.asking.note.wroteRequest()
	return false
}

// quiet says whether nothing is to be read until an instant, for which there may be no waiting at all.
func (l *link) quiet(c *call, until time.Time) bool {
	defer c.hold(l) // which sees to it that a call that was called off meanwhile stays so
	if l.SetReadDeadline(until) != nil {
		return false
	}
	_, err := l.reader.Peek(1)
	l.broke = nil // what is read after a deadline's end is whole all the same
	return errors.Is(err, os.ErrDeadlineExceeded) && l.SetReadDeadline(time.Time{}) == nil
}

// links are the connections to one host. A request takes the connection that was used last, so that the others become
// idle and are closed.
type links struct {
	dial   func(context.Context) (net.Conn, error)
	places chan struct{} // one for each connection that may be busy; nil for any number
	spare  int           // idle connections kept
	fresh  bool          // a new connection for every request

	mu     sync.Mutex
	idle   []*link // used last at the end
	closed bool
}

const idleFor = 30 * time.Second

// take waits for a place, and returns an idle connection or a new one. There are never more connections than places: a
// new one is dialled only when every other is busy.
func (s *links) take(ctx context.Context) (*link, error) {
	if s.places != nil {
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	for l := s.pop(); l != nil; l = s.pop() {
		if time.Since(l.since) < idleFor {
			return l, nil
		}
		_ = l.Close() // it is given up
	}
	conn, err := s.dial(ctx)
	if err != nil {
		s.leave()
		return nil, err
	}
	l, err := newLink(conn)
	if err != nil {
		_ = conn.Close() // nothing was sent on it
		s.leave()
	}
	return l, err
}

func (s *links) pop() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return nil
	}
	l := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return l
}

// put keeps a connection, or closes it, and frees its place.
func (s *links) put(l *link, keep bool) {
	defer s.leave()
	if !keep || s.fresh {
		_ = l.Close() // the answer was read, or is given up
		return
	}
	l.used, l.since = true, time.Now()
	if old := s.push(l); old != nil {
		_ = old.Close() // idle for too long, or one too many
	}
}

// push returns the connection that has to go instead.
func (s *links) push(l *link) (old *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return l
	}
	if n := len(s.idle); n > 0 && (n >= s.spare || l.since.Sub(s.idle[0].since) > idleFor) {
		old = s.idle[0]
		s.idle = append(s.idle[:0], s.idle[1:]...)
	}
	s.idle = append(s.idle, l)
	return old
}

func (s *links) leave() {
	if s.places != nil {
		<-s.places
	}
}

// close closes what is idle, now and when it becomes so.
func (s *links) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for l := s.pop(); l != nil; l = s.pop() {
		_ = l.Close() // nothing is under way on it
	}
}
