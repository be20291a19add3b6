package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// send makes and sends the good request of an endpoint.
func (f *flight) send(ctx context.Context, e *contract.Endpoint) (*snap.Exchange, *snap.Answer, error) {
	values := contract.Values{Known: f.target.Known(), Fresh: func(row *contract.Row) string { return contract.Invent(row, f.random) }}
	draft, err := e.Draft(values, "")
	if err != nil {
		return nil, nil, err
	}
	request, err := draft.Sign(contract.Signing{
		Secret: []byte(f.target.ClientSecret.Reveal()), Key: f.target.PrivateKey, ClientKey: f.target.ClientKey,
		Token: f.token, CustomerToken: f.target.Active.CustomerToken.Reveal(), At: f.clock.Now(),
	})
	if err != nil {
		return nil, nil, err
	}
	base := f.target.BaseURL
	if e.Token && f.target.TokenBaseURL != "" {
		base = f.target.TokenBaseURL
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, nil, fmt.Errorf("base URL: %w", err)
	}
	client := &snap.Client{Transport: f.transport, Base: u, Masker: f.masker, Clock: f.clock, Timeout: f.target.Timeout}
	exchange, answer := client.Do(ctx, "preflight", e.Name(), request)
	return exchange, answer, nil
}

// unreachable names the layer at which it ended, because each is mended by somebody else.
func (f *flight) unreachable(x *snap.Exchange) {
	detail := x.Failure.Detail
	switch x.Failure.Kind {
	case snap.FailureTLS:
		hint := "a certificate of your own authority is trusted with tls.ca-file in the target file"
		if strings.Contains(detail, "does not look like a TLS handshake") {
			hint = "what answers there speaks no TLS: should base-url begin with http:, or name another port?"
		}
		f.add("TLS", reports.Fail, detail, hint)
	case snap.FailureTimeout:
		f.add("reachability", reports.Fail, detail, "is the address allowed out of this network, and in at the provider?")
	case snap.FailureConnect:
		f.add("reachability", reports.Fail, detail, "check base-url in the target file; a proxy is taken from HTTPS_PROXY")
	default:
		f.add("reachability", reports.Fail, detail, "")
	}
}

// skew compares clocks by the answer's own time, or by HTTP's.
func (f *flight) skew(e *contract.Endpoint, answer *snap.Answer) {
	theirs, known := f.theirTime(e, answer)
	if !known {
		f.add("clock", reports.Skip, "the answer carries no time", "")
		return
	}
	apart := f.clock.Now().Sub(theirs).Round(time.Second)
	if apart.Abs() > skewAllowed {
		f.add("clock", reports.Warn, fmt.Sprintf("ours is %s from theirs", apart), "signatures carry a time: set this machine's clock by NTP")
		return
	}
	f.add("clock", reports.Pass, fmt.Sprintf("within %s of theirs", skewAllowed), "")
}

func (f *flight) theirTime(e *contract.Endpoint, answer *snap.Answer) (time.Time, bool) {
	for i := range e.ResponseHeader {
		if e.ResponseHeader[i].From != contract.FromTimestamp {
			continue
		}
		if text, ok := answer.HeaderValue(e.ResponseHeader[i].Name); ok {
			if at, err := time.Parse(time.RFC3339, text); err == nil {
				return at, true
			}
		}
	}
	text, ok := answer.HeaderValue("Date")
	if !ok {
		return time.Time{}, false
	}
	at, err := http.ParseTime(text)
	return at, err == nil
}

// The members of every answer that the standard gives a fixed name.
const (
	codeMember    = "responseCode"
	messageMember = "responseMessage"
)

// received is an answer in a few words.
func (f *flight) received(answer *snap.Answer) string {
	text := fmt.Sprintf("HTTP %d", answer.Status)
	body := object(answer.Body)
	if code, ok := body[codeMember]; ok {
		text += fmt.Sprintf(", response code %v", code)
	}
	if message, ok := body[messageMember].(string); ok && message != "" {
		text += fmt.Sprintf(" %q", cut(message, 120))
	}
	return text
}

// noToken says what is wrong with an answer to the token call, and where to look.
func (f *flight) noToken(call *contract.Endpoint, exchange *snap.Exchange, answer *snap.Answer, member string) (text, hint string) {
	if answer.Status/100 != 2 {
		return "refused: " + f.received(answer), f.tokenHint(call, answer.Status)
	}
	if exchange.Got.Truncated {
		return fmt.Sprintf("the answer is far too long: HTTP %d", answer.Status), "is base-url the address of the API itself, and not of a page or a gateway?"
	}
	media, _ := answer.HeaderValue("Content-Type")
	if object(answer.Body) == nil {
		return fmt.Sprintf("the answer is no JSON object: HTTP %d, %s", answer.Status, cmp.Or(cut(media, 60), "no content type")),
			"is base-url the address of the API itself, and not of a page or a gateway?"
	}
	return fmt.Sprintf("the answer has no access token in %s: %s", member, f.received(answer)), "do base-url and the path of the token call in the target file lead to the token call?"
}

func (f *flight) tokenHint(call *contract.Endpoint, status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "does the provider hold the public half of this private key, and is the client key the one of this environment?"
	case status == http.StatusNotFound:
		return "check base-url, token-base-url and the path of the token call in the target file"
	case status/100 == 3:
		return "it redirects, and nothing is followed: give the address it points to as base-url"
	case status/100 == 5:
		return "the provider itself fails: try again later"
	}
	return f.compareWith(call)
}

// compareWith is the command that shows how a request is signed.
func (f *flight) compareWith(e *contract.Endpoint) string {
	return "compare with: snapcert sign --target " + cmp.Or(f.target.File, "FILE") + " --endpoint " + e.Name()
}

// object reads a JSON object; it is empty for anything else.
func object(body []byte) map[string]any {
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return nil
	}
	return members
}

func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
