package loadprofiles

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
)

// memoryConn is a connection on which these bytes come, and then the end.
type memoryConn struct {
	net.Conn
	from io.Reader
}

// Read implements net.Conn.
func (c memoryConn) Read(p []byte) (int, error) { return c.from.Read(p) }

// FuzzAnswers reads any bytes as an answer, in pieces of any size. Whatever both transports take for a whole answer is the
// same answer to both.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		goodAnswer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a\r\nab\r\n0\r\nX: y\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nabc",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "HTTP/1.1 304 Not\r\nContent-Length: 4\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\na",
		"\r\n\r\nHTTP/1.1 200 OK\r\nA : b\r\n c\r\nContent-Length: 2\r\n\r\nok",
	} {
		f.Add([]byte(text), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		l := &link{Conn: memoryConn{from: &pieces{data: data, size: 1 + abs(piece)%64}}}
		l.small = bufio.NewReaderSize(l, linkBuffer)
		l.reader = l.small
		c := newCall(nil)
		if err := c.readHeader(l); err != nil {
			return
		}
		if err := c.readBody(l); err != nil {
			return
		}
		from := bufio.NewReader(bytes.NewReader(data))
		for {
			response, err := http.ReadResponse(from, nil)
			if err != nil {
				return // fasthttp is the more patient one
			}
			body, err := io.ReadAll(response.Body)
			if response.StatusCode < 200 && response.StatusCode != http.StatusSwitchingProtocols {
				continue
			}
			if err == nil && (response.StatusCode != c.status || response.StatusCode >= 200 && !bytes.Equal(body, c.body)) {
				t.Errorf("status %d and %q, net/http has %d and %q", c.status, c.body, response.StatusCode, body)
			}
			return
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

// pieces gives its data in reads of a certain size.
type pieces struct {
	data []byte
	size int
}

// Read implements io.Reader.
func (r *pieces) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.size)], r.data)
	r.data = r.data[n:]
	return n, nil
}
