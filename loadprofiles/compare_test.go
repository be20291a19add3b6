package loadprofiles

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchmath"

	"github.com/snapcert/snapcert/reports"
)

// latencies are those of one run: each resembles the one before it, as queues make them.
func latencies(r *rand.Rand, n int, typical float64) []float64 {
	state := r.NormFloat64()
	list := make([]float64, n)
	const memory = 0.95
	for i := range list {
		state = memory*state + math.Sqrt(1-memory*memory)*r.NormFloat64()
		list[i] = typical * math.Exp(0.4*state)
	}
	return list
}

// summarised is a run of these latencies, by a generator whose own times are so many times the usual.
func summarised(list []float64, own float64) *reports.Load {
	sorted := slices.Sorted(slices.Values(list))
	at := func(p float64) reports.Percentile {
		return reports.Percentile{P: p, Value: time.Duration(sorted[int(float64(len(sorted)-1)*p/100)])}
	}
	stage := reports.LoadStage{
		Name: StageWire, Sent: uint64(len(list)), Succeeded: uint64(len(list)), Endpoints: []reports.LoadEndpoint{{Name: "alpha.one"}},
		Distributions: []reports.Distribution{{Name: reports.ResponseTime, Count: uint64(len(list)), Percentiles: []reports.Percentile{at(50), at(99)}}},
	}
	for _, name := range []string{reports.ScheduleDelay, reports.Signing} {
		stage.Distributions = append(stage.Distributions, reports.Distribution{Name: name, Count: 1, Percentiles: []reports.Percentile{{P: 50, Value: time.Duration(2e5 * own)}}})
	}
	return &reports.Load{
		Schema: reports.LoadSchema, Verdict: reports.LoadKept, Profile: json.RawMessage(`{}`), Stages: []reports.LoadStage{stage},
		Target: reports.Target{BaseURL: "http://127.0.0.1:1"},
	}
}

// manyRuns are runs that each have their own luck of 3 %, on a machine that makes all of them so many times slower.
func manyRuns(r *rand.Rand, runs int, slower float64, machine ...float64) (loads []*reports.Load, requests [][]float64) {
	own := 1.0
	for _, m := range machine {
		own *= m
	}
	for range runs {
		list := latencies(r, 2000, 1e7*slower*own*math.Exp(0.03*r.NormFloat64()))
		requests = append(requests, list)
		loads = append(loads, summarised(list, own*math.Exp(0.03*r.NormFloat64())))
	}
	return loads, requests
}

func compared(t *testing.T, a, b []*reports.Load, o CompareOptions) *reports.LoadComparison {
	t.Helper()
	c, err := Compare(a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Equal pairs raise at most 5 false alarms in 100, where a rank test over requests raises them nearly always. The first
// count is of changes of any size; with the usual limits there are fewer.
func TestEqualPairsRaiseFewAlarms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const pairs = 200
	alarms, regressions, naive := 0, 0, 0
	for range pairs {
		a, requestsA := manyRuns(r, 10, 1)
		b, requestsB := manyRuns(r, 10, 1)
		if slices.ContainsFunc(compared(t, a, b, CompareOptions{Smallest: 1e-9, Limit: 1e-9}).Metrics, func(m reports.ComparedMetric) bool {
			return m.Difference == reports.Regression || m.Difference == reports.Better
		}) {
			alarms++
		}
		if compared(t, a, b, CompareOptions{}).Regressed() {
			regressions++
		}
		sa, sb := benchmath.NewSample(requestsA[0], &benchmath.DefaultThresholds), benchmath.NewSample(requestsB[0], &benchmath.DefaultThresholds)
		if benchmath.AssumeNothing.Compare(sa, sb).P < 0.05 {
			naive++
		}
	}
	t.Logf("of %d equal pairs, %d raise an alarm by runs at any size, %d with the usual limits, and %d by requests", pairs, alarms, regressions, naive)
	if alarms > pairs*5/100 || regressions > alarms {
		t.Errorf("%d false alarms in %d equal pairs", alarms, pairs)
	}
	if naive < pairs/2 {
		t.Errorf("a test over requests raised %d alarms in %d: the simulation is too tame to show anything", naive, pairs)
	}
}

// A slow-down by 30 % is found in 10 runs nearly always.
func TestSlowDownIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const pairs = 100
	found := 0
	for range pairs {
		a, _ := manyRuns(r, 10, 1)
		b, _ := manyRuns(r, 10, 1.3)
		if c := compared(t, a, b, CompareOptions{}); c.Regressed() && c.ExitCode() == reports.ExitLoadCrossed {
			found++
		}
	}
	t.Logf("%d of %d found", found, pairs)
	if found < 90 {
		t.Errorf("%d of %d slow-downs by 30 %% were found", found, pairs)
	}
}

