package loadprofiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// fast is the transport that is asked for where the generator's own processor time is the limit. A request is bytes that
// are written at once; the answer is read by fasthttp on the same goroutine. net/http has two more goroutines for each
// connection, which is where most of its time goes.
//
// It keeps to net/http's rules: a request goes out a second time only when a kept connection lost the first, and nothing
// of it was written, or nothing was answered and its method is safe to repeat. Answers of any status are answers,
// redirects are not followed, nothing is decompressed. It differs in this: it uses no proxy; it refuses an
// answer with two lengths, equal or not; it wants lines of an answer's header to end in CR LF; it reads the answer only
// when the request is written to its end; and a request that waits for its own dial does not take a connection that
// becomes free meanwhile.
type fast struct {
	dials  *dials
	proxy  bool // look for one in the environment, and refuse it
	places int
	spare  int
	fresh  bool

	mu    sync.Mutex
	hosts map[string]*links
}

// to returns the connections to a host.
func (t *fast) to(base *url.URL) (*links, error) {
	address, secure, err := addressOf(base)
	if err != nil {
		return nil, err
	}
	if t.proxy {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: base})
		if err != nil {
			return nil, fmt.Errorf("proxy of the environment: %w", err)
		}
		if proxy != nil {
			return nil, fmt.Errorf("the environment names a proxy for %s, and the fast transport cannot use one", base.Host)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := base.Scheme + "://" + address
	if s := t.hosts[key]; s != nil {
		return s, nil
	}
	dial := t.dials.connect
	if secure {
		dial = t.dials.secure
	}
	s := &links{spare: t.spare, fresh: t.fresh, dial: func(ctx context.Context) (net.Conn, error) { return dial(ctx, "tcp", address) }}
	if t.places > 0 {
		s.places = make(chan struct{}, t.places)
	}
	t.hosts[key] = s
	return s, nil
}

func addressOf(base *url.URL) (address string, secure bool, err error) {
	port := base.Port()
	switch {
	case base.Hostname() == "":
		return "", false, fmt.Errorf("URL %q has no host", base.Redacted())
	case base.Scheme == "https":
		secure = true
		if port == "" {
			port = "443"
		}
	case base.Scheme != "http":
		return "", false, fmt.Errorf("URL %q: want http or https", base.Redacted())
	case port == "":
		port = "80"
	}
	return net.JoinHostPort(base.Hostname(), port), secure, nil
}

func (t *fast) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.hosts {
		s.close()
	}
}

// RoundTrip is for whoever has a request of net/http's; flights go the shorter way. The answer's body is read already.
func (t *fast) RoundTrip(r *http.Request) (*http.Response, error) {
	s, err := t.to(r.URL)
	if err != nil {
		return nil, err
	}
	c := newCall((*traced)(httptrace.ContextClientTrace(r.Context())))
	c.named, c.safe, c.bodiless = true, safeMethod(r.Method), r.Method == http.MethodHead
	if c.wire, err = wireOf(r, s.fresh); err != nil {
		return nil, err
	}
	defer context.AfterFunc(r.Context(), c.hangUp)()
	got, err := s.exchange(r.Context(), c)
	if err != nil && (got < answering || r.Context().Err() != nil) {
		return nil, err
	}
	header := &c.answer.Header
	response := &http.Response{
		StatusCode: c.status, Status: fmt.Sprintf("%d %s", c.status, header.StatusMessage()), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.header, ContentLength: int64(len(c.body)),
		Body: io.NopCloser(&cutShort{Reader: *bytes.NewReader(c.body), err: err}),
	}
	return response, nil
}

// cutShort is a body that ends with an error.
type cutShort struct {
	bytes.Reader
	err error
}

// Read implements io.Reader.
func (b *cutShort) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.err != nil && errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

// traced tells net/http's trace, if there is one, what it tells of the fast transport.
type traced httptrace.ClientTrace

func (t *traced) gotConn() {
	if t != nil && t.GotConn != nil {
		t.GotConn(httptrace.GotConnInfo{})
	}
}

func (t *traced) wroteRequest() {
	if t != nil && t.WroteRequest != nil {
		t.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

func (t *traced) firstByte() {
	if t != nil && t.GotFirstResponseByte != nil {
		t.GotFirstResponseByte()
	}
}

func safeMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// wireOf is a whole request.
func wireOf(r *http.Request, fresh bool) (_ []byte, err error) {
	var body []byte
	if r.Body != nil {
		body, err = io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
	}
	wire := append([]byte(nil), r.Method+" "+r.URL.RequestURI()+" HTTP/1.1\r\n"...)
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	wire = appendField(wire, "Host", host)
	for name, values := range r.Header {
		if slices.Contains(ownHeaders, strings.ToLower(name)) {
			continue
		}
		for _, value := range values {
			if err := checkField(name, value); err != nil {
				return nil, err
			}
			wire = appendField(wire, name, value)
		}
	}
	return appendBody(wire, r.Method, body, fresh), nil
}

// ownHeaders are the transport's business.
var ownHeaders = []string{"host", "content-length", "transfer-encoding", "trailer", "connection"}
