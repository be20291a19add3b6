package loadprofiles

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// A stage measures and judges the same over both transports.
func TestStagesOverBothTransports(t *testing.T) {
	for _, endpoint := range []string{"paydia.account-creation", "gopay.binding-inquiry"} {
		for _, name := range []string{TransportStandard, TransportFast} {
			t.Run(endpoint+" "+strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
				t.Parallel()
				s := newStand(t, endpoint)
				p := testProfile(t, "stages: [loopback]\nload: [{rate: 200/1s, for: 500ms}]\nduplicates: 5%\nsample: 50%\ntimeout: 1s\ntransport: "+name+"\n")
				slow := 0
				s.slow = func() {
					s.mu.Lock()
					slow++
					late := slow%20 == 7
					s.mu.Unlock()
					if late {
						time.Sleep(1500 * time.Millisecond)
					}
				}
				o := s.options(t, p)
				var headers []string
				o.Judge = func(x *snap.Exchange) []reports.SampleViolation {
					if x.Got != nil {
						for _, f := range x.Got.Header {
							if f.Name != "Date" {
								headers = append(headers, f.Name+": "+f.Value)
							}
						}
					}
					return nil
				}
				load, err := Run(context.Background(), p, o)
				if err != nil {
					t.Fatal(err)
				}
				stage := load.Stages[0]
				if stage.Sent != 100 || s.requests.Load() > 100 || s.badSignatures.Load() > 0 || stage.Succeeded == 0 {
					t.Errorf("sent %d, received %d, %d signed wrongly, %d right", stage.Sent, s.requests.Load(), s.badSignatures.Load(), stage.Succeeded)
				}
				// A busy machine makes more of them late.
				if len(stage.Failures) != 1 || stage.Failures[0].Kind != string(snap.FailureTimeout) || stage.Failures[0].Count < 5 || stage.Failures[0].Count+stage.Succeeded != 100 {
					t.Errorf("failures %+v, %d right: want at least 5 that took too long", stage.Failures, stage.Succeeded)
				}
				for name, least := range map[string]uint64{reports.ConnectionWait: stage.Succeeded, reports.RequestPath: 100, reports.FirstByte: stage.Succeeded, reports.BodyRead: stage.Succeeded} {
					for _, d := range stage.Distributions {
						if d.Name == name && (d.Count < least || d.Count > 100) {
							t.Errorf("%s of %d requests, want %d to 100", name, d.Count, least)
						}
					}
				}
				slices.Sort(headers)
				want := []string{"Content-Length: ", "Content-Type: application/json"}
				if headers = slices.Compact(headers); len(headers) < 2 || !strings.HasPrefix(headers[0], want[0]) || headers[len(headers)-1] != want[1] {
					t.Errorf("headers of sampled answers: %q", headers)
				}
			})
		}
	}
}

// What goes out is the same over both transports: the same lines of the header, the same body.
func TestRequestsOverBothTransports(t *testing.T) {
	for _, endpoint := range []string{"paydia.account-creation", "gopay.binding-inquiry", "ayoconnect.oauth-code"} {
		e := endpointNamed(t, endpoint)
		seen := map[string]string{}
		for _, name := range []string{TransportStandard, TransportFast} {
			s := newScripted(t, nil, nil)
			base, err := url.Parse(strings.TrimSuffix(s.url(), "/path?x=1") + "/base/")
			if err != nil {
				t.Fatal(err)
			}
			p := testProfile(t, "stages: [loopback]\nload: [{rate: 1/1s, for: 1s}]\ntransport: "+name+"\n")
			made, err := NewTransport(p, TransportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(made.Close)
			sub, err := newSubject(testSubject(e, base), "lane")
			if err != nil {
				t.Fatal(err)
			}
			if made.fast != nil {
				if sub.links, err = made.fast.to(base); err != nil {
					t.Fatal(err)
				}
			}
			r := newRing(1, time.Now())
			f, err := sub.take(t.Context(), r, &watchdog{ring: r})
			if err != nil {
				t.Fatal(err)
			}
			sub.number(f.signer, Ticket{N: 5}, nil)
			f.signer.SetToken(testToken)
			f.signer.Sign(time.Unix(1_700_000_000, 0))
			if err := f.load(); err != nil {
				t.Fatal(err)
			}
			if _, err := f.send(made, false); err == nil {
				t.Error("the server closes without an answer, and there was one")
			}
			s.mu.Lock()
			seen[name] = s.last
			s.mu.Unlock()
		}
		if a, b := seen[TransportStandard], seen[TransportFast]; a != b || a == "" {
			t.Errorf("%s: net/http sent\n%s\nthe fast transport\n%s", endpoint, a, b)
		}
	}
}

// What cannot be sent without becoming another request is not sent.
func TestHeadersThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name, value string
		good        bool
	}{
		{"X-A", "b", true}, {"X-A", "a\tb", true}, {"X-A", "ä", true}, {"X-A", "", true},
		{"X-A", "b\r\nX-B: c", false}, {"X-A", "b\nc", false}, {"X-A", "a\x00", false}, {"X-A", "a\x7f", false},
		{"X A", "b", false}, {"X-A:", "b", false}, {"", "b", false}, {"X\r\nY", "b", false}, {"Ä", "b", false},
	} {
		if err := checkField(c.name, c.value); (err == nil) != c.good {
			t.Errorf("%q: %q: %v", c.name, c.value, err)
		}
	}
}

func TestFastTransportSaysWhatItCannotDo(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	for text, want := range map[string]string{
		"http://proxied.example": "proxy", "ftp://127.0.0.1": "http or https", "http://": "no host", "http://127.0.0.1:1": "", "https://127.0.0.1": "",
	} {
		base, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = (&fast{dials: &dials{}, proxy: true, hosts: map[string]*links{}}).to(base)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
