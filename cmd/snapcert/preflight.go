package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// skewAllowed is how far clocks may be apart before it is worth a word. Providers refuse from about five minutes on.
const skewAllowed = 30 * time.Second

// flight is the preflight of one target: it asks the fewest questions that tell a fault of the set-up from one of the
// provider, in an order in which each rests on those before it.
type flight struct {
	target    *fixtures.Target
	provider  *contract.Provider
	transport http.RoundTripper
	clock     snap.Clock
	random    *rand.Rand
	wanted    func(*contract.Endpoint) bool // endpoints that take part in the run

	masker *snap.Masker
	checks []reports.Check
	token  string
}

// preflight checks a target. A failed check means that a run could only show the same fault on every rule; an endpoint
// whose good request is refused while others are taken is a warning, for the others can be certified.
func (f *flight) preflight(ctx context.Context) []reports.Check {
	f.masker = f.newMasker()
	f.keys()
	if !f.tokenCall(ctx) {
		return f.checks
	}
	refused := reports.Warn
	tried, taken := 0, 0
	first := len(f.checks)
	for _, e := range f.provider.Endpoints {
		if e.Token || !f.wanted(e) {
			continue
		}
		tried++
		if f.goodRequest(ctx, e) {
			taken++
		}
	}
	if taken == 0 && tried > 0 {
		refused = reports.Fail // nothing could be learned of any endpoint
	}
	for i := range f.checks[first:] {
		if c := &f.checks[first+i]; c.Verdict == reports.Inconclusive {
			c.Verdict = refused
		}
	}
	return f.checks
}

func (f *flight) add(name string, verdict reports.Verdict, text, hint string) {
	f.checks = append(f.checks, reports.Check{
		Name: f.target.Provider + ": " + name, Verdict: verdict, Text: f.masker.Text(text), Hint: hint,
	})
}

func (f *flight) newMasker() *snap.Masker {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(f.random.Uint32())
	}
	return f.target.Masker(f.provider, key)
}

// keys looks at what can be told without any traffic.
func (f *flight) keys() {
	if f.target.PrivateKey == nil {
		f.add("private key", reports.Fail, "there is none", "name one under credentials in the target file")
		return
	}
	bits := f.target.PrivateKey.N.BitLen()
	if warning := snap.KeyWarning(&f.target.PrivateKey.PublicKey); warning != "" {
		f.add("private key", reports.Warn, warning, "make a new pair with openssl genrsa 2048, and give the provider the public half")
		return
	}
	f.add("private key", reports.Pass, fmt.Sprintf("RSA, %d bits", bits), "")
}

// tokenCall fetches an access token, which tells on the way whether the host is reachable, TLS holds and clocks agree.
func (f *flight) tokenCall(ctx context.Context) bool {
	call := f.provider.TokenEndpoint()
	if call == nil {
		f.add("token call", reports.Skip, "the provider has none", "")
		return true
	}
	exchange, answer, err := f.send(ctx, call)
	if err != nil {
		f.add("token call", reports.Fail, err.Error(), "a value is missing in the target file")
		return false
	}
	if exchange.Failure != nil {
		f.unreachable(exchange)
		return false
	}
	f.add("reachability", reports.Pass, f.target.BaseURL+" answers", "")
	if tls := exchange.Got.TLS; tls != nil {
		f.add("TLS", reports.Pass, tls.Version+", certificate "+tls.LeafSHA256, "")
	}
	f.skew(call, answer)
	row, _, known := call.RowFrom(contract.FromB2BToken)
	body := object(answer.Body)
	if known && answer.Status/100 == 2 {
		if f.token, _ = body[row.Name].(string); f.token != "" {
			f.masker.AddSecret(f.token)
			f.add("token call", reports.Pass, "an access token was issued", "")
			return true
		}
	}
	member := ""
	if known {
		member = row.Name
	}
	text, hint := f.noToken(call, exchange, answer, member)
	f.add("token call", reports.Fail, text, hint)
	return false
}

// goodRequest sends what the provider should take. What a refusal is worth is for preflight to say, once all are in.
func (f *flight) goodRequest(ctx context.Context, e *contract.Endpoint) (taken bool) {
	name := "good request to " + e.Endpoint
	exchange, answer, err := f.send(ctx, e)
	switch {
	case err != nil:
		f.add(name, reports.Inconclusive, err.Error(), "a value is missing in the target file")
	case exchange.Failure != nil:
		f.add(name, reports.Inconclusive, "no answer: "+exchange.Failure.Detail, "")
	case answer.Status/100 == 2:
		f.add(name, reports.Pass, "accepted: "+f.received(answer), "")
		return true
	default:
		hint := "is the built-in good request right for this account? a target file can name another under requests"
		if e.PathNote != "" && answer.Status == http.StatusNotFound {
			hint = "the published page prints no path, and " + e.Path + " was tried: name yours under paths in the target file"
		} else if answer.Status == http.StatusUnauthorized {
			hint = f.compareWith(e) + "; are the client secret and the identifiers those of this environment?"
		}
		f.add(name, reports.Inconclusive, "refused: "+f.received(answer), hint)
	}
	return false
}
