package suites

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// outcome is what one exchange says before any rule looks at it.
type outcome int

// The outcomes. The first five teach nothing about a rule that is asked of the request.
const (
	unsent     outcome = iota // never left this machine
	faulty                    // the harness could not build it: our own fault
	unanswered                // no answer, or only a part of one
	throttled                 // too many requests
	broken                    // the server failed
	redirected                // sent elsewhere; nothing is followed
	accepted                  // a success, or nothing that says otherwise
	refused                   // a response code of refusal
	codeless                  // a 4xx status and no response code: somebody in front of the provider
	shapeless                 // a 2xx status around something that is no JSON object
	unreadable                // the body was cut at our own limit
)

// reading is one exchange, read leniently: a code may be a string or a number, and what is no code counts as none. Rules
// about the form of an answer are asked elsewhere, of the same reading.
type reading struct {
	exchange *snap.Exchange
	outcome  outcome
	status   int
	code     snap.Code // "" when missing or malformed
	message  string
	body     map[string]any // nil when the body is no JSON object
	isJSON   bool
}

// The members of every answer that the standard gives a fixed name.
const (
	codeMember    = "responseCode"
	messageMember = "responseMessage"
)

func read(x *snap.Exchange) reading {
	r := reading{exchange: x}
	switch {
	case x == nil:
		return r
	case x.Got == nil && x.Failure != nil && x.Failure.Kind == snap.FailureRequest:
		r.outcome = faulty
		return r
	case x.Got == nil:
		r.outcome = unanswered
		return r
	}
	r.status = x.Got.Status
	value, err := parseJSON(readable(x.Got))
	r.isJSON = err == nil
	r.body, _ = value.(map[string]any)
	r.code = lenientCode(r.body[codeMember])
	r.message, _ = r.body[messageMember].(string)
	r.outcome = r.classify()
	return r
}

// readable is a body as far as it is text. Bytes that are not UTF-8 are replaced: that they are there breaks a rule of its
// own, and what the answer says can be read all the same.
func readable(got *snap.Response) string {
	if !got.NotUTF8 {
		return strings.ToValidUTF8(got.Body, "\ufffd")
	}
	raw, err := base64.StdEncoding.DecodeString(got.Body)
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(string(raw), "\ufffd")
}

func (r *reading) classify() outcome {
	class := ""
	if r.code != "" {
		class = string(r.code[:1])
	}
	switch {
	case r.status == 429 || r.code.HTTP() == 429:
		return throttled
	case r.status >= 500 || class == "5":
		return broken
	case r.status >= 300 && r.status < 400:
		return redirected
	case r.status >= 400 && r.code != "":
		return refused
	case r.status >= 400:
		return codeless
	case r.status < 200:
		return unanswered
	case r.exchange.Got.Truncated:
		return unreadable
	case r.body == nil:
		return shapeless
	case class == "" || class == "2":
		return accepted
	}
	return refused
}

// parseJSON reads one document and nothing after it; numbers keep their digits.
func parseJSON(text string) (any, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

func lenientCode(value any) snap.Code {
	var code snap.Code
	switch v := value.(type) {
	case string:
		code = snap.Code(v)
	case json.Number:
		code = snap.Code(v.String())
	}
	if !code.Valid() {
		return ""
	}
	return code
}

// learnsNothing says whether the exchange is no evidence on a rule asked of the request, and why in a few words.
func (r *reading) learnsNothing() (string, bool) {
	switch r.outcome {
	case unsent, faulty, unanswered, throttled, broken, redirected, unreadable:
		return r.String(), true
	}
	return "", false
}

// String is what came, in words: "HTTP 409, its response code “its message”".
func (r *reading) String() string {
	switch {
	case r.exchange == nil:
		return "nothing was sent"
	case r.exchange.Failure != nil && r.outcome == faulty:
		return "the request could not be made: " + r.exchange.Failure.Detail
	case r.exchange.Got == nil && r.exchange.Failure != nil:
		return fmt.Sprintf("no answer (%s: %s)", r.exchange.Failure.Kind, r.exchange.Failure.Detail)
	case r.exchange.Got == nil:
		return "no answer"
	}
	text := "HTTP " + strconv.Itoa(r.status)
	switch {
	case r.code != "":
		text += ", " + string(r.code)
	case r.body != nil && r.body[codeMember] != nil:
		text += ", responseCode " + excerpt(spell(r.body[codeMember]), 40)
	case r.body != nil:
		text += ", no responseCode"
	case r.exchange.Got.Truncated:
		text += fmt.Sprintf(", a body of more than %d bytes", len(r.exchange.Got.Body))
	case r.exchange.Got.Body == "":
		text += ", no body"
	default:
		text += ", a body that is no JSON object"
	}
	if r.message != "" {
		text += " “" + excerpt(r.message, 160) + "”"
	}
	switch r.outcome {
	case throttled:
		text += ": too many requests"
	case redirected:
		text += ": redirected; not followed"
	}
	return text
}

// spell writes a JSON value as it may stand in a sentence or a document: < and & as they are.
func spell(value any) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return "?"
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// excerpt cuts a text that is too long for a sentence, at a character.
func excerpt(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit]) + "…"
}
