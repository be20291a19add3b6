package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// The members of HTTP Archive 1.2. Times are milliseconds; -1 means unknown or that the phase did not happen.
type harFile struct {
	Log harLog `json:"log"`
}

type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Pages   []harPage  `json:"pages"`
	Entries []harEntry `json:"entries"`
	Comment string     `json:"comment,omitempty"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// harPage is one endpoint, so that a network panel groups by it.
type harPage struct {
	Started string         `json:"startedDateTime"`
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Timings map[string]any `json:"pageTimings"`
}

type harEntry struct {
	Page     string         `json:"pageref"`
	Started  string         `json:"startedDateTime"`
	Time     float64        `json:"time"`
	Request  harRequest     `json:"request"`
	Response harResponse    `json:"response"`
	Cache    map[string]any `json:"cache"`
	Timings  harTimings     `json:"timings"`
	Comment  string         `json:"comment,omitempty"`
	ID       string         `json:"_exchange"` // the underscore marks members that HAR does not define
	Rules    []string       `json:"_rules,omitempty"`
	Change   string         `json:"_change,omitempty"`
	Curl     string         `json:"_curl,omitempty"`
	Attempts []string       `json:"_attempts,omitempty"`
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Version     string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	Query       []harPair `json:"queryString"`
	Post        *harPost  `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harPost struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params"`
	Text     string    `json:"text"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	Version     string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	Redirect    string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int64      `json:"bodySize"`
	Error       string     `json:"_error,omitempty"`
}

type harContent struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type harTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
	SSL     float64 `json:"ssl"`
}

// WriteHAR writes exchanges.har: every exchange in full, one page an endpoint. Answers that never came have status 0, as
// browsers write them, and say why in _error.
func WriteHAR(w io.Writer, d *Dossier) error {
	log := harLog{
		Version: "1.2", Creator: harCreator{d.Report.Tool.Name, d.Report.Tool.Version}, Entries: []harEntry{}, Pages: []harPage{},
		Comment: "Masked evidence of run " + d.Report.Run.ID + "; {masked:LENGTH:PRINT} stands for a secret of that length.",
	}
	titles := map[string]string{}
	for _, e := range d.Report.Endpoints {
		titles[e.Name] = e.Title
	}
	seen := map[string]bool{}
	for i := range d.Exchanges {
		x := &d.Exchanges[i]
		if !seen[x.Endpoint] {
			seen[x.Endpoint] = true
			log.Pages = append(log.Pages, harPage{Started: harTime(x.Started), ID: x.Endpoint, Title: cmp.Or(titles[x.Endpoint], x.Endpoint), Timings: map[string]any{}})
		}
		log.Entries = append(log.Entries, newHAREntry(x))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	if err := e.Encode(harFile{log}); err != nil {
		return fmt.Errorf("writing exchanges.har: %w", err)
	}
	return nil
}

func newHAREntry(x *Exchange) harEntry {
	protocol := cmp.Or(x.Proto, "HTTP/1.1")
	in := harRequest{
		Method: x.Method, URL: x.URL, Version: protocol, Cookies: []harPair{}, Headers: pairs(x.RequestHeader), Query: []harPair{},
		HeadersSize: -1, BodySize: len(x.RequestBody),
	}
	_, params := split(x.URL)
	for _, p := range params {
		_, value, _ := strings.Cut(p, "=")
		if plainValue, err := url.QueryUnescape(value); err == nil {
			value = plainValue
		}
		in.Query = append(in.Query, harPair{paramName(p), value})
	}
	if x.RequestBody != "" {
		in.Post = &harPost{MimeType: headerOf(x.RequestHeader, "Content-Type"), Params: []harPair{}, Text: x.RequestBody}
	}
	out := harResponse{
		Status: x.Status, Version: protocol, Cookies: []harPair{}, Headers: pairs(x.ResponseHeader), Redirect: headerOf(x.ResponseHeader, "Location"), HeadersSize: -1, BodySize: x.BodySize,
		Content: harContent{Size: x.BodySize, MimeType: cmp.Or(headerOf(x.ResponseHeader, "Content-Type"), "x-unknown"), Text: x.ResponseBody}, Error: x.Failure,
	}
	if x.Status != 0 {
		out.StatusText = strings.TrimSpace(strings.TrimPrefix(x.statusLine(), fmt.Sprintf("%s %d", protocol, x.Status)))
	} else {
		out.BodySize = -1
	}
	if x.Base64 {
		out.Content.Encoding = "base64"
	}
	if x.Truncated {
		out.Content.Comment = "only the beginning was read"
	}
	return harEntry{
		Page: x.Endpoint, Started: harTime(x.Started), Time: milliseconds(x.Took), Request: in, Response: out, Cache: map[string]any{}, Timings: harTimingsOf(x),
		Comment: strings.TrimSpace(x.Case + " " + x.Change), ID: x.ID, Rules: x.Rules, Change: x.Change, Curl: x.Curl, Attempts: x.Attempts,
	}
}

// harTimingsOf splits an exchange's time so that the parts make up the whole, ssl being part of connect.
func harTimingsOf(x *Exchange) harTimings {
	t := harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1}
	if x.Connect+x.TLS > 0 {
		t.Connect = milliseconds(x.Connect + x.TLS)
	}
	if x.TLS > 0 {
		t.SSL = milliseconds(x.TLS)
	}
	t.Wait, t.Receive = milliseconds(x.FirstByte), milliseconds(x.Receive)
	t.Send = max(0, milliseconds(x.Took-x.Connect-x.TLS-x.FirstByte-x.Receive))
	return t
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func harTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

func pairs(headers []Header) []harPair {
	out := make([]harPair, len(headers))
	for i, h := range headers {
		out[i] = harPair(h)
	}
	return out
}

func headerOf(headers []Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
