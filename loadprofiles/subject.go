package loadprofiles

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// Subject is one endpoint under load, and who we are to it.
type Subject struct {
	Endpoint *contract.Endpoint
	Base     *url.URL                   // its path goes before the endpoint's and is not signed
	Known    map[contract.Source]string // credentials and account values of a good request
	Signing  contract.Signing           // secret, keys and customer token; token and time are filled here
	Tokens   Tokens                     // where the B2B token comes from; nil for calls without one
	Masker   *snap.Masker               // of what is kept of sampled answers
}

// Tokens hands out B2B tokens; [snap.TokenSource] does, renewing them off the hot path.
type Tokens interface {
	Token(ctx context.Context) (string, error)
	Forget(token string)
}

// subject is a Subject made ready: everything that does not change from request to request is done.
type subject struct {
	Subject
	name      string
	template  snap.Template
	values    []unique // in the order of template.Unique
	success   map[string]bool
	repeated  contract.Source // the source whose value a deliberate duplicate repeats; "" when nothing forbids one
	duplicate map[string]bool // the codes that refuse one
	refusals  map[string]bool // the codes that refuse a token
	path      string          // on the wire, query left out
	links     *links          // when sent by the fast transport

	mu   sync.Mutex
	free []*flight
}

// tokenMark stands for the token while the template is made; it occurs in nothing else.
const tokenMark = "snapcert-token-mark-0000000000000000"

// newSubject makes the template from the same contract and the same good request that certification sends.
func newSubject(s Subject, lane string) (*subject, error) {
	e := s.Endpoint
	if e.Token {
		return nil, fmt.Errorf("%s is the access-token call: it is signed with RSA and fetched off the hot path, so it cannot be put under load", e.Name())
	}
	made := &subject{Subject: s, name: e.Name(), success: set(e.Success), refusals: set(e.Family(contract.FamilyToken).Codes)}
	random := rand.New(rand.NewPCG(1, uint64(len(lane)))) // only fills places that are overwritten
	values := contract.Values{Known: s.Known, Fresh: func(row *contract.Row) string {
		text := contract.Invent(row, random)
		made.values = append(made.values, unique{source: row.From, name: row.Name, text: text})
		return text
	}}
	draft, err := e.Draft(values, "")
	if err != nil {
		return nil, err
	}
	signing := s.Signing
	signing.Token, signing.At = tokenMark, time.Unix(1_700_000_000, 0)
	prepared, err := draft.Prepare(signing)
	if err != nil {
		return nil, err
	}
	sealed, _ := prepared.Draft.SeamlessText()
	request := prepared.Request()
	made.template = snap.Template{
		Scheme: prepared.Scheme, Request: request, Token: prepared.Token, Layout: e.Provider.Timestamp.Layout,
		Zone: time.FixedZone("WIB", 7*60*60),
	}
	if row, where, ok := e.RowFrom(contract.FromTimestamp); ok && where == contract.InHeader {
		made.template.TimestampHeader = row.Name
		request.DropHeader(row.Name)
	}
	row, where, ok := e.RowFrom(contract.FromSignature)
	if !ok || where != contract.InHeader || row.Prefix != "" {
		return nil, fmt.Errorf("%s: its contract has no signature header to fill", e.Name())
	}
	made.template.SignatureHeader = row.Name
	for _, h := range []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer"} {
		request.DropHeader(h) // the transport's business
	}
	request.Body = snap.Minify(nil, request.Body)
	if err := made.layOut(lane, sealed, request); err != nil {
		return nil, err
	}
	made.path = strings.TrimSuffix(s.Base.EscapedPath(), "/") + request.Path
	made.findDuplicate()
	return made, made.rehearse()
}

