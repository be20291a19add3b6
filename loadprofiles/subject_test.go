package loadprofiles

import (
	"net/url"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// Every endpoint that can be put under load keeps its contract's form and never repeats a value, over runs, stages and
// tickets.
func TestEveryEndpointIsUniqueInEveryRequest(t *testing.T) {
	base, err := url.Parse("http://127.0.0.1/base")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers(t) {
		for _, e := range p.Endpoints {
			if e.Token {
				if _, err := newSubject(testSubject(e, base), "run"); err == nil {
					t.Errorf("%s: the token call was taken", e.Name())
				}
				continue
			}
			seen := map[string]string{}
			for _, lane := range []string{"run-1/0/wire", "run-1/0/loopback", "run-1/1/wire", "run-2/0/wire"} {
				s, err := newSubject(testSubject(e, base), lane)
				if err != nil {
					t.Fatal(err)
				}
				if len(s.values) == 0 || !strings.HasPrefix(s.path, "/base/") {
					t.Errorf("%s: %d unique values, path %s", e.Name(), len(s.values), s.path)
				}
				signer, err := snap.NewHotSigner(s.template, s.Signing.Secret)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range []uint64{0, 1, 9, 10, 123456789, 1e10 - 1} {
					s.number(signer, Ticket{N: n}, nil)
					for i, u := range s.values {
						text := string(signer.Value(i))
						key := u.name + "=" + text
						if old, again := seen[key]; again {
							t.Errorf("%s: %s in %s and %s/%d", e.Name(), key, old, lane, n)
						}
						seen[key] = lane
						if strings.Contains(string(s.template.Request.Body), u.text) && !strings.Contains(string(signer.Body()), text) {
							t.Errorf("%s: %s is not in the body", e.Name(), key)
						}
					}
				}
			}
		}
	}
}

func TestDuplicatesRepeatOneValue(t *testing.T) {
	base := &url.URL{Scheme: "http", Host: "127.0.0.1"}
	s, err := newSubject(testSubject(endpointNamed(t, "paydia.account-creation"), base), "run")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := snap.NewHotSigner(s.template, s.Signing.Secret)
	if err != nil {
		t.Fatal(err)
	}
	values := func(ticket Ticket) map[contract.Source]string {
		s.number(signer, ticket, nil)
		all := map[contract.Source]string{}
		for i, u := range s.values {
			all[u.source] = string(signer.Value(i))
		}
		return all
	}
	first, second := values(Ticket{N: 7, Paired: true}), values(Ticket{N: 8, Duplicate: true})
	if s.repeated != contract.FromReference || first[contract.FromReference] != second[contract.FromReference] {
		t.Errorf("the reference is not repeated: %v, %v", first, second)
	}
	if first[contract.FromExternalID] == second[contract.FromExternalID] {
		t.Errorf("the external id is repeated as well: %v", first)
	}
	if got := s.judge(Ticket{Duplicate: true}, 409, "4090601"); got != refusedDuplicate {
		t.Errorf("a refused duplicate is %v", got)
	}
	if got := s.judge(Ticket{}, 409, "4090601"); got != refused {
		t.Errorf("a refused request that was no duplicate is %v", got)
	}
}
