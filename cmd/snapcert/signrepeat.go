package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/suites"
)

// random is a source of values that nobody used before.
func (s *signer) random() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(s.now.UnixNano()), uint64(s.now.Nanosecond())))
}

// renew puts other values of the same form in place of those that may be used once only, wherever they stand.
func (c *signCall) renew(values []string, random *rand.Rand) {
	for _, old := range values {
		if old == "" {
			continue
		}
		fresh := similar(old, random)
		c.request.Query = strings.ReplaceAll(c.request.Query, old, fresh)
		c.request.Body = []byte(strings.ReplaceAll(string(c.request.Body), old, fresh))
		for i := range c.request.Header {
			c.request.Header[i].Value = strings.ReplaceAll(c.request.Header[i].Value, old, fresh)
		}
	}
}

// renewed is how many characters of a value become others: enough to be new, few enough to keep a beginning that matters.
const renewed = 12

// similar is a value of the same length with a third of it, at most renewed characters at its end, changed: digits to
// digits, letters to letters of the same case, those of hexadecimal to such.
func similar(old string, random *rand.Rand) string {
	text := []rune(old)
	left := max(1, min(renewed, len(text)/3))
	from := func(chars string) rune { return rune(chars[random.IntN(len(chars))]) }
	for i := len(text) - 1; i >= 0 && left > 0; i-- {
		switch r := text[i]; {
		case r >= '0' && r <= '9':
			text[i] = from("0123456789")
		case r >= 'a' && r <= 'f':
			text[i] = from("abcdef")
		case r >= 'A' && r <= 'F':
			text[i] = from("ABCDEF")
		case r >= 'a' && r <= 'z':
			text[i] = from("ghijklmnopqrstuvwxyz")
		case r >= 'A' && r <= 'Z':
			text[i] = from("GHIJKLMNOPQRSTUVWXYZ")
		default:
			continue
		}
		left--
	}
	return string(text)
}

// seamless makes the seamless signature where the request leaves a mark for it.
func (c *signCall) seamless(s *signer) error {
	if !strings.Contains(string(c.request.Body)+c.request.Query, suites.SeamlessMark) {
		return nil
	}
	if s.key == nil {
		return errors.New("the private key is needed for the seamless signature: --key-env, --key-file or --target")
	}
	draft := &contract.Draft{Endpoint: c.endpoint, Method: c.request.Method, Path: c.request.Path, Body: c.request.Body}
	text, ok := draft.SeamlessText()
	if !ok {
		return errors.New("the request has no document for the seamless signature to sign")
	}
	signature, err := snap.SeamlessSign(s.key, text)
	if err != nil {
		return fmt.Errorf("make the seamless signature: %w", err)
	}
	c.request.Body = []byte(strings.ReplaceAll(string(c.request.Body), suites.SeamlessMark, signature))
	return nil
}

// address is the URL that the call goes to.
func (c *signCall) address() string {
	if c.base == "" {
		return "https://HOST" + c.request.Target()
	}
	return c.base + c.request.Target()
}

// headers are those that are sent.
func (c *signCall) headers() []snap.Field {
	var out []snap.Field
next:
	for _, h := range c.request.Header {
		for _, name := range c.leaveOut {
			if strings.EqualFold(h.Name, name) {
				continue next
			}
		}
		out = append(out, h)
	}
	return out
}

// config is the signed call as a configuration for "curl -K -": nothing of it shows in the list of processes. Headers that
// curl would add by itself are taken out, so that what is sent is what was signed.
func (c *signCall) config() string {
	var b strings.Builder
	set := func(name, value string) {
		fmt.Fprintf(&b, "%s = \"%s\"\n", name, configText(value))
	}
	set("url", c.address())
	set("request", c.request.Method)
	own := map[string]bool{}
	for _, h := range c.headers() {
		own[strings.ToLower(h.Name)] = true
		if h.Value == "" {
			set("header", h.Name+";")
			continue
		}
		set("header", h.Name+": "+h.Value)
	}
	for _, name := range []string{"Content-Type", "Accept"} {
		if !own[strings.ToLower(name)] {
			set("header", name+":")
		}
	}
	if len(c.request.Body) > 0 {
		set("data-raw", string(c.request.Body))
	}
	return b.String()
}

// configText escapes what ends a quoted word in a curl configuration.
func configText(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\v", `\v`).Replace(s)
	return strings.Map(func(r rune) rune {
		if r == 0 || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
}
