package loadprofiles

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// scripted is a server that answers with the bytes it is given, well-formed or not, and counts what reached it.
type scripted struct {
	listener    net.Listener
	requests    atomic.Int64
	settled     atomic.Int64 // requests that the script is done with, their connection closed if it is to be
	connections atomic.Int64
	script      func(conn net.Conn, request *http.Request, n int64) (keep bool) // n counts requests from 1; nil for no answer

	mu   sync.Mutex
	last string // the newest request, its header sorted
	open []net.Conn
}

func newScripted(t testing.TB, config *tls.Config, script func(net.Conn, *http.Request, int64) bool) *scripted {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listener = tls.NewListener(corking{listener}, config)
	}
	s := &scripted{listener: listener, script: script}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			s.mu.Lock()
			s.open = append(s.open, conn)
			s.mu.Unlock()
			conns.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.open {
			_ = conn.Close()
		}
		s.mu.Unlock()
		conns.Wait()
	})
	return s
}

// corking makes connections that can hold back what is written, so that it leaves in one packet.
type corking struct{ net.Listener }

// Accept implements net.Listener.
func (l corking) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &corked{Conn: conn}, err
}

type corked struct {
	net.Conn
	held []byte
	cork bool
}

// Write implements net.Conn.
func (c *corked) Write(p []byte) (int, error) {
	if c.cork {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *corked) uncork() bool {
	_, err := c.Conn.Write(c.held)
	c.cork, c.held = false, nil
	return err == nil
}

func (s *scripted) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	reader := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.last = r.Method + " " + r.RequestURI + " " + r.Proto + "\n"
		for _, f := range fields(r.Header) {
			s.last += f.Name + ": " + f.Value + "\n"
		}
		s.last += strconv.FormatInt(r.ContentLength, 10) + "\n" + string(body)
		s.mu.Unlock()
		n := s.requests.Add(1)
		keep := s.script != nil && s.script(conn, r, n)
		if !keep {
			_ = conn.Close()
		}
		s.settled.Add(1)
		if !keep {
			return
		}
	}
}

// settle waits until the server is done with so many requests and what it did has come.
func (s *scripted) settle(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); s.settled.Load() < int64(n); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the server is done with %d requests, not with %d", s.settled.Load(), n)
		}
	}
	time.Sleep(20 * time.Millisecond)
}

// got is what came of one request.
type got struct {
	status int
	body   string
	header http.Header
	kind   snap.FailureKind // "" for an answer
	err    error
}

// eachTransport runs a test over both transports.
func eachTransport(t *testing.T, lines string, test func(t *testing.T, transport *Transport)) {
	t.Helper()
	for _, name := range []string{TransportStandard, TransportFast} {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			p := testProfile(t, "stages: [loopback]\nload: [{rate: 1/1s, for: 1s}]\ntransport: "+name+"\n"+lines)
			transport, err := NewTransport(p, TransportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(transport.Close)
			test(t, transport)
		})
	}
}

const goodAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"

func (s *scripted) url() string {
	scheme := "http"
	if _, plain := s.listener.(*net.TCPListener); !plain {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String() + "/path?x=1"
}

// send sends one request the way a flight does, and reads the answer.
func send(t *testing.T, transport http.RoundTripper, method, url string) got {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	timer := time.AfterFunc(10*time.Second, func() { cancel(errSlow) })
	defer timer.Stop()
	return sendIn(ctx, t, transport, method, url)
}

func sendIn(ctx context.Context, t *testing.T, transport http.RoundTripper, method, url string) got {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"amount":"1"}`)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		kind, _ := failureOf(ctx, err, false)
		return got{kind: kind, err: err}
	}
	defer func() { _ = response.Body.Close() }()
	f := &flight{}
	g := got{status: response.StatusCode, header: response.Header}
	if err := f.read(response.Body); err != nil {
		g.kind, _ = failureOf(ctx, err, true)
		g.err = err
		return g
	}
	g.body = string(f.answer)
	return g
}

// testCertificate is one for 127.0.0.1, as httptest makes it.
func testCertificate(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s
}

func writeAll(conn net.Conn, text string) bool {
	_, err := io.WriteString(conn, text)
	return err == nil
}
