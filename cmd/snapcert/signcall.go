package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// signCall is a request with the pieces its signature covers. Headers that it lacks are added under the names that the
// provider's contract gives them.
type signCall struct {
	request   *snap.Request
	endpoint  *contract.Endpoint // the one the path belongs to, or any of the provider's
	asToken   bool               // signed as the access-token call
	token     string
	timestamp string
	clientKey string
	base      string   // scheme and host, when known
	leaveOut  []string // headers that are not sent
}

// call reads the request in whichever way it was given.
func (a *app) call(f *signFlags, s *signer, args []string) (*signCall, error) {
	if f.endpoint != "" {
		if len(args) > 0 {
			return nil, usage("--endpoint and a request are two answers to one question")
		}
		return s.goodCall(f)
	}
	if len(args) == 0 {
		return nil, usage("no request: give a JSON file, a URL with -X, -H and -d, or --endpoint")
	}
	c := &signCall{}
	var err error
	if f.method != "" || f.data != "" || len(f.headers) > 0 || strings.HasPrefix(args[0], "http://") || strings.HasPrefix(args[0], "https://") {
		err = c.likeCurl(f, args[0])
	} else {
		err = c.fromFile(a.in, args[0])
	}
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	c.renew(f.renew, s.random())
	if err := c.resolve(f, s); err != nil {
		return nil, withCode(exitUsage, err)
	}
	c.leaveOut = f.leaveOut
	if err := c.seamless(s); err != nil {
		return nil, withCode(exitUsage, err)
	}
	return c, nil
}

// requestFile is a request as a file states it.
type requestFile struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Query   string            `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func (c *signCall) fromFile(stdin io.Reader, name string) error {
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(io.LimitReader(stdin, largestRead))
	} else {
		var text string
		text, err = readText(name)
		data = []byte(text)
	}
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	var file requestFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return fmt.Errorf("read request %s: %w%s", name, err, position(data, err))
	}
	if file.Method == "" || !strings.HasPrefix(file.Path, "/") {
		return fmt.Errorf("read request %s: it needs a method and a path that begins with a slash", name)
	}
	path, query, _ := strings.Cut(file.Path, "?")
	if query == "" {
		query = strings.TrimPrefix(file.Query, "?")
	}
	c.request = &snap.Request{Method: file.Method, Path: path, Query: query, Body: bytes.TrimSpace(file.Body)}
	for name, value := range file.Headers {
		c.request.SetHeader(name, value)
	}
	var text string
	if err := json.Unmarshal(file.Body, &text); len(file.Body) > 0 && err == nil {
		c.request.Body = []byte(text)
	}
	if string(c.request.Body) == "null" {
		c.request.Body = nil
	}
	return nil
}

// position tells line and column of a syntax error.
func position(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(-1)
	if errors.As(err, &syntax) {
		at = syntax.Offset
	} else if errors.As(err, &kind) {
		at = kind.Offset
	}
	if at < 0 || at > int64(len(data)) {
		return ""
	}
	before := data[:at]
	return fmt.Sprintf(" (line %d, column %d)", 1+bytes.Count(before, []byte("\n")), at-int64(bytes.LastIndexByte(before, '\n')))
}

func (c *signCall) likeCurl(f *signFlags, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("read URL: %w", err)
	}
	if !strings.HasPrefix(u.EscapedPath(), "/") {
		return fmt.Errorf("read URL: %s has no path that begins with a slash", u.Redacted())
	}
	c.request = &snap.Request{Method: strings.ToUpper(f.method), Path: u.EscapedPath(), Query: u.RawQuery}
	if u.Host != "" {
		c.base = u.Scheme + "://" + u.Host
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return fmt.Errorf("-H %q has no colon", h)
		}
		c.request.SetHeader(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	body := f.data
	if file, ok := strings.CutPrefix(body, "@"); ok {
		if body, err = readText(file); err != nil {
			return fmt.Errorf("read body: %w", err)
		}
	}
	if body != "" {
		c.request.Body = []byte(body)
	}
	if c.request.Method == "" {
		c.request.Method = "GET"
		if body != "" {
			c.request.Method = "POST"
		}
	}
	return nil
}

// resolve finds token, timestamp and client key in the request under the provider's own header names, else takes them
// from the flags.
func (c *signCall) resolve(f *signFlags, s *signer) error {
	c.endpoint = s.endpointOf(c.request)
	if c.endpoint == nil {
		return fmt.Errorf("provider %s has no endpoint to take header names from", s.provider.Provider)
	}
	c.asToken = f.token || c.endpoint.Token
	if call := s.provider.TokenEndpoint(); c.asToken && call != nil {
		c.endpoint = call
	}
	c.token = c.sent(contract.FromB2BToken, s.token)
	c.clientKey = c.sent(contract.FromClientKey, s.clientKey)
	c.timestamp = c.sent(contract.FromTimestamp, f.timestamp)
	if c.timestamp == "" {
		c.timestamp = c.sent(contract.FromTimestamp, s.now.In(time.FixedZone("WIB", 7*60*60)).Format(s.provider.Timestamp.Layout))
	}
	switch {
	case c.asToken && c.clientKey == "":
		return errors.New("the token call's client key is needed: in the request, by --client-key or --target")
	case !c.asToken && c.token == "":
		return errors.New("the access token is needed: in the request, by --token-env or --token-file")
	}
	return nil
}

// sent is the value of the header in that role, without its prefix; a value given apart from the request is added to it.
func (c *signCall) sent(source contract.Source, given string) string {
	row, where, ok := c.endpoint.RowFrom(source)
	if !ok || where != contract.InHeader {
		return given
	}
	if value, there := c.request.HeaderValue(row.Name); there {
		return strings.TrimPrefix(value, row.Prefix)
	}
	if given != "" {
		c.request.SetHeader(row.Name, row.Prefix+given)
	}
	return given
}

// endpointOf is the provider's endpoint with the request's path, else the first that is no token call.
func (s *signer) endpointOf(r *snap.Request) *contract.Endpoint {
	var first *contract.Endpoint
	for _, e := range s.provider.Endpoints {
		if e.Path == r.Path {
			return e
		}
		if first == nil && !e.Token {
			first = e
		}
	}
	return first
}

// goodCall is the good request of a contract, with everything but its signature.
func (s *signer) goodCall(f *signFlags) (*signCall, error) {
	e, err := fixtures.Endpoint([]*contract.Provider{s.provider}, f.endpoint)
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	if s.target == nil {
		return nil, usage("--endpoint needs --target: a good request holds the partner's ids")
	}
	if !e.Token && s.token == "" {
		return nil, usage("the access token is needed: --token-env or --token-file")
	}
	random := s.random()
	values := contract.Values{Known: s.target.Known(), Fresh: func(row *contract.Row) string { return contract.Invent(row, random) }}
	draft, err := e.Draft(values, "")
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	prepared, err := draft.Prepare(contract.Signing{
		Secret: []byte(s.secret.Reveal()), Key: s.key, ClientKey: s.target.ClientKey, Token: s.token,
		CustomerToken: s.target.Active.CustomerToken.Reveal(), At: s.now,
	})
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	base := s.target.BaseURL
	if e.Token && s.target.TokenBaseURL != "" {
		base = s.target.TokenBaseURL
	}
	return &signCall{
		request: prepared.Request(), endpoint: e, asToken: e.Token, base: base,
		token: prepared.Token, timestamp: prepared.Timestamp, clientKey: prepared.ClientKey,
	}, nil
}
