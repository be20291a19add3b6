package suites

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/snapcert/snapcert/fixtures/contract"
)

func TestEmailOfAnyLength(t *testing.T) {
	for n := 13; n <= 320; n++ {
		text, err := emailOfLength(n)
		if err != nil || len(text) != n {
			t.Fatalf("length %d: %q has %d, %v", n, text, len(text), err)
		}
		if _, err := mail.ParseAddress(text); err != nil {
			t.Fatalf("length %d: %q: %v", n, text, err)
		}
		local, domain, _ := strings.Cut(text, "@")
		if len(local) > 64 || len(local) == 0 {
			t.Fatalf("length %d: %d characters before the @", n, len(local))
		}
		for _, label := range strings.Split(domain, ".") {
			if len(label) == 0 || len(label) > 63 {
				t.Fatalf("length %d: label %q", n, label)
			}
		}
	}
}

func TestAddressOfAnyLength(t *testing.T) {
	for n := 30; n <= 2100; n += 7 {
		text, err := addressOfLength("https://partner.example.com/linked/", n)
		if err != nil || len(text) != n {
			t.Fatalf("length %d: %d, %v", n, len(text), err)
		}
		if u, err := url.Parse(text); err != nil || u.Host != "partner.example.com" {
			t.Fatalf("length %d: %q is no good URL: %v", n, text, err)
		}
	}
}

func TestTimeLayoutOfAnyLength(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 123456789, jakarta())
	made := map[int]string{}
	for n := 15; n <= 40; n++ {
		layout, utc, ok := timeLayout(n)
		if !ok {
			continue
		}
		at := now
		if utc {
			at = at.UTC()
		}
		text := at.Format(layout)
		if len(text) != n {
			t.Errorf("layout %q gives %q, which has not %d characters", layout, text, n)
		}
		if _, err := time.Parse(layout, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		made[n] = text
	}
	for _, n := range []int{20, 23, 24, 25, 26, 27, 28, 29} {
		if made[n] == "" {
			t.Errorf("no well-formed time of %d characters was made", n)
		}
	}
}

func TestDocumentOfAnyLength(t *testing.T) {
	const bare = `{"mobileNumber":"081200001234","userId":"a/b é"}`
	rapid.Check(t, func(t *rapid.T) {
		encoding := rapid.SampledFrom([]string{"json", urlJSON}).Draw(t, "encoding")
		good := encodeDocument(encoding, bare)
		n := rapid.IntRange(utf8.RuneCountInString(good)+4, 2000).Draw(t, "n")
		text, err := documentOfLength(encoding, good, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := utf8.RuneCountInString(text); got != n {
			t.Fatalf("%d characters, want %d", got, n)
		}
		back, err := bareDocument(encoding, text)
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]string
		if json.Unmarshal([]byte(bare), &want) != nil || json.Unmarshal([]byte(back), &got) != nil || len(got) != 2 || got["userId"] != want["userId"] {
			t.Fatalf("another document: %s", back)
		}
	})
}

func TestKeepMembers(t *testing.T) {
	const object = `{"a":1.50,"b":{"c":"\/"},"d":null}`
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, `{}`},
		{[]string{"b"}, `{"b":{"c":"\/"}}`},
		{[]string{"d", "a"}, `{"a":1.50,"d":null}`},
	} {
		if got, err := keepMembers(object, c.names); err != nil || got != c.want {
			t.Errorf("%v: %q, %v", c.names, got, err)
		}
	}
}

func TestOtherLikeLooksTheSameAndDiffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.StringMatching(`[A-Za-z0-9._-]{1,40}`).Draw(t, "good")
		m := &maker{run: rapid.String().Draw(t, "run")}
		other := otherLike(good, m.random("s", 0, 0))
		if other == good {
			t.Fatalf("%q twice", good)
		}
		if strings.Trim(good, ".-_") != "" && len(other) != len(good) {
			t.Fatalf("%q for %q", other, good)
		}
	})
}

func TestEscapeJSONChangesSpellingOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringMatching(`[a-z/é"\\ ]{0,30}`).Draw(t, "text")
		var got string
		if err := json.Unmarshal(escapeJSON(json.RawMessage(spell(want))), &got); err != nil || got != want {
			t.Fatalf("%q became %q, %v", want, got, err)
		}
	})
	if got := string(escapeJSON(json.RawMessage(`"https://a"`))); got != `"\u0068ttps:\/\/a"` {
		t.Errorf("escaped: %s", got)
	}
}

