package loadprofiles

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

func TestRunCountsWhatWasSent(t *testing.T) {
	t.Parallel()
	s := newStand(t, "paydia.account-creation")
	p := testProfile(t, `
stages: [signing, loopback]
warm-up: {rate: 100/1s, for: 200ms}
load: [{rate: 200/1s, for: 1s}]
duplicates: 5%
sample: 20%
thresholds: [success >= 100%, p99 < 5s, schedule delay p99 < 1s]
`)
	o := s.options(t, p)
	judged := 0
	o.Judge = func(*snap.Exchange) []reports.SampleViolation {
		judged++
		return []reports.SampleViolation{{Rule: "a.rule", Text: "broken", Verdict: reports.Warn}}
	}
	var last Progress
	o.Progress = func(p Progress) { last = p }
	load, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if load.Verdict != reports.LoadKept && !busy(load) {
		out, _ := json.MarshalIndent(load.Stages[1].Codes, "", " ")
		t.Errorf("verdict %s, because %v, thresholds %+v, %s", load.Verdict, load.Reasons, load.Thresholds, out)
	}
	wire := load.Stages[1]
	if wire.Planned != 200 || wire.Sent != 200 || wire.Succeeded != 200 {
		t.Errorf("planned %d, sent %d, succeeded %d, want 200 each", wire.Planned, wire.Sent, wire.Succeeded)
	}
	if got := s.requests.Load(); got != 220 {
		t.Errorf("the server saw %d requests, want 20 of the warm-up and 200", got)
	}
	if s.badSignatures.Load() > 0 {
		t.Errorf("%d requests were signed wrongly or showed the engine's own headers", s.badSignatures.Load())
	}
	d := wire.Duplicates
	if d == nil || d.Pairs < 3 || d.TakenOnce != d.Pairs || d.Pairs != s.duplicates.Load() {
		t.Errorf("duplicates %+v, and the server saw %d", d, s.duplicates.Load())
	}
	if len(s.ids) != 220 || len(s.references) != 220-int(s.duplicates.Load()) {
		t.Errorf("%d external ids and %d references in 220 requests with %d duplicates", len(s.ids), len(s.references), s.duplicates.Load())
	}
	if wire.Sampled == nil || wire.Sampled.Judged != uint64(judged) || judged < 15 || judged > 70 || wire.Sampled.Violations[0].Count != uint64(judged) {
		t.Errorf("sampled %+v, judged %d of 200 at 20 %%", wire.Sampled, judged)
	}
	for _, name := range []string{reports.ScheduleDelay, reports.Signing, reports.ConnectionWait, reports.RequestPath, reports.ResponseTime, reports.FirstByte, reports.BodyRead} {
		found := false
		for _, d := range wire.Distributions {
			found = found || d.Name == name && d.Count == 200 && d.HDR != ""
		}
		if !found {
			t.Errorf("no distribution of %s over 200 requests", name)
		}
	}
	if load.RSA == nil || load.RSA.Bits != 2048 || wire.SigningShare <= 0 || wire.SigningShare >= 1 {
		t.Errorf("RSA %+v, signing share %v", load.RSA, wire.SigningShare)
	}
	if last.Sent != 200 || last.Stage != StageLoopback || last.Stages != 2 {
		t.Errorf("last progress %+v", last)
	}
}

// A provider that answers at once with the wrong code, or with a success that the HTTP status belies, must not look fast.
func TestWrongAnswersAreNotFast(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
	}{
		{"another code", 200, `{"responseCode":"2009900"}`},
		{"an error under 200", 200, `{"responseCode":"5000600"}`},
		{"success under 500", 500, `{"responseCode":"2000600"}`},
		{"no code", 200, `{"responseMessage":"ok"}`},
		{"code elsewhere", 200, `{"a":{"responseCode":"2000600"}}`},
		{"no JSON", 200, `2000600`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, "paydia.account-creation")
			n := 0
			s.answer = func(w http.ResponseWriter, r *http.Request, taken bool) {
				s.mu.Lock()
				n++
				wrong := n%10 == 0
				s.mu.Unlock()
				if !wrong {
					s.reply(w, taken)
					return
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}
			p := testProfile(t, "stages: [loopback]\nload: [{rate: 100/1s, for: 500ms}]\ntimeout: 3s\nthresholds: [p99 < 1s, schedule delay p99 < 1s]\n")
			load, err := Run(context.Background(), p, s.options(t, p))
			if err != nil {
				t.Fatal(err)
			}
			stage := load.Stages[0]
			if load.Verdict != reports.LoadCrossed && !busy(load) || stage.Succeeded != 45 || kept(load) {
				t.Errorf("verdict %s with %d of 50 right", load.Verdict, stage.Succeeded)
			}
			for _, d := range stage.Distributions {
				if p99, _ := d.At(99); d.Name == reports.ResponseTime && p99 < 3*time.Second {
					t.Errorf("p99 %s, and a tenth was wrong", p99)
				}
			}
		})
	}
}

