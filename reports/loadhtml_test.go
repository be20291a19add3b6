package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

// loadSample is a run of three stages, so many seconds long, in which the target faltered for a while.
func loadSample(seconds int) *Load {
	l := &Load{
		Schema: LoadSchema, Tool: Tool{Name: "snapcert"}, Target: Target{Name: "alpha"}, Verdict: LoadCrossed,
		Profile: []byte(`{"name":"steady","warmUp":{"rate":"10/1s","for":"5s"},"load":[{"rate":"50/1s","for":"1m"}],"tls":{},"thresholds":["p99 < 40ms"]}`),
		Run:     LoadRun{ID: "r1", Started: time.Unix(1_800_000_000, 0).UTC(), Ended: time.Unix(1_800_000_060, 0).UTC(), Complete: true},
		Thresholds: []Threshold{
			{Text: "p99 < 40ms", Stage: "wire", Actual: "90ms"}, {Text: "success >= 99%", Stage: "wire", Actual: "99.9%", Kept: true},
		},
	}
	for i, name := range []string{"signing", "loopback", "wire"} {
		l.Stages = append(l.Stages, stageSample(name, seconds, time.Duration(i)*10*time.Millisecond+time.Millisecond))
	}
	return l
}

func stageSample(name string, seconds int, typical time.Duration) LoadStage {
	s := LoadStage{Name: name, Duration: time.Duration(seconds) * time.Second, RateAsked: 50, RateAchieved: 50, Charge: time.Second}
	for at := range seconds {
		one := Second{At: at, Width: 1, Asked: 50, Sent: 50, Succeeded: 50, P50: typical, P90: 2 * typical, P99: 3 * typical, Max: 4 * typical, Codes: map[string]uint64{"2000600": 50}}
		if at%20 == 7 {
			one.Succeeded, one.Failed, one.Codes = 45, 5, map[string]uint64{"2000600": 45, "5000600": 5}
		}
		s.Planned, s.Sent, s.Succeeded = s.Planned+50, s.Sent+50, s.Succeeded+one.Succeeded
		s.Series = append(s.Series, one)
	}
	for _, n := range splitNames {
		d := Distribution{Name: n.name, Count: s.Sent, Min: typical / 2, Mean: typical, Max: 4 * typical}
		for _, p := range []float64{0, 50, 90, 99, 99.9, 100} {
			d.Percentiles = append(d.Percentiles, Percentile{p, typical/2 + time.Duration(p*float64(typical)/30)})
		}
		s.Distributions = append(s.Distributions, d)
	}
	s.Codes = []CodeCount{{Code: "2000600", Status: 200, Endpoint: "alpha.one", Count: s.Succeeded, Success: true}, {Code: "5000600", Status: 500, Endpoint: "alpha.one", Count: s.Sent - s.Succeeded}}
	s.Endpoints = []LoadEndpoint{{Name: "alpha.one", Sent: s.Sent, Succeeded: s.Succeeded}}
	s.Validity = []Check{{Name: "processor", Verdict: Pass, Text: "10 %"}}
	return s
}

func loadHTML(t *testing.T, l *Load) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteLoadHTML(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wellFormed reads a page as XML, which wants every element closed and every attribute quoted; the few empty elements that
// HTML writes without a slash are closed first.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	page = strings.Replace(page, "<!doctype html>", "", 1)
	page = regexp.MustCompile(`<(meta|br)([^>]*)>`).ReplaceAllString(page, "<$1$2/>")
	page = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page, "")
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			line, column := d.InputPos()
			t.Fatalf("line %d, column %d: %v", line, column, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				switch {
				case a.Name.Local == "id" && ids[a.Value]:
					t.Errorf("two elements have the id %s", a.Value)
				case a.Name.Local == "id":
					ids[a.Value] = true
				case strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "style", a.Name.Local == "src":
					t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
				case a.Name.Local == "d" && strings.Trim(a.Value, "0123456789.- MLHVAZv") != "":
					t.Errorf("a path of %q", a.Value)
				}
			}
		}
	}
}

