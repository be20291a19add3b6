package loadprofiles

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// A kept connection may be dead when the next request wants it. What was perhaps received is never sent again, unless
// its method is safe.
func TestDeadConnectionsOverBothTransports(t *testing.T) {
	reset := func(conn net.Conn) bool {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return false
	}
	for _, c := range []struct {
		name     string
		method   string
		script   func(conn net.Conn, n int64) bool
		body     string // of the second answer
		kind     snap.FailureKind
		requests int64 // that reached the server for two
	}{
		{"closed while idle", http.MethodPost, func(conn net.Conn, n int64) bool { return writeAll(conn, goodAnswer) && n > 1 }, "good", "", 2},
		{"reset while idle", http.MethodPost, func(conn net.Conn, n int64) bool { return writeAll(conn, goodAnswer) && (n > 1 || reset(conn)) }, "good", "", 2},
		{"an answer nobody asked for", http.MethodPost, func(conn net.Conn, n int64) bool {
			if n > 1 {
				return writeAll(conn, goodAnswer)
			}
			ok := writeAll(conn, goodAnswer)
			time.Sleep(5 * time.Millisecond)
			return ok && writeAll(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
		}, "good", "", 2},
		{"POST received, then closed", http.MethodPost, func(conn net.Conn, n int64) bool { return n != 2 && writeAll(conn, goodAnswer) }, "", snap.FailureReset, 2},
		{"POST received, then reset", http.MethodPost, func(conn net.Conn, n int64) bool {
			return (n != 2 || reset(conn)) && writeAll(conn, goodAnswer)
		}, "", snap.FailureReset, 2},
		{"POST received, answer cut", http.MethodPost, func(conn net.Conn, n int64) bool {
			return n != 2 && writeAll(conn, goodAnswer) || n == 2 && writeAll(conn, "HTTP/1.1 200 OK\r\n") && false
		}, "", snap.FailureReset, 2},
		{"GET received, then closed", http.MethodGet, func(conn net.Conn, n int64) bool { return n != 2 && writeAll(conn, goodAnswer) }, "good", "", 3},
		{"GET received, answer cut", http.MethodGet, func(conn net.Conn, n int64) bool {
			return n != 2 && writeAll(conn, goodAnswer) || n == 2 && writeAll(conn, "HTTP/1.1 200 OK\r\n") && false
		}, "", snap.FailureReset, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, "", func(t *testing.T, transport *Transport) {
				t.Parallel()
				s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, n int64) bool { return c.script(conn, n) })
				if g := send(t, transport, c.method, s.url()); g.body != "good" {
					t.Fatalf("first answer %+v", g)
				}
				s.settle(t, 1)
				if g := send(t, transport, c.method, s.url()); g.body != c.body || g.kind != c.kind {
					t.Errorf("second answer %q, failure %q (%v); want %q, %q", g.body, g.kind, g.err, c.body, c.kind)
				}
				if n := s.requests.Load(); n != c.requests {
					t.Errorf("%d requests reached the server, want %d", n, c.requests)
				}
			})
		})
	}
}

// A request that is called off ends at once, wherever it is, and its connection is not used again.
func TestCallingOffOverBothTransports(t *testing.T) {
	for _, c := range []struct{ name, begin string }{
		{"before the answer", ""}, {"in the header", "HTTP/1.1 200 OK\r\nX-A: "}, {"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngo"},
		{"in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngo"}, {"after an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, "", func(t *testing.T, transport *Transport) {
				t.Parallel()
				release := make(chan struct{})
				s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, n int64) bool {
					if n != 2 {
						return writeAll(conn, goodAnswer)
					}
					ok := writeAll(conn, c.begin)
					<-release
					return ok
				})
				defer close(release)
				send(t, transport, http.MethodGet, s.url())
				ctx, cancel := context.WithCancelCause(context.Background())
				time.AfterFunc(50*time.Millisecond, func() { cancel(errSlow) })
				began := time.Now()
				if g := sendIn(ctx, t, transport, http.MethodGet, s.url()); g.kind != snap.FailureTimeout || time.Since(began) > 5*time.Second {
					t.Errorf("failure %q (%v) after %s", g.kind, g.err, time.Since(began))
				}
				if g := send(t, transport, http.MethodGet, s.url()); g.body != "good" || s.connections.Load() != 2 || s.requests.Load() != 3 {
					t.Errorf("the next one got %+v, over %d connections, %d requests", g, s.connections.Load(), s.requests.Load())
				}
			})
		})
	}
}

