package loadprofiles

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// What servers send, well-formed or not, is the same to both transports.
func TestAnswersOverBothTransports(t *testing.T) {
	long := strings.Repeat("a", 5000)
	for _, c := range []struct {
		name   string
		method string // POST when empty
		answer string
		hangUp bool // the server closes after the answer
		status int
		body   string
		kind   snap.FailureKind
		reused bool // the next request goes over the same connection
	}{
		{name: "length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "length 0", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, reused: true},
		{name: "another status", answer: "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno", status: 409, body: "no", reused: true},
		{name: "server error", answer: "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno", status: 503, body: "no", reused: true},
		{name: "no reason phrase", answer: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "redirect", answer: "HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n", status: 302, reused: true},
		{name: "compressed", answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", status: 200, body: "\x1f\x8b\x08", reused: true},
		{name: "chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n", status: 200, body: "abcde", reused: true},
		{name: "chunked, nothing", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 200, reused: true},
		{name: "chunked, trailer", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n", status: 200, body: "ab", reused: true},
		{name: "chunked and a length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", status: 200, body: "ab", reused: true},
		{name: "until the end", answer: "HTTP/1.1 200 OK\r\n\r\nall of it", hangUp: true, status: 200, body: "all of it"},
		{name: "close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", hangUp: true, status: 200, body: "ok"},
		{name: "Close", answer: "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "close among others", answer: "HTTP/1.1 200 OK\r\nConnection: x-other, close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", hangUp: true, status: 200, body: "ok"},
		{name: "HTTP/1.0 until the end", answer: "HTTP/1.0 200 OK\r\n\r\nok", hangUp: true, status: 200, body: "ok"},
		{name: "HTTP/1.0 kept", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, reused: true},
		{name: "304", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", status: 304, reused: true},
		{name: "HEAD", method: http.MethodHead, answer: "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", status: 200, reused: true},
		{name: "GET", method: http.MethodGet, answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "DELETE", method: http.MethodDelete, answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "interim", answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "folded and blank-padded header", answer: "HTTP/1.1 200 OK\r\nX-A: one\r\n\ttwo\r\nContent-Length:   2  \r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "header of 5 KB", answer: "HTTP/1.1 200 OK\r\nX-A: " + long + "\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "header of 200 KB", answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+long+"\r\n", 40) + "Content-Length: 2\r\n\r\nok", status: 200, body: "ok", reused: true},
		{name: "body of 1 MB", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + strings.Repeat("b", maxAnswer), status: 200, body: strings.Repeat("b", maxAnswer), reused: true},
		{name: "more than announced", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Left\r\nContent-Length: 0\r\n\r\n", status: 200, body: "ok"},

		{name: "header of 300 KB", answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+long+"\r\n", 60) + "Content-Length: 2\r\n\r\nok", kind: snap.FailureProtocol},
		{name: "body over 1 MB", answer: "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n" + strings.Repeat("b", 3*maxAnswer), status: 200, kind: snap.FailureProtocol},
		{name: "chunked over 1 MB", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + strings.Repeat("b", maxAnswer+1) + "\r\n0\r\n\r\n", status: 200, kind: snap.FailureProtocol},
		{name: "until the end, over 1 MB", answer: "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("b", maxAnswer+1), hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "less than announced", answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "chunk cut", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab", hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "last chunk missing", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "chunk longer than it says", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n", hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "chunk of no number", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", hangUp: true, status: 200, kind: snap.FailureProtocol},
		{name: "unknown coding", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", hangUp: true, kind: snap.FailureProtocol},
		{name: "length of no number", answer: "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok", hangUp: true, kind: snap.FailureProtocol},
		{name: "length below 0", answer: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", hangUp: true, kind: snap.FailureProtocol},
		{name: "two lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", hangUp: true, kind: snap.FailureProtocol},
		{name: "no HTTP", answer: "hello there\r\n\r\n", hangUp: true, kind: snap.FailureProtocol},
		{name: "no status", answer: "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok", hangUp: true, kind: snap.FailureProtocol},
		{name: "header without colon", answer: "HTTP/1.1 200 OK\r\nContent-Length 2\r\n\r\nok", hangUp: true, kind: snap.FailureProtocol},
		{name: "header cut", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", hangUp: true, kind: snap.FailureReset},
		{name: "no answer", hangUp: true, kind: snap.FailureReset},
		{name: "GET, no answer", method: http.MethodGet, hangUp: true, kind: snap.FailureReset},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, "", func(t *testing.T, transport *Transport) {
				t.Parallel()
				first := true
				s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, n int64) bool {
					if n > 1 {
						return writeAll(conn, goodAnswer)
					}
					first = false
					return writeAll(conn, c.answer) && !c.hangUp
				})
				method := c.method
				if method == "" {
					method = http.MethodPost
				}
				g := send(t, transport, method, s.url())
				if g.status != c.status || g.body != c.body || g.kind != c.kind {
					t.Errorf("status %d, %d bytes of body, failure %q (%v); want %d, %d, %q", g.status, len(g.body), g.kind, g.err, c.status, len(c.body), c.kind)
				}
				if first || s.requests.Load() != 1 {
					t.Errorf("%d requests for one", s.requests.Load())
				}
				s.settle(t, 1)
				if g := send(t, transport, http.MethodPost, s.url()); g.body != "good" {
					t.Errorf("the next request got %+v", g)
				}
				want := int64(2)
				if c.reused {
					want = 1
				}
				if n := s.connections.Load(); n != want || s.requests.Load() != 2 {
					t.Errorf("%d connections and %d requests for two, want %d connections", n, s.requests.Load(), want)
				}
			})
		})
	}
}

// A judged answer keeps every field of its header, and gets none that the server did not send.
func TestHeaderOverBothTransports(t *testing.T) {
	eachTransport(t, "", func(t *testing.T, transport *Transport) {
		s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, n int64) bool {
			if n == 1 {
				return writeAll(conn, "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nContent-Type: c/d\r\nset-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: x\r\nX-eMpty:\r\nContent-Length: 0\r\n\r\n")
			}
			return writeAll(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		})
		for i, want := range []string{
			"Content-Length=0 Content-Type=a/b Content-Type=c/d Server=x Set-Cookie=a=1 Set-Cookie=b=2 X-Empty=",
			"Content-Length=0",
		} {
			var list []string
			for _, f := range fields(send(t, transport, http.MethodPost, s.url()).header) {
				list = append(list, f.Name+"="+f.Value)
			}
			if text := strings.Join(list, " "); text != want {
				t.Errorf("answer %d has %s, want %s", i+1, text, want)
			}
		}
	})
}

// These are the answers that the fast transport refuses and net/http takes.
func TestAnswersOnlyNetHTTPTakes(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	} {
		eachTransport(t, "", func(t *testing.T, transport *Transport) {
			s := newScripted(t, nil, func(conn net.Conn, _ *http.Request, _ int64) bool { return writeAll(conn, answer) && false })
			g := send(t, transport, http.MethodPost, s.url())
			if took := g.body == "ok"; took == (transport.fast != nil) || s.requests.Load() != 1 {
				t.Errorf("%q: %+v, %d requests", answer, g, s.requests.Load())
			}
		})
	}
}
