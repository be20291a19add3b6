package reports

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Header is one header line.
type Header struct {
	Name  string
	Value string
}

// Exchange is one request and what became of it, as the papers show it. It holds masked text only: nothing here masks.
type Exchange struct {
	ID       string
	Endpoint string   // provider.endpoint, or the provider's token call
	Rules    []string // ids of the rules it was sent for; none for good requests and token calls
	Case     string   // the scenario
	Change   string   // the one change, in words; "" for none
	Changed  []string // names of the headers, parameters or body members that the change is about
	Fresh    []string // names whose value is another in every request: timestamp, signature, references
	Good     bool     // a request without any change, which others are compared with
	Variant  string   // which good request it was made from; "" is the base

	Method        string
	URL           string
	RequestHeader []Header
	RequestBody   string

	Status         int // 0 when nothing usable came back, see Failure
	Proto          string
	ResponseHeader []Header
	ResponseBody   string
	BodySize       int64 // bytes received, masks apart
	Truncated      bool  // ResponseBody is only the beginning
	Base64         bool  // ResponseBody is no UTF-8 and kept in base64
	Failure        string

	Started   time.Time
	Took      time.Duration
	Connect   time.Duration
	TLS       time.Duration
	FirstByte time.Duration
	Receive   time.Duration // first byte of the answer to its last
	Attempts  []string      // earlier tries that were repeated after Retry-After, one sentence each

	Curl string // a command line that sends it again, with secrets taken from the environment
}

// Dossier is all that the papers of one run are made from.
type Dossier struct {
	Report    *Report
	Exchanges []Exchange // in the order they were sent
	Form      Form
	Lang      Lang // "" means English
	HTML      HTMLOptions
}

// requestText is the request as raw text: request line, headers, empty line, body.
func (x *Exchange) requestText() string {
	return messageText(x.Method+" "+x.URL, x.RequestHeader, x.RequestBody)
}

// responseText is the answer as raw text, or why there is none.
func (x *Exchange) responseText() string {
	if x.Status == 0 {
		return x.Failure
	}
	return messageText(x.statusLine(), x.ResponseHeader, x.ResponseBody)
}

// statusLine is the first line of the answer.
func (x *Exchange) statusLine() string {
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", cmp.Or(x.Proto, "HTTP/1.1"), x.Status, http.StatusText(x.Status)))
}

func messageText(first string, headers []Header, body string) string {
	var b strings.Builder
	b.WriteString(first)
	for _, h := range headers {
		b.WriteString("\n" + h.Name + ": " + h.Value)
	}
	if body != "" {
		b.WriteString("\n\n" + body)
	}
	return b.String()
}

// split parts a URL into what precedes the query and the parameters as they stand, undecoded.
func split(address string) (base string, params []string) {
	base, query, found := strings.Cut(address, "?")
	if !found || query == "" {
		return base, nil
	}
	return base, strings.Split(query, "&")
}

// paramName is the decoded name of an undecoded parameter.
func paramName(param string) string {
	name, _, _ := strings.Cut(param, "=")
	if plainName, err := url.QueryUnescape(name); err == nil {
		return plainName
	}
	return name
}