func TestAbortOnErrors(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	s.answer = func(w http.ResponseWriter, _ *http.Request, _ bool) { w.WriteHeader(http.StatusServiceUnavailable) }
	p := testProfile(t, "stages: [loopback]\nload: [{rate: 200/1s, for: 60s}]\nabort: {errors: 50%, after: 40, window: 2s}\nthresholds: [success >= 99%]\n")
	began := time.Now()
	load, err := Run(context.Background(), p, s.options(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if load.Verdict != reports.LoadPartial || !strings.Contains(load.Run.Interrupted, "aborted") || time.Since(began) > 30*time.Second {
		t.Errorf("verdict %s, %q, after %s", load.Verdict, load.Run.Interrupted, time.Since(began))
	}
	if n := s.requests.Load(); n < 40 || n > 2000 {
		t.Errorf("%d requests were sent", n)
	}
}

// An interrupted run stops sending, lets requests under way finish, and reports.
func TestInterruptDrains(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	s.slow = func() { time.Sleep(200 * time.Millisecond) }
	p := testProfile(t, "stages: [loopback]\nload: [{rate: 100/1s, for: 60s}]\nthresholds: [success >= 99%]\n")
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(600*time.Millisecond, stop)
	load, err := Run(ctx, p, s.options(t, p))
	if err != nil {
		t.Fatal(err)
	}
	stage := load.Stages[0]
	if load.Verdict != reports.LoadPartial || load.Run.Complete {
		t.Errorf("verdict %s", load.Verdict)
	}
	if stage.Sent == 0 || stage.Sent != stage.Succeeded || stage.Sent != s.requests.Load() {
		t.Errorf("sent %d, the server saw %d, %d succeeded: what was under way was dropped", stage.Sent, s.requests.Load(), stage.Succeeded)
	}
}

func TestTimeoutsAreCounted(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	n := 0
	s.slow = func() {
		s.mu.Lock()
		n++
		late := n%10 == 5
		s.mu.Unlock()
		if late {
			time.Sleep(1500 * time.Millisecond)
		}
	}
	p := testProfile(t, "stages: [loopback]\nload: [{rate: 50/1s, for: 1s}]\ntimeout: 500ms\n")
	load, err := Run(context.Background(), p, s.options(t, p))
	if err != nil {
		t.Fatal(err)
	}
	stage := load.Stages[0]
	if len(stage.Failures) != 1 || stage.Failures[0].Kind != "timeout" || stage.Failures[0].Count != 5 || stage.Succeeded != 45 {
		t.Errorf("failures %+v, %d succeeded", stage.Failures, stage.Succeeded)
	}
	if load.Verdict != reports.LoadUnjudged && load.Verdict != reports.LoadInvalid { // a busy machine may be late
		t.Errorf("verdict %s", load.Verdict)
	}
}

func TestNothingIsSentWithoutAToken(t *testing.T) {
	s := newStand(t, "gopay.binding-inquiry")
	p := testProfile(t, "stages: [loopback]\nload: [{rate: 50/1s, for: 1s}]\n")
	o := s.options(t, p)
	o.Sites[StageLoopback].Subjects[0].Tokens = noToken{}
	if _, err := Run(context.Background(), p, o); err == nil || s.requests.Load() > 0 {
		t.Errorf("error %v, %d requests", err, s.requests.Load())
	}
}

type noToken struct{}

func (noToken) Token(context.Context) (string, error) { return "", io.ErrUnexpectedEOF }
func (noToken) Forget(string)                         {}

// Ids and references are new in every request of a run, over workers, stages and repeats, and nothing of a run shows in
// the next one.
func TestNothingIsUsedTwice(t *testing.T) {
	t.Parallel()
	s := newStand(t, "paydia.account-creation")
	p := testProfile(t, "stages: [signing, loopback, wire]\nwarm-up: {rate: 100/1s, for: 100ms}\nload: [{rate: 150/1s, for: 300ms}]\nworkers: {start: 4, most: 32}\n")
	for repeat := range 2 {
		o := s.options(t, p)
		o.Repeat = repeat + 1
		if _, err := Run(context.Background(), p, o); err != nil {
			t.Fatal(err)
		}
	}
	if n := 2 * 2 * (10 + 45); len(s.ids) != n || len(s.references) != n || s.requests.Load() != uint64(n) {
		t.Errorf("%d ids and %d references in %d requests, want %d of each", len(s.ids), len(s.references), s.requests.Load(), n)
	}
}

// A target that was slow for a while is not flooded afterwards: a run that catches up keeps to the highest rate allowed.
func TestCatchingUpKeepsToTheCeiling(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	began := time.Now()
	s.slow = func() { time.Sleep(max(0, 500*time.Millisecond-time.Since(began))) }
	p := testProfile(t, "stages: [wire]\nload: [{rate: 100/1s, for: 1s}]\nworkers: {start: 1, most: 1}\ntimeout: 5s\n")
	o := s.options(t, p)
	o.MaxRate = 40
	load, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	// 100 requests at 40 a second, but for the first second's worth, take a second and a half.
	stage := load.Stages[0]
	if stage.Sent != 100 || stage.RateAchieved > 75 || load.Verdict != reports.LoadInvalid {
		t.Errorf("verdict %s; %d sent at %.1f a second", load.Verdict, stage.Sent, stage.RateAchieved)
	}
}

// kept reports whether no threshold was crossed.
func kept(l *reports.Load) bool {
	return !slices.ContainsFunc(l.Thresholds, func(t reports.Threshold) bool { return !t.Kept })
}
