package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// text is the string-to-sign of a call.
func (c *signCall) text(scheme snap.Scheme) string {
	if c.asToken {
		return snap.TokenText(c.clientKey, c.timestamp)
	}
	return snap.StringToSign(scheme, c.request, c.token, c.timestamp)
}

// signature signs the call and puts the signature into it.
func (c *signCall) signature(s *signer) (string, error) {
	scheme := s.provider.Scheme()
	var signature string
	switch {
	case c.asToken && s.key == nil:
		return "", usage("the private key is needed: --key-env, --key-file or --target")
	case c.asToken:
		var err error
		if signature, err = snap.Asymmetric(scheme, s.key, c.text(scheme)); err != nil {
			return "", err
		}
	case s.secret.Empty():
		return "", withCode(exitUsage, errNoSecret)
	default:
		signature = snap.Symmetric(scheme, []byte(s.secret.Reveal()), c.text(scheme))
	}
	if row, where, ok := c.endpoint.RowFrom(contract.FromSignature); ok && where == contract.InHeader {
		c.request.SetHeader(row.Name, row.Prefix+signature)
	}
	return signature, nil
}

// signed is what --format json prints.
type signed struct {
	StringToSign string `json:"stringToSign"`
	BodyHash     string `json:"bodyHash,omitempty"`
	Signature    string `json:"signature"`
	Timestamp    string `json:"timestamp"`
	Encoding     string `json:"encoding"`
}

func (a *app) writeSigned(s *signer, c *signCall, format string) error {
	signature, err := c.signature(s)
	if err != nil {
		return err
	}
	scheme := s.provider.Scheme()
	result := signed{StringToSign: c.text(scheme), Signature: signature, Timestamp: c.timestamp, Encoding: string(scheme.Encoding)}
	if !c.asToken {
		result.BodyHash = snap.BodyHash(scheme, c.request.Body)
	}
	switch format {
	case "text":
		lines := [][2]string{{"string-to-sign", result.StringToSign}, {"body hash", result.BodyHash},
			{"signature", signature}, {"timestamp", result.Timestamp}, {"encoding", result.Encoding}}
		for _, l := range lines {
			if l[1] == "" {
				continue
			}
			if _, err := fmt.Fprintf(a.out, "%-14s  %s\n", l[0], l[1]); err != nil {
				return err
			}
		}
		return nil
	case "json":
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(result)
	case "signature":
		_, err := fmt.Fprintln(a.out, signature)
		return err
	case "curl":
		_, err := fmt.Fprintln(a.out, c.curl())
		return err
	case "config":
		_, err := fmt.Fprint(a.out, c.config())
		return err
	}
	return usage("--format takes text, json, curl, config or signature, not %q", format)
}

// curl is the signed call as a command for a shell. It holds whatever the request holds, tokens included.
func (c *signCall) curl() string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -sS -X %s %s", shellQuote(c.request.Method), shellQuote(c.address()))
	for _, h := range c.headers() {
		fmt.Fprintf(&b, " \\\n  -H %s", shellQuote(h.Name+": "+h.Value))
	}
	if len(c.request.Body) > 0 {
		fmt.Fprintf(&b, " \\\n  --data-binary %s", shellQuote(string(c.request.Body)))
	}
	return b.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