// A machine that became slower between the sets is no regression of the target, and hides none that is larger.
func TestSlowerMachineIsNoRegression(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	const pairs = 60
	alarms, found := 0, 0
	var last *reports.LoadComparison
	for range pairs {
		a, _ := manyRuns(r, 10, 1)
		b, _ := manyRuns(r, 10, 1, 1.25)
		last = compared(t, a, b, CompareOptions{})
		if last.Regressed() {
			alarms++
		}
		worse, _ := manyRuns(r, 10, 1.5, 1.25)
		if compared(t, a, worse, CompareOptions{}).Regressed() {
			found++
		}
	}
	t.Logf("of %d, %d false alarms and %d found", pairs, alarms, found)
	if alarms > pairs*5/100 || found < pairs*9/10 || len(last.Notes) != 1 || !strings.Contains(last.Notes[0], "schedule delay") {
		t.Errorf("of %d, %d false alarms and %d found; notes %q", pairs, alarms, found, last.Notes)
	}
}

// A target elsewhere is not slowed down by the generator's machine: only what that adds is taken off.
func TestTargetElsewhereHasItsOwnMachine(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	a, _ := manyRuns(r, 10, 1)
	b, _ := manyRuns(r, 10, 1, 1.3)
	for _, l := range slices.Concat(a, b) {
		l.Target.BaseURL = "https://api.alpha.example"
	}
	if m := compared(t, a, b, CompareOptions{}).Metrics[0]; m.Difference != reports.Regression || m.Generator <= 0 || m.Generator > 0.02 {
		t.Errorf("%+v", m)
	}
}

func TestSizeOfAChangeMatters(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a, _ := manyRuns(r, 10, 1)
	slower, _ := manyRuns(r, 10, 1.3)
	for _, c := range []struct {
		name string
		a, b []*reports.Load
		o    CompareOptions
		want reports.LoadDifference
		exit int
	}{
		{"slower", a, slower, CompareOptions{}, reports.Regression, reports.ExitLoadCrossed},
		{"slower within the limit", a, slower, CompareOptions{Limit: 0.6}, reports.Worse, reports.ExitLoadKept},
		{"slower by less than matters", a, slower, CompareOptions{Smallest: 0.5, Limit: 0.6}, reports.Alike, reports.ExitLoadKept},
		{"faster", slower, a, CompareOptions{}, reports.Better, reports.ExitLoadKept},
		{"itself", a, a, CompareOptions{}, reports.Alike, reports.ExitLoadKept},
		{"slower, in four runs", a, slower[:4], CompareOptions{}, reports.TooFewRuns, reports.ExitLoadInvalid},
	} {
		got := compared(t, c.a, c.b, c.o)
		if got.Metrics[0].Difference != c.want || got.ExitCode() != c.exit {
			t.Errorf("%s: %s, exit %d: %+v", c.name, got.Metrics[0].Difference, got.ExitCode(), got.Metrics[0])
		}
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return got.WriteText(b) },
			func(b *bytes.Buffer) error { return got.WriteMarkdown(b) },
			func(b *bytes.Buffer) error { return got.WriteJSON(b) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil || !strings.Contains(b.String(), string(c.want)) || !strings.Contains(b.String(), got.Words()) {
				t.Errorf("%s: %v\n%s", c.name, err, b.String())
			}
		}
	}
}