// hostileLoad has texts from outside in every place that a provider or a file can fill.
func hostileLoad() *Load {
	const bad = `"></title></svg><script>alert(1)</script><img src=x onerror=alert(1)>`
	l := loadSample(40)
	l.Target.Name, l.Run.Command, l.Environment.Kernel, l.Reasons, l.Verdict = bad, bad, bad, []string{bad}, LoadVerdict(bad)
	l.Profile = []byte(`{"a":"</dd><script>alert(2)</script>","<script>":[{"b":"<img>"}]}`)
	l.Thresholds = append(l.Thresholds, Threshold{Text: "p99 < 30ms" + bad, Stage: bad, Actual: bad})
	for i := range l.Stages {
		s := &l.Stages[i]
		s.Name = bad
		s.Codes = append(s.Codes, CodeCount{Code: bad, Endpoint: bad, Count: 3})
		s.Failures = []FailureCount{{Kind: bad, Example: bad, Count: 2}}
		s.Series[3].Codes = map[string]uint64{bad: 3, "\x1b[31m\u202e": 1}
		s.Distributions[0].Name, s.Endpoints[0].Name = bad, bad
		s.Sampled = &Sampled{Judged: 1, Violations: []SampleViolation{{Rule: bad, Text: bad}}}
		s.Validity = []Check{{Name: bad, Verdict: Fail, Text: bad, Hint: bad}}
	}
	l.Breakpoint = &Breakpoint{Rate: 5, Confidence: bad, Ceilings: map[string]float64{bad: 7}, Trials: []BreakpointTrial{{Rate: 5, Reason: bad}, {Rate: -3, Valid: true}, {Rate: 9, Valid: true, Kept: true}}}
	return l
}

func TestLoadHTMLIsWellFormedAndHarmless(t *testing.T) {
	odd := loadSample(5)
	odd.Stages[2].Series = append(odd.Stages[2].Series, Second{At: -5, Width: -1}, Second{At: 1 << 40, Width: 1 << 40, Sent: 1 << 62, P99: -1})
	odd.Stages[2].Distributions[3].Max, odd.Stages[2].Distributions[3].Min = -5, -7
	odd.Stages[1].Distributions[4].HDR = "HISTFAAAAAA="
	for name, l := range map[string]*Load{
		"usual": loadSample(60), "one second": loadSample(1), "nothing": {Verdict: LoadPartial}, "stages without data": {Stages: []LoadStage{{Name: "wire"}, {}}},
		"nothing counted": loadSample(0), "hostile": hostileLoad(), "odd": odd,
	} {
		t.Run(name, func(t *testing.T) {
			page := loadHTML(t, l)
			wellFormed(t, page)
			for _, bad := range []string{"<script", "<img", "<link", "<iframe", "@import", "url(", "NaN", "Inf", "%!", "http://", "https://"} {
				if strings.Contains(page, bad) {
					t.Errorf("the page contains %q", bad)
				}
			}
			for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
				if !strings.HasPrefix(m[1], "#") {
					t.Errorf("a link to %s", m[1])
				}
			}
		})
	}
}

func TestLoadHTMLHasATableForEveryPlot(t *testing.T) {
	page := loadHTML(t, loadSample(60))
	figures := strings.Split(page, "<figure")[1:]
	if len(figures) != 1+3*6 {
		t.Errorf("%d figures", len(figures))
	}
	for _, f := range figures {
		f, _, _ = strings.Cut(f, "</figure>")
		if strings.Count(f, "<svg") != 2 || strings.Count(f, "<desc") != 2 || strings.Count(f, "<table") != 1 || strings.Count(f, `<th scope="row"`) < 2 {
			t.Errorf("%d drawings and %d tables with %d rows in %.60s", strings.Count(f, "<svg"), strings.Count(f, "<table"), strings.Count(f, `<th scope="row"`), f)
		}
	}
	for _, want := range []string{"✗ p99 &lt; 40ms", "5 failed", "a threshold was crossed", "warm-up", "rate 50/1s, for 1m", "2000600", "99.50 %"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// TestLoadHTMLOfALongRunStaysSmall: a soak has no more intervals than a table and a plot show.
func TestLoadHTMLOfALongRunStaysSmall(t *testing.T) {
	l := loadSample(4 * 3600)
	for i := range l.Stages {
		for k := range 150 {
			l.Stages[i].Codes = append(l.Stages[i].Codes, CodeCount{Code: fmt.Sprintf("%07d", k), Endpoint: strings.Repeat("x", 1000)})
			l.Stages[i].Series[k].Codes[fmt.Sprintf("%07d", k)] = 1
		}
	}
	if n := len(loadHTML(t, l)); n > 1_500_000 {
		t.Errorf("the page has %d bytes", n)
	}
}

func TestThinKeepsCountsAndPeaks(t *testing.T) {
	series := stageSample("wire", 1000, time.Millisecond).Series
	series[501].Max = time.Minute
	var sent, shown uint64
	for _, s := range series {
		sent += s.Sent
	}
	peak := time.Duration(0)
	thinned := thin(series, 120)
	for _, s := range thinned {
		shown += s.Sent
		peak = max(peak, s.Max)
	}
	if len(thinned) > 120 || shown != sent || peak != time.Minute || series[0].Sent != 50 || len(series[0].Codes) != 1 {
		t.Errorf("%d intervals with %d of %d requests and a peak of %s", len(thinned), shown, sent, peak)
	}
}
