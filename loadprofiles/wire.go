package loadprofiles

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func appendField[T string | []byte](wire []byte, name string, value T) []byte {
	wire = append(wire, name...)
	wire = append(wire, ": "...)
	wire = append(wire, value...)
	return append(wire, "\r\n"...)
}

// appendBody ends the header and appends the body.
func appendBody(wire []byte, method string, body []byte, fresh bool) []byte {
	if fresh {
		wire = append(wire, "Connection: close\r\n"...)
	}
	if len(body) > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		wire = append(wire, "Content-Length: "...)
		wire = strconv.AppendInt(wire, int64(len(body)), 10)
		wire = append(wire, "\r\n"...)
	}
	wire = append(wire, "\r\n"...)
	return append(wire, body...)
}

// checkField refuses what would make another request of this one.
func checkField[T string | []byte](name string, value T) error {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return fmt.Errorf("header name %q has a character that does not belong there", name)
		}
	}
	if name == "" {
		return fmt.Errorf("a header has no name")
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %s has a control character in its value", name)
		}
	}
	return nil
}

// courier takes a flight's requests over the fast transport: the signer's bytes go to the connection as they are.
type courier struct {
	links *links
	call  *call
	line  string // method and path
	lead  string // what comes between request line and the signer's header
	known string // token with which the header was checked
	fit   bool
}

func newCourier(s *subject, note phases) *courier {
	lead := "Host: " + s.Base.Host + "\r\n"
	if _, own := s.template.Request.HeaderValue("User-Agent"); !own {
		lead += "User-Agent: " + userAgent + "\r\n"
	}
	c := &courier{links: s.links, call: newCall(note), line: s.template.Request.Method + " " + s.path, lead: lead}
	c.call.safe = safeMethod(s.template.Request.Method)
	c.call.bodiless = s.template.Request.Method == http.MethodHead
	return c
}

// load lays the signed request out.
func (c *courier) load(f *flight) error {
	if !c.fit || c.known != f.token { // what else changes are digits, and the signature
		if strings.ContainsFunc(f.subject.path+f.target, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return fmt.Errorf("the path %q has a character that does not belong there", f.target)
		}
		for _, h := range f.signer.Header() {
			if err := checkField(h.Name, h.Value); err != nil {
				return err
			}
		}
		c.fit, c.known = true, f.token
	}
	wire := append(c.call.wire[:0], c.line...)
	if query := f.request.URL.RawQuery; query != "" {
		wire = append(wire, '?')
		wire = append(wire, query...)
	}
	wire = append(wire, " HTTP/1.1\r\n"...)
	wire = append(wire, c.lead...)
	for _, h := range f.signer.Header() {
		wire = appendField(wire, h.Name, h.Value)
	}
	c.call.wire = appendBody(wire, f.request.Method, f.signer.Body(), c.links.fresh)
	return nil
}
