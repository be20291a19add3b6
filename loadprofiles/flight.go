package loadprofiles

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// errSlow is the cause with which a request past its time is called off.
var errSlow = errors.New("no whole answer within the timeout")

// flight is everything one request needs, used again for another one of the same subject when both sides are done with
// it: the answer was read to its end, and the transport has said that it has written the request. Until then a transport
// may still be reading the body, even after an early answer.
type flight struct {
	subject *subject
	signer  *snap.HotSigner
	token   string // as signed with
	request *http.Request
	courier *courier // over the fast transport; nil over net/http
	target  string
	body    bytes.Reader
	sent    io.ReadCloser // the body as the transport gets it
	answer  []byte
	scratch [64]byte
	cancel  context.CancelCauseFunc
	ring    *ring

	deadline         atomic.Int64 // 0 idle, -1 called off, -2 given up for good
	conn, wrote      atomic.Int64
	first            atomic.Int64
	written, trouble atomic.Bool
}

const (
	calledOff = -1
	givenUp   = -2
)

// take gets a flight that is ready, or makes one.
func (s *subject) take(hard context.Context, r *ring, watch *watchdog) (*flight, error) {
	s.mu.Lock()
	if n := len(s.free); n > 0 {
		f := s.free[n-1]
		s.free = s.free[:n-1]
		s.mu.Unlock()
		return f, nil
	}
	s.mu.Unlock()
	signer, err := snap.NewHotSigner(s.template, s.Signing.Secret)
	if err != nil {
		return nil, err
	}
	f := &flight{subject: s, signer: signer, token: s.template.Token, ring: r, answer: make([]byte, 0, 4096)}
	// net/http looks for this very type: it then writes header and body at once, and not in two packets. Closing does
	// nothing, since the flight is released by the trace.
	f.sent = io.NopCloser(&f.body)
	ctx, cancel := context.WithCancelCause(hard)
	f.cancel = cancel
	f.request, err = s.newRequest(httptrace.WithClientTrace(ctx, f.trace()))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	if s.links != nil {
		f.courier = newCourier(s, f)
		context.AfterFunc(ctx, f.courier.call.hangUp)
	}
	watch.add(f)
	return f, nil
}

func (f *flight) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { f.gotConn() },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				f.trouble.Store(true)
				return
			}
			f.wroteRequest()
		},
		GotFirstResponseByte: f.firstByte,
	}
}

func (f *flight) gotConn() { f.conn.Store(f.ring.since()) }

func (f *flight) wroteRequest() {
	f.wrote.Store(f.ring.since())
	f.written.Store(true)
}

func (f *flight) firstByte() { f.first.Store(f.ring.since()) }

// put gives the flight back, or up.
func (f *flight) put(whole bool) {
	if f.deadline.Swap(0) == calledOff || !whole || !f.written.Load() || f.trouble.Load() {
		f.deadline.Store(givenUp)
		f.cancel(nil)
		return
	}
	s := f.subject
	s.mu.Lock()
	s.free = append(s.free, f)
	s.mu.Unlock()
}

// sign fills the unique values in and signs.
func (f *flight) sign(t Ticket, token string) {
	if f.token != token {
		f.signer.SetToken(token)
		f.token = token
	}
	f.subject.number(f.signer, t, f.scratch[:0])
	f.signer.Sign(time.Now())
}

// load puts what was signed into the request that goes out.
func (f *flight) load() error {
	f.conn.Store(0)
	f.wrote.Store(0)
	f.first.Store(0)
	f.written.Store(false)
	if target := f.signer.Target(); f.target != string(target) {
		f.target = string(target)
		_, f.request.URL.RawQuery, _ = strings.Cut(f.target, "?")
	}
	if f.courier != nil {
		return f.courier.load(f)
	}
	f.fill()
	return nil
}

// fill makes net/http's request. Headers that did not change keep their text.
func (f *flight) fill() {
	header := f.request.Header
	for _, h := range f.signer.Header() {
		if old, ok := header[h.Name]; ok && old[0] == string(h.Value) {
			continue
		} else if ok {
			old[0] = string(h.Value)
			continue
		}
		header[h.Name] = []string{string(h.Value)}
	}
	body := f.signer.Body()
	f.request.ContentLength = int64(len(body))
	if len(body) == 0 {
		f.request.Body, f.request.GetBody = http.NoBody, nil
		return
	}
	f.body.Reset(body)
	f.request.Body = f.sent
	if f.request.GetBody == nil {
		f.request.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(f.signer.Body())), nil
		}
	}
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

var errHuge = errors.New("the answer is longer than a megabyte")

// answer is what is known of an answer beside its body.
type answer struct {
	begun  bool // its header came
	status int
	header http.Header // over the fast transport only when asked for
}

// send takes the request there and reads the answer into f.answer.
func (f *flight) send(transport http.RoundTripper, named bool) (answer, error) {
	if c := f.courier; c != nil {
		c.call.named = named
		got, err := c.links.exchange(f.request.Context(), c.call)
		f.answer = c.call.body
		return answer{got >= answering, c.call.status, c.call.header}, err
	}
	response, err := transport.RoundTrip(f.request)
	if err != nil {
		return answer{}, err
	}
	err = f.read(response.Body)
	_ = response.Body.Close() // what is left of it is of no interest
	return answer{true, response.StatusCode, response.Header}, err
}

// read takes the whole answer in.
func (f *flight) read(from io.Reader) error {
	f.answer = f.answer[:0]
	for {
		b := f.answer
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := from.Read(b[len(b):cap(b)])
		f.answer = b[:len(b)+n]
		switch {
		case len(f.answer) > maxAnswer:
			return errHuge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
