package suites

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Of a JWT only the signature is drawn anew: a provider that reads the token and never verifies it has to be found out.
func TestOtherTokenIsStillReadable(t *testing.T) {
	const good = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"
	got := otherLike(good, rand.New(rand.NewPCG(1, 2)))
	if head := "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0."; got == good || !strings.HasPrefix(got, head) || len(got) != len(good) {
		t.Errorf("%s became %s", good, got)
	}
}
