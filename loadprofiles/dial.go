package loadprofiles

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Transport is the transport of a stage over a network: net/http's, with the profile's limits, or the fast one. All
// stages and trials against one target share it. What its connections cost is kept apart from the requests that happened
// to wait for them.
type Transport struct {
	http.RoundTripper
	dials *dials
	fast  *fast // nil for net/http's
	close func()
}

// TransportOptions is what a profile cannot know.
type TransportOptions struct {
	Roots *x509.CertPool // nil for the system's
	Proxy bool           // take the environment's proxy
	Dial  Dial           // nil for the network's own
}

// Dial opens a connection.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// NewTransport makes the transport that a profile asks for.
func NewTransport(p Profile, o TransportOptions) (*Transport, error) {
	config := &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if p.TLS.Min == "1.3" {
		config.MinVersion = tls.VersionTLS13
	}
	if p.TLS.Resume {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(256)
	} else {
		config.SessionTicketsDisabled = true
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	t := &Transport{dials: &dials{config: config, dial: o.Dial}}
	if p.Transport == TransportFast {
		if !canPeek {
			return nil, errors.New("the fast transport cannot be had on this system, since idle connections cannot be looked at here")
		}
		t.fast = &fast{
			dials: t.dials, proxy: o.Proxy, places: p.Workers.Connections, spare: p.Workers.Most, fresh: p.TLS.Fresh, hosts: map[string]*links{},
		}
		t.RoundTripper, t.close = t.fast, t.fast.close
		return t, nil
	}
	plain := &http.Transport{
		DialContext:    t.dials.connect,
		DialTLSContext: t.dials.secure,
		// For connections through a proxy, which dials and shakes hands by itself.
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		DisableKeepAlives:      p.TLS.Fresh,
		MaxIdleConns:           p.Workers.Most,
		MaxIdleConnsPerHost:    p.Workers.Most,
		MaxConnsPerHost:        p.Workers.Connections,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
	if o.Proxy {
		plain.Proxy = http.ProxyFromEnvironment
	}
	t.RoundTripper, t.close = plain, plain.CloseIdleConnections
	return t, nil
}

// Close closes idle connections.
func (t *Transport) Close() { t.close() }

// dials opens connections and notes how long that took.
type dials struct {
	config *tls.Config
	dial   Dial

	mu       sync.Mutex
	note     func(connect, handshake time.Duration) // nil: nobody listens
	sessions uint64
}

// handshakeError tells a handshake that failed from a connection that broke later.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return fmt.Sprintf("TLS handshake: %v", e.err) }
func (e *handshakeError) Unwrap() error { return e.err }

func (d *dials) connect(ctx context.Context, network, address string) (net.Conn, error) {
	began := time.Now()
	conn, err := d.dial(ctx, network, address)
	if err == nil {
		d.tell(time.Since(began), 0)
	}
	return conn, err
}

func (d *dials) secure(ctx context.Context, network, address string) (net.Conn, error) {
	began := time.Now()
	raw, err := d.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	connected := time.Now()
	config := d.config.Clone()
	if host, _, err := net.SplitHostPort(address); err == nil {
		config.ServerName = host
	}
	conn := tls.Client(raw, config)
	handshake, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := conn.HandshakeContext(handshake); err != nil {
		_ = raw.Close() // the handshake's error is the one to tell
		return nil, &handshakeError{err}
	}
	d.tell(connected.Sub(began), time.Since(connected))
	return conn, nil
}

// listen hands every new connection's times to note, until the next call.
func (d *dials) listen(note func(connect, handshake time.Duration)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note = note
}

func (d *dials) tell(connect, handshake time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions++
	if d.note != nil {
		d.note(connect, handshake)
	}
}