// Fewer right answers are a regression though the times stay.
func TestFailuresAreARegression(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	a, _ := manyRuns(r, 6, 1)
	b, _ := manyRuns(r, 6, 1)
	for i, l := range b {
		l.Stages[0].Succeeded = l.Stages[0].Sent * 97 / 100
		l.Stages[0].Succeeded += uint64(i)
	}
	c := compared(t, a, b, CompareOptions{})
	if m := c.Metrics[2]; m.Difference != reports.Regression || !strings.Contains(c.Words(), "success") {
		t.Errorf("%+v", m)
	}
}

func TestBreakpointsAreComparedByTheirRate(t *testing.T) {
	runs := func(rate float64) (list []*reports.Load) {
		for i := range 5 {
			l := summarised([]float64{1e6, 2e6}, 1)
			l.Breakpoint = &reports.Breakpoint{Rate: rate + float64(i)}
			list = append(list, l)
		}
		return list
	}
	if c := compared(t, runs(400), runs(300), CompareOptions{}); !c.Regressed() || len(c.Metrics) != 1 {
		t.Errorf("%+v", c.Metrics)
	}
	if c := compared(t, runs(300), runs(400), CompareOptions{}); c.Metrics[0].Difference != reports.Better {
		t.Errorf("%+v", c.Metrics)
	}
}

func TestRunsThatDoNotCountAreNamed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a, _ := manyRuns(r, 10, 1)
	b, _ := manyRuns(r, 7, 3)
	b[0].Verdict, b[0].Reasons, b[0].Run.Repeat = reports.LoadInvalid, []string{"generator-limited"}, 7
	b[1].Verdict = reports.LoadPartial
	b[2].Run.ID, b[3].Run.ID = "twin", "twin"
	b[4].Environment.Cores = 96
	c := compared(t, a, b, CompareOptions{})
	said := strings.Join(append(c.LeftOut, c.Notes...), "\n")
	if c.RunsB != 4 || c.Regressed() || c.ExitCode() != reports.ExitLoadInvalid || len(c.LeftOut) != 3 {
		t.Errorf("%d runs: %+v", c.RunsB, c)
	}
	for _, want := range []string{"run 7 after", "generator-limited", "twin", "copy", "96"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

func TestRunsThatWereAskedAnotherThingAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a, _ := manyRuns(r, 2, 1)
	for want, change := range map[string]func(*reports.Load){
		`load none and [{"rate":"9"}]`: func(l *reports.Load) { l.Profile = json.RawMessage(`{"name":"x","load":[{"rate":"9"}]}`) },
		"alpha.two":                    func(l *reports.Load) { l.Stages[0].Endpoints = []reports.LoadEndpoint{{Name: "alpha.two"}} },
		"breakpoint":                   func(l *reports.Load) { l.Breakpoint = &reports.Breakpoint{} },
	} {
		b, _ := manyRuns(r, 2, 1)
		change(b[1])
		if _, err := Compare(a, b, CompareOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	a[0].Profile = json.RawMessage(`{"name":"x","about":"y"}`)
	if _, err := Compare(a, a, CompareOptions{}); err != nil {
		t.Errorf("another name: %v", err)
	}
}

// The number of runs that is asked for is the least with which a verdict is possible at all.
func TestFewestRuns(t *testing.T) {
	separate := func(n int) float64 {
		var a, b []float64
		for i := range n {
			a, b = append(a, float64(i)), append(b, float64(i+n))
		}
		return benchmath.AssumeNothing.Compare(benchmath.NewSample(a, &benchmath.DefaultThresholds), benchmath.NewSample(b, &benchmath.DefaultThresholds)).P
	}
	alpha := 0.05 / float64(len(comparedMetrics(StageWire, false)))
	if separate(fewestRuns) >= alpha || separate(fewestRuns-1) < alpha {
		t.Errorf("p with %d runs %.4f, with one less %.4f, and %.4f is needed", fewestRuns, separate(fewestRuns), separate(fewestRuns-1), alpha)
	}
}
