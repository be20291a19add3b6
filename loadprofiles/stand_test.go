package loadprofiles

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// stand is a provider for one test: it verifies each signature, remembers every id, and answers by the contract unless
// the test has its own idea.
type stand struct {
	t        testing.TB
	endpoint *contract.Endpoint
	listener net.Listener
	server   *http.Server
	answer   func(w http.ResponseWriter, r *http.Request, taken bool) // nil: by the contract
	slow     func()

	requests, badSignatures, duplicates atomic.Uint64
	mu                                  sync.Mutex
	ids, references                     map[string]int
}

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const testSecret, testToken = "test-secret-of-the-stand", "token-of-the-stand-0123456789"

func providers(t testing.TB) []*contract.Provider {
	t.Helper()
	list, err := contract.Load(os.DirFS("../fixtures/providers"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func endpointNamed(t testing.TB, name string) *contract.Endpoint {
	t.Helper()
	for _, p := range providers(t) {
		for _, e := range p.Endpoints {
			if e.Name() == name {
				return e
			}
		}
	}
	t.Fatalf("no endpoint %s", name)
	return nil
}

func newStand(t testing.TB, endpoint string) *stand {
	t.Helper()
	s := &stand{t: t, endpoint: endpointNamed(t, endpoint), ids: map[string]int{}, references: map[string]int{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = listener
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

func (s *stand) header(r *http.Request, source contract.Source) string {
	row, where, ok := s.endpoint.RowFrom(source)
	if !ok || where != contract.InHeader {
		return ""
	}
	return r.Header.Get(row.Name)
}

// ServeHTTP takes each reference once, judged on the raw body so that it costs little.
func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.requests.Add(1)
	plain := &snap.Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Body: body}
	scheme := s.endpoint.Provider.Scheme()
	text := snap.StringToSign(scheme, plain, testToken, s.header(r, contract.FromTimestamp))
	if !snap.VerifySymmetric(scheme, []byte(testSecret), text, s.header(r, contract.FromSignature)) || r.Header.Get(seqHeader) != "" {
		s.badSignatures.Add(1)
	}
	id, reference := s.header(r, contract.FromExternalID), s.reference(body)
	s.mu.Lock()
	s.ids[id]++
	s.references[reference]++
	taken := s.references[reference] > 1
	s.mu.Unlock()
	if taken {
		s.duplicates.Add(1)
	}
	if s.slow != nil {
		s.slow()
	}
	if s.answer != nil {
		s.answer(w, r, taken)
		return
	}
	s.reply(w, taken)
}

func (s *stand) reply(w http.ResponseWriter, taken bool) {
	code := s.endpoint.Success[0]
	if taken {
		if codes := s.endpoint.Family(contract.FamilyDuplicateRef).Codes; len(codes) > 0 {
			code = codes[0]
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(snap.Code(code).HTTP())
	_, _ = io.WriteString(w, `{"responseMessage":"fine","responseCode":"`+code+`","nested":{"responseCode":"9999999"}}`)
}

func (s *stand) reference(body []byte) string {
	row, where, ok := s.endpoint.RowFrom(contract.FromReference)
	if !ok || where != contract.InBody {
		return ""
	}
	key := []byte(`"` + row.Name + `":"`)
	for i := range body {
		if len(body)-i > len(key) && string(body[i:i+len(key)]) == string(key) {
			rest := body[i+len(key):]
			for k, c := range rest {
				if c == '"' {
					return string(rest[:k])
				}
			}
		}
	}
	return ""
}

// busy reports whether a run is invalid for nothing but the generator's sake: a busy machine is no fault of the code.
func busy(l *reports.Load) bool {
	return l.Verdict == reports.LoadInvalid && !slices.ContainsFunc(l.Reasons, func(r string) bool { return !strings.HasPrefix(r, "generator-limited") })
}

// watchStalls watches how much longer than asked a sleep takes, until stop, which returns the longest: on a machine that
// stalls for longer than a test can bear, the test learns nothing.
func watchStalls() (stop func() time.Duration) {
	done, longest := make(chan struct{}), make(chan time.Duration)
	go func() {
		most := time.Duration(0)
		for {
			select {
			case <-done:
				longest <- most
				return
			default:
			}
			began := time.Now()
			time.Sleep(2 * time.Millisecond)
			most = max(most, time.Since(began)-2*time.Millisecond)
		}
	}()
	return func() time.Duration {
		close(done)
		return <-longest
	}
}

// fixedToken is a token source that always has the same one.
type fixedToken struct{}

func (fixedToken) Token(context.Context) (string, error) { return testToken, nil }
func (fixedToken) Forget(string)                         {}

// subject is the stand's endpoint, with what it takes for good.
func (s *stand) subject() Subject {
	base := &url.URL{Scheme: "http", Host: s.listener.Addr().String()}
	return testSubject(s.endpoint, base)
}

func testSubject(e *contract.Endpoint, base *url.URL) Subject {
	return Subject{
		Endpoint: e, Base: base,
		Known: map[contract.Source]string{
			contract.FromPartnerID: "PARTNER1", contract.FromClientKey: "client-key", contract.FromMerchantID: "MERCHANT1",
			contract.FromChannelID: "95221", contract.FromDevice: "device-1", contract.FromAccountID: "account-1",
			contract.FromCustomerToken: "customer-token", contract.FromPhone: "081200001234",
		},
		Signing: contract.Signing{Secret: []byte(testSecret), Key: testKey(), ClientKey: "client-key", CustomerToken: "customer-token"},
		Tokens:  fixedToken{}, Masker: snap.NewMasker([]byte("mask")),
	}
}

// options sends the loopback stage to the stand.
func (s *stand) options(t testing.TB, p Profile) Options {
	t.Helper()
	transport, err := NewTransport(p, TransportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	site := Site{Subjects: []Subject{s.subject()}, Transport: transport}
	return Options{Sites: map[string]Site{StageSigning: site, StageLoopback: site, StageWire: site}, Seed: 1}
}

// profile is a short one; the lines are added to it.
func testProfile(t testing.TB, lines string) Profile {
	t.Helper()
	p, err := Parse("test.yaml", []byte("name: test\nabout: A test.\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