// layOut decides which characters of each unique value carry the ticket. A value under an RSA signature stays as it is:
// one such signature costs as much as hundreds of the others, so it is made once.
func (s *subject) layOut(lane, sealed string, r *snap.Request) error {
	var kept []unique
	for i, u := range s.values {
		row, _, ok := s.Endpoint.RowFrom(u.source)
		if !ok || row.Name != u.name {
			row = rowNamed(s.Endpoint, u.name)
		}
		if strings.Contains(sealed, u.text) || !holds(r, u.text) {
			continue
		}
		if err := u.layOut(row, fmt.Sprintf("%s/%s/%d", lane, s.name, i)); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		kept = append(kept, u)
		s.template.Unique = append(s.template.Unique, u.text)
	}
	s.values = kept
	return nil
}

func rowNamed(e *contract.Endpoint, name string) *contract.Row {
	for _, where := range []contract.Where{contract.InHeader, contract.InQuery, contract.InBody} {
		if row, _, ok := e.Row(contract.Address(string(where) + "." + name)); ok {
			return row
		}
	}
	return &contract.Row{Name: name}
}

func holds(r *snap.Request, text string) bool {
	for _, h := range r.Header {
		if strings.Contains(h.Value, text) {
			return true
		}
	}
	return strings.Contains(r.Target(), text) || strings.Contains(string(r.Body), text)
}

// findDuplicate looks for the rule that forbids using a reference, or else an external id, twice.
func (s *subject) findDuplicate() {
	for _, r := range s.Endpoint.Rules {
		if r.Kind != contract.Unique || r.Level != contract.Must || r.Row == nil || r.Is != "day" && r.Is != "always" {
			continue
		}
		from := r.Row.From
		if from != contract.FromReference && (from != contract.FromExternalID || s.repeated != "") {
			continue
		}
		codes, _, _ := r.Answers()
		s.repeated, s.duplicate = from, set(codes)
		if from == contract.FromReference {
			return
		}
	}
}

// rehearse signs one request the fast way and the way certification does, and compares.
func (s *subject) rehearse() error {
	signer, err := snap.NewHotSigner(s.template, s.Signing.Secret)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.number(signer, Ticket{N: 1}, make([]byte, 0, 64))
	signature := string(signer.Sign(time.Unix(1_700_000_000, 0)))
	path, query, _ := strings.Cut(string(signer.Target()), "?")
	plain := &snap.Request{Method: s.template.Request.Method, Path: path, Query: query, Body: signer.Body()}
	text := snap.StringToSign(s.template.Scheme, plain, s.template.Token, string(signer.Timestamp()))
	if snap.Symmetric(s.template.Scheme, s.Signing.Secret, text) != signature {
		return fmt.Errorf("%s: the fast signer and the plain one disagree", s.name)
	}
	return nil
}

// number writes a ticket into every unique value. A deliberate duplicate repeats one value of the ticket before it.
func (s *subject) number(signer *snap.HotSigner, t Ticket, buffer []byte) {
	for i := range s.values {
		u := &s.values[i]
		n := t.N
		if t.Duplicate && u.source == s.repeated {
			n--
		}
		_ = signer.Set(i, u.write(buffer[:0], n)) // same length and plain characters, so it cannot fail
	}
}

// judge says what an answer is worth: success is a success code with the HTTP status that it stands for.
func (s *subject) judge(t Ticket, status int, code string) outcome {
	if snap.Code(code).HTTP() != status {
		return refused
	}
	switch {
	case s.success[code]:
		return succeeded
	case (t.Paired || t.Duplicate) && s.duplicate[code]:
		return refusedDuplicate
	}
	return refused
}

func (s *subject) newRequest(ctx context.Context) (*http.Request, error) {
	u := &url.URL{Scheme: s.Base.Scheme, Host: s.Base.Host, Opaque: s.path}
	r := (&http.Request{
		Method: s.template.Request.Method, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, URL: u, Host: u.Host,
		Header: http.Header{"User-Agent": {userAgent}},
	}).WithContext(ctx)
	if u.Host == "" {
		return nil, fmt.Errorf("%s: base URL %q has no host", s.name, s.Base)
	}
	return r, nil
}

const userAgent = "snapcert"

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, item := range list {
		m[item] = true
	}
	return m
}