func TestOtherPath(t *testing.T) {
	for _, c := range []struct{ path, with, want string }{
		{"/v1.0/inquiry", "x", "/v1.0/inquiryx"},
		{"/v1.0/inquiry", "/v9.9/", "/v9.9/inquiry"},
		{"/snap/v1.0/a", "/v9.9/", "/snap/v9.9/a"},
		{"/api/v1", "/v9.9/", "/api/v9.9"},
	} {
		if got := otherPath(c.path, c.with); got != c.want {
			t.Errorf("%s with %s: %s, want %s", c.path, c.with, got, c.want)
		}
	}
}

func TestTimesAreRendered(t *testing.T) {
	now := time.Date(2026, 3, 4, 20, 6, 7, 0, time.UTC)
	const layout = "2006-01-02T15:04:05-07:00"
	for _, c := range []struct {
		as   timeAs
		want string
	}{
		{timeAs{}, "2026-03-05T03:06:07+07:00"},
		{timeAs{Zone: "+08:00"}, "2026-03-05T04:06:07+08:00"},
		{timeAs{Zone: "+00:00"}, "2026-03-04T20:06:07+00:00"},
		{timeAs{Shift: "-65m"}, "2026-03-05T02:01:07+07:00"},
		{timeAs{Month: "13"}, "2026-13-05T03:06:07+07:00"},
		{timeAs{Layout: withoutOffset(25)}, "2026-03-05T03:06:07.00000"},
	} {
		if got := c.as.render(now, layout); got != c.want {
			t.Errorf("%+v: %s, want %s", c.as, got, c.want)
		}
	}
}

// Whatever a plan changes the length of has that length when it is sent, counted in characters, and the signature in the
// body goes with the text it signs.
func TestLengthsAreSentAsPlanned(t *testing.T) {
	p := planOf(t, Selection{Reference: true}, 1)
	o := standIn(t, sandboxOptions())
	c, err := newCollector(p, o)
	if err != nil {
		t.Fatal(err)
	}
	wide := 0
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		for j, step := range s.Steps {
			for _, change := range step.Changes {
				if change.Op != OpLength {
					continue
				}
				var as lengthAs
				if err := json.Unmarshal(change.Value, &as); err != nil {
					t.Fatal(err)
				}
				e := c.calls[s.Endpoint]
				m := c.sites[e.Provider.Provider].maker
				_, draft, err := m.request(&story{scenario: s, token: "t0ken"}, e, j, 0, c.Clock.Now())
				if err != nil {
					t.Errorf("%s: %v", s.ID, err)
					continue
				}
				text, _ := draft.Text(change.At)
				if n := utf8.RuneCountInString(text); n != as.Chars {
					t.Errorf("%s: %d characters are sent, want %d", s.ID, n, as.Chars)
				}
				if as.Wide {
					wide++
					if len(text) <= as.Chars {
						t.Errorf("%s: no character takes more than one byte", s.ID)
					}
				}
			}
		}
	}
	if wide == 0 {
		t.Error("no good value has characters of more than one byte, so a provider that counts bytes is not caught")
	}
}

// Two runs, two shards or two copies never send the same unique value.
func TestFreshValuesNeverMeet(t *testing.T) {
	p := planOf(t, Selection{Endpoints: []string{"paydia"}}, 1)
	seen := map[string]string{}
	for _, run := range []string{"a", "b"} {
		o := standIn(t, sandboxOptions())
		o.RunID = run
		c, err := newCollector(p, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Scenarios {
			s := &p.Scenarios[i]
			e := c.calls[s.Endpoint]
			row, where, ok := e.RowFrom(contract.FromExternalID)
			if !ok || len(s.Rules) > 0 && strings.Contains(s.ID, "X-EXTERNAL-ID") {
				continue
			}
			for copyIndex := range max(1, s.Steps[0].Copies) {
				_, draft, err := c.sites["paydia"].maker.request(&story{scenario: s, token: "t"}, e, 0, copyIndex, c.Clock.Now())
				if err != nil {
					t.Fatal(s.ID, err)
				}
				text, _ := draft.Text(contract.AddressOf(where, row))
				if other := seen[text]; other != "" {
					t.Fatalf("%s and %s send the same external id %s", s.ID, other, text)
				}
				seen[text] = s.ID
			}
		}
	}
}
