package main

import (
	"fmt"
	"strings"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// verify says whether a signature is right, and what is wrong with it if not. The right one is never shown: who asks may
// not be the one who holds the secret.
func (a *app) verify(s *signer, c *signCall, signature string) error {
	claim := snap.Claim{
		Signature: signature, Scheme: s.provider.Scheme(), Request: c.request, Token: c.token, Timestamp: c.timestamp,
		Secret: s.secret, ClientKey: c.clientKey, TokenCall: c.asToken, Base: c.base,
	}
	switch {
	case c.asToken && s.publicKey() == nil:
		return usage("the key is needed: --key-file, --key-env or --target")
	case c.asToken:
		claim.Key = s.publicKey()
	case s.secret.Empty():
		return withCode(exitUsage, errNoSecret)
	}
	if claim.Verify() {
		_, err := fmt.Fprintln(a.out, "the signature is right")
		return err
	}
	var b strings.Builder
	b.WriteString("the signature is wrong\n")
	for _, f := range snap.Explain(claim) {
		mark := "  seen: "
		if f.Verifies {
			mark = "  because: "
		}
		fmt.Fprintf(&b, "%s%s (%s)\n", mark, f.Text, strings.Join(f.Reasons, ", "))
	}
	if _, err := a.out.Write([]byte(b.String())); err != nil {
		return err
	}
	return quietly(exitBroken)
}
