package loadprofiles

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// call is one request of the fast transport and its answer, used again for the next. Only hangUp may come from another
// goroutine.
type call struct {
	wire     []byte // the whole request
	safe     bool   // to repeat
	bodiless bool   // asks for no body
	named    bool   // keep the answer's header
	limit    int    // of the answer's body
	note     phases

	answer fasthttp.Response
	status int
	header http.Header // when named
	body   []byte      // good until the next exchange

	mu   sync.Mutex
	link *link // while one is busy
	off  bool  // called off
}

// phases takes down when an exchange got how far. A repeated request tells again.
type phases interface {
	gotConn()
	wroteRequest()
	firstByte()
}

func newCall(note phases) *call {
	c := &call{limit: maxAnswer, note: note}
	c.answer.Header.SetNoDefaultContentType(true)
	return c
}

var (
	errNoHTTP     = errors.New("the answer does not begin with the header of an HTTP/1 answer")
	errLongHeader = errors.New("the answer's header is longer than 256 KiB")
	errInterims   = errors.New("interim answers (1xx) without end")
)

// maxInterims is how many answers of 1xx may come before the real one.
const maxInterims = 16

// hangUp ends the exchange under way, and any later one.
func (c *call) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = true
	c.hurry()
}

// hurry makes reads and writes of a call that was called off return.
func (c *call) hurry() {
	if c.off && c.link != nil {
		_ = c.link.SetDeadline(time.Unix(1, 0)) // or the connection is gone, which does as well
	}
}

func (c *call) hold(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
	c.hurry()
}

// letGo ends the hold, and reports whether the connection is as it was.
func (c *call) letGo() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = nil
	return !c.off
}

// reach is how far an exchange got.
type reach int

const (
	untouched reach = iota // nothing of the request was written
	silent                 // nothing was answered
	garbled                // what was answered is no header
	answering              // the header was read
	whole                  // the body too
)

// exchange sends the call and reads the answer. A request goes out a second time only when a kept connection lost the
// first, and either nothing of it was written, or nothing was answered and its method is safe to repeat.
func (s *links) exchange(ctx context.Context, c *call) (reach, error) {
	for {
		l, err := s.take(ctx)
		if err != nil {
			return untouched, err
		}
		c.note.gotConn()
		c.hold(l)
		got, err := c.over(l)
		undisturbed := c.letGo()
		again := l.used && undisturbed && ctx.Err() == nil && (got == untouched || got == silent && c.safe)
		s.put(l, l.clean() && undisturbed && got == whole && !c.closes())
		if !again {
			return got, err
		}
	}
}

func (c *call) over(l *link) (reach, error) {
	c.header, c.body = nil, nil
	l.taping, l.tape = c.named, l.tape[:0]
	if n, err := l.ask(c); err != nil {
		if n == 0 {
			return untouched, err
		}
		return silent, err
	}
	if _, err := l.reader.Peek(1); err != nil {
		return silent, err
	}
	c.note.firstByte()
	if err := c.readHeader(l); err != nil {
		return garbled, err
	}
	if err := c.readBody(l); err != nil {
		return answering, err
	}
	return whole, nil
}

// readHeader reads up to the header of the answer that counts.
func (c *call) readHeader(l *link) error {
	header := &c.answer.Header
	for range maxInterims {
		if err := header.Read(l.reader); err != nil {
			if err = l.again(header, err); err != nil {
				return err
			}
		}
		c.status = header.StatusCode()
		if c.status >= 200 || c.status == http.StatusSwitchingProtocols {
			if c.named {
				c.header = headerOn(l.tape)
			}
			return nil
		}
	}
	return errInterims
}

// again reads a header that did not fit once more, with more room, and says what is wrong with others.
func (l *link) again(header *fasthttp.ResponseHeader, err error) error {
	var small *fasthttp.ErrSmallBuffer
	if errors.As(err, &small) && l.enlarge() {
		err = header.Read(l.reader)
	}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &small):
		return errLongHeader
	case errors.Is(err, fasthttp.ErrDuplicateContentLength):
		return fasthttp.ErrDuplicateContentLength
	}
	return l.cause(errNoHTTP) // the library's own text holds the answer, secrets and all
}

// cause is why the answer ended early, or the given error when it did not.
func (l *link) cause(err error) error {
	switch {
	case l.broke == nil:
		return err
	case errors.Is(l.broke, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return l.broke
}

func (c *call) readBody(l *link) error {
	header := &c.answer.Header
	if c.bodiless || c.status < 200 || c.status == http.StatusNoContent || c.status == http.StatusNotModified {
		return nil
	}
	chunked := header.ContentLength() == -1
	err := c.answer.ReadBody(l.reader, c.limit)
	if err == nil && chunked {
		err = header.ReadTrailer(l.reader)
	}
	c.body = c.answer.Body()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return errHuge
	}
	return l.cause(err)
}

// closes says whether the connection ends with this answer, however it spells that.
func (c *call) closes() bool {
	header := &c.answer.Header
	if header.ConnectionClose() || c.status < 200 {
		return true
	}
	for token := range bytes.SplitSeq(header.Peek("Connection"), []byte(",")) {
		if strings.EqualFold(string(bytes.TrimSpace(token)), "close") {
			return true
		}
	}
	return false
}

// headerOn reads the last header of a recorded answer the way net/http does. fasthttp keeps only one of several values of
// some headers, and an answer that is judged is judged on all of them.
func headerOn(tape []byte) http.Header {
	reader := bufio.NewReader(bytes.NewReader(tape))
	for range maxInterims {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return nil // what one library takes for a header and the other does not has no fields to judge
		}
		_ = response.Body.Close() // it reads from memory
		if response.StatusCode >= 200 {
			return response.Header
		}
	}
	return nil
}