// No more connections than allowed are open at once, and whoever waits for one can still be called off.
func TestConnectionCapOverBothTransports(t *testing.T) {
	eachTransport(t, "workers: {connections: 2}\n", func(t *testing.T, transport *Transport) {
		release := make(chan struct{})
		s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, _ int64) bool {
			<-release
			return writeAll(conn, goodAnswer)
		})
		var waiting sync.WaitGroup
		for range 6 {
			waiting.Go(func() {
				if g := send(t, transport, http.MethodPost, s.url()); g.body != "good" {
					t.Errorf("answer %+v", g)
				}
			})
		}
		for s.requests.Load() < 2 {
			time.Sleep(time.Millisecond)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(30*time.Millisecond, func() { cancel(errSlow) })
		if g := sendIn(ctx, t, transport, http.MethodPost, s.url()); g.kind != snap.FailureTimeout {
			t.Errorf("while all are busy: %+v", g)
		}
		close(release)
		waiting.Wait()
		if s.connections.Load() != 2 || s.requests.Load() != 6 {
			t.Errorf("%d connections, %d requests", s.connections.Load(), s.requests.Load())
		}
	})
}

func TestFreshConnectionsOverBothTransports(t *testing.T) {
	eachTransport(t, "tls: {fresh: true}\n", func(t *testing.T, transport *Transport) {
		s := newScripted(t, nil, func(conn net.Conn, r *http.Request, _ int64) bool {
			return r.Close && writeAll(conn, goodAnswer)
		})
		for range 3 {
			if g := send(t, transport, http.MethodPost, s.url()); g.body != "good" {
				t.Errorf("answer %+v", g)
			}
		}
		if s.connections.Load() != 3 {
			t.Errorf("%d connections for 3 requests", s.connections.Load())
		}
	})
}

func TestTLSOverBothTransports(t *testing.T) {
	authority := testCertificate(t)
	for _, c := range []struct {
		name    string
		lines   string
		server  uint16 // highest version of the server's
		trusted bool
		host    string
		kind    snap.FailureKind
	}{
		{name: "1.3", server: tls.VersionTLS13, trusted: true},
		{name: "1.2", server: tls.VersionTLS12, trusted: true},
		{name: "resumed", lines: "tls: {resume: true}\n", server: tls.VersionTLS13, trusted: true},
		{name: "too old", lines: "tls: {min: '1.3'}\n", server: tls.VersionTLS12, trusted: true, kind: snap.FailureTLS},
		{name: "unknown authority", server: tls.VersionTLS13, kind: snap.FailureTLS},
		{name: "another host's certificate", server: tls.VersionTLS13, trusted: true, host: "localhost", kind: snap.FailureTLS},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, c.lines, func(t *testing.T, transport *Transport) {
				t.Parallel()
				config := &tls.Config{Certificates: authority.TLS.Certificates, MaxVersion: c.server}
				s := newScripted(t, config, func(conn net.Conn, _ *http.Request, n int64) bool { return writeAll(conn, goodAnswer) && n != 3 })
				if c.trusted {
					transport.dials.config.RootCAs = authority.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
				}
				url := s.url()
				if c.host != "" {
					_, port, _ := net.SplitHostPort(s.listener.Addr().String())
					url = "https://" + net.JoinHostPort(c.host, port)
				}
				for i := range 5 {
					g := send(t, transport, http.MethodPost, url)
					if g.kind != c.kind || c.kind == "" && g.body != "good" {
						t.Errorf("answer %d: %+v, want failure %q", i, g, c.kind)
					}
					if c.kind == "" {
						s.settle(t, i+1) // the server closes after the third
					}
				}
				if n := s.connections.Load(); c.kind == "" && (n != 2 || s.requests.Load() != 5) {
					t.Errorf("%d connections and %d requests for 5", n, s.requests.Load())
				}
			})
		})
	}
}

// Under TLS an answer that nobody asked for may have been taken in together with the one before.
func TestLeftoversUnderTLSOverBothTransports(t *testing.T) {
	authority := testCertificate(t)
	for _, c := range []struct{ name, after string }{
		{"in the same packet", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"}, {"nothing, then the end", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, "", func(t *testing.T, transport *Transport) {
				config := &tls.Config{Certificates: authority.TLS.Certificates}
				s := newScripted(t, config, func(conn net.Conn, _ *http.Request, n int64) bool {
					raw, ok := conn.(*tls.Conn).NetConn().(*corked)
					if !ok || n > 1 {
						return writeAll(conn, goodAnswer)
					}
					raw.cork = true
					return writeAll(conn, goodAnswer) && (c.after == "" || writeAll(conn, c.after)) && raw.uncork() && c.after != ""
				})
				transport.dials.config.RootCAs = authority.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
				for i := range 3 {
					if g := send(t, transport, http.MethodPost, s.url()); g.body != "good" {
						t.Errorf("answer %+v", g)
					}
					s.settle(t, i+1)
				}
				if s.requests.Load() != 3 || s.connections.Load() != 2 {
					t.Errorf("%d requests over %d connections", s.requests.Load(), s.connections.Load())
				}
			})
		})
	}
}

func TestUnreachableOverBothTransports(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	_ = listener.Close()
	eachTransport(t, "", func(t *testing.T, transport *Transport) {
		if g := send(t, transport, http.MethodPost, url); g.kind != snap.FailureConnect {
			t.Errorf("failure %q (%v)", g.kind, g.err)
		}
	})
}
