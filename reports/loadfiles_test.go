package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func loadText(t *testing.T, write func(io.Writer, *Load) error, l *Load) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLoadJSONReadsBack(t *testing.T) {
	l := loadSample(3)
	text := loadText(t, WriteLoadJSON, l)
	again, err := ReadLoad(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if second := loadText(t, WriteLoadJSON, again); second != text || !reflect.DeepEqual(again.Stages, l.Stages) {
		t.Error("what was read is not what was written")
	}
	for _, bad := range []string{"", "{", `{"schema":"2.0"}`, `{"verdict":"x"}`, `[]`} {
		if _, err := ReadLoad(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if _, err := ReadLoad(strings.NewReader(`{"schema":"1.7","unknown":1}`)); err != nil {
		t.Errorf("a newer file of the same kind: %v", err)
	}
}

func TestLoadCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(loadText(t, WriteLoadCSV, loadSample(8)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+3*8 || rows[0][0] != "stage" {
		t.Fatalf("%d rows, %v", len(rows), rows[0])
	}
	want := []string{"loopback", "7", "1", "50", "50", "45", "5", "11.000", "22.000", "33.000", "44.000", "2000600:45 5000600:5"}
	if got := rows[1+8+7]; !reflect.DeepEqual(got, want) {
		t.Errorf("row %v, want %v", got, want)
	}
}

// Every line is a comment of a family or a sample of the family before it, as the format demands.
func TestLoadMetricsFormat(t *testing.T) {
	var (
		comment = regexp.MustCompile(`^# (TYPE|UNIT|HELP) ([a-z_]+)( .+)$`)
		sample  = regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)$`)
		suffix  = map[string][]string{"counter": {"_total"}, "summary": {"", "_count", "_sum"}, "gauge": {""}}
	)
	for name, l := range map[string]*Load{"plain": loadSample(3), "hostile": hostileLoad()} {
		lines := strings.Split(strings.TrimSuffix(loadText(t, WriteLoadMetrics, l), "\n"), "\n")
		family, kind, seen := "", "", map[string]bool{}
		for i, text := range lines {
			if i == len(lines)-1 {
				if text != "# EOF" {
					t.Errorf("%s: it ends in %q", name, text)
				}
				continue
			}
			if m := comment.FindStringSubmatch(text); m != nil {
				if m[1] == "TYPE" {
					family, kind = m[2], strings.TrimSpace(m[3])
					if seen[family] {
						t.Errorf("%s: family %s comes twice", name, family)
					}
					seen[family] = true
				}
				if m[2] != family || m[1] == "UNIT" && !strings.HasSuffix(family, "_"+strings.TrimSpace(m[3])) {
					t.Errorf("%s: %q in family %s", name, text, family)
				}
				continue
			}
			m := sample.FindStringSubmatch(text)
			if m == nil {
				t.Errorf("%s: %q is no sample", name, text)
				continue
			}
			known := false
			for _, s := range suffix[kind] {
				known = known || m[1] == family+s
			}
			if _, err := strconv.ParseFloat(m[3], 64); !known || err != nil || name == "plain" && seen["sample "+m[1]+m[2]] {
				t.Errorf("%s: %q in family %s (%s)", name, text, family, kind)
			}
			seen["sample "+m[1]+m[2]] = true
		}
	}
	text := loadText(t, WriteLoadMetrics, loadSample(3))
	for _, want := range []string{
		`snapcert_load_requests_total{stage="wire"} 150`, `snapcert_load_threshold_kept{stage="wire",threshold="p99 < 40ms"} 0`,
		`snapcert_load_valid 1`, `snapcert_load_latency_seconds_count{stage="wire",distribution="response time"} 150`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestLoadJUnitCounts(t *testing.T) {
	for _, c := range []struct {
		name             string
		change           func(*Load)
		failures, errors int
	}{
		{"a crossed threshold", func(*Load) {}, 1, 0},
		{"all kept", func(l *Load) { l.Thresholds[0].Kept, l.Verdict = true, LoadKept }, 0, 0},
		{"generator-limited", func(l *Load) { l.Stages[2].Validity[0].Verdict, l.Verdict = Fail, LoadInvalid }, 1, 2},
		{"cut short", func(l *Load) { l.Verdict = LoadPartial }, 1, 1},
	} {
		l := loadSample(2)
		c.change(l)
		var read struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Suites   []struct {
				Cases []struct {
					Name    string    `xml:"name,attr"`
					Class   string    `xml:"classname,attr"`
					Failure *struct{} `xml:"failure"`
					Error   *struct{} `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(loadText(t, WriteLoadJUnit, l)), &read); err != nil {
			t.Fatal(err)
		}
		failures, errors, names := 0, 0, map[string]bool{}
		for _, one := range read.Suites[0].Cases {
			if one.Failure != nil {
				failures++
			}
			if one.Error != nil {
				errors++
			}
			names[one.Class+one.Name] = true
		}
		if read.Failures != c.failures || failures != c.failures || read.Errors != c.errors || errors != c.errors || read.Tests != len(read.Suites[0].Cases) || len(names) != read.Tests {
			t.Errorf("%s: %d failures (%d said), %d errors (%d said), %d cases of %d names", c.name, failures, read.Failures, errors, read.Errors, read.Tests, len(names))
		}
	}
}

func TestLoadSummaryTellsAll(t *testing.T) {
	l := loadSample(3)
	l.Reasons = []string{"shard 1 of 3 is missing"}
	l.RSA = &RSA{Bits: 2048, Distribution: Distribution{Name: RSASigning, Count: 1, Mean: time.Millisecond}}
	l.Breakpoint = &Breakpoint{Rate: 80, Confidence: "80 a second, three times.", Trials: []BreakpointTrial{{Rate: 80, Kept: true, Valid: true}, {Rate: 160, Valid: true, Reason: "p99 < 40ms: 90ms"}}}
	l.Environment = Environment{Cores: 2, GOMAXPROCS: 2, Kernel: "6.1", OS: "linux", Arch: "amd64", Go: "go1.26", FileLimit: 1024, LoadBefore: "0.1 0.2 0.3", LoadAfter: "1.1 0.4 0.3", CPUShare: 0.2, MaxRSS: 64 << 20}
	l.Run.Shards = []Shard{{Index: 0, Count: 3, Host: "a", Planned: 50, Sent: 50, Environment: &l.Environment}, {Index: 2, Count: 3, Host: "b", Planned: 50, Sent: 49}}
	l.Stages[2].Duplicates = &Duplicates{Pairs: 3, TakenOnce: 2, Twice: 1}
	l.Stages[2].Sampled = &Sampled{Judged: 9, Violations: []SampleViolation{{Rule: "a.rule", Text: "was broken", Count: 4}}}
	l.Stages[2].Failures = []FailureCount{{Kind: "timeout", Count: 2, Example: "too slow"}}
	text := loadText(t, WriteLoadSummary, l)
	for _, want := range []string{
		"a threshold was crossed", "shard 1 of 3 is missing", "p99 < 40ms", "## Stage signing", "## Stage wire", "response time", "2000600",
		"RSA signature of 2048 bits", "80 a second, three times.", "| 160.0 |", "2 cores, GOMAXPROCS 2, linux amd64, kernel 6.1, go1.26, file limit 1024, load average before 0.1 0.2 0.3, after 1.1 0.4 0.3",
		"| 2 of 3 | b | 50 | 49 |", "3 pairs, 2 taken once, 1 twice", "a.rule", "timeout",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// What a file or a target put into a report stays text in every form.
func TestHostileLoadStaysText(t *testing.T) {
	l := hostileLoad()
	spans := regexp.MustCompile("`[^`\n]*`")
	for name, write := range map[string]func(io.Writer, *Load) error{"csv": WriteLoadCSV, "metrics": WriteLoadMetrics, "junit": WriteLoadJUnit, "summary": WriteLoadSummary} {
		text := loadText(t, write, l)
		markup := text
		switch name {
		case "csv", "metrics": // have no markup
			markup = ""
		case "summary":
			markup = spans.ReplaceAllString(text, "")
		}
		if strings.ContainsAny(text, "\x00\x1b\u202e") || strings.Contains(markup, "<script") {
			t.Errorf("%s lets it through:\n%.600s", name, text)
		}
	}
	if err := LoadScreen(io.Discard, l, false); err != nil {
		t.Error(err)
	}
	screen := loadText(t, func(w io.Writer, l *Load) error { return LoadScreen(w, l, false) }, l)
	if strings.ContainsAny(screen, "\x00\x1b") {
		t.Errorf("the screen lets it through: %q", screen)
	}
}

func TestLoadExitCodes(t *testing.T) {
	for _, c := range []struct {
		verdict     LoadVerdict
		interrupted string
		want        int
	}{
		{LoadKept, "", ExitLoadKept}, {LoadUnjudged, "", ExitLoadKept}, {LoadCrossed, "", ExitLoadCrossed}, {LoadInvalid, "", ExitLoadInvalid},
		{LoadPartial, "aborted: too much failed", ExitLoadInvalid}, {LoadPartial, "interrupted: by a signal", ExitInterrupted},
		{LoadPartial, "shard 2: interrupted: by a signal", ExitLoadInvalid}, {"unheard of", "", ExitLoadInvalid},
	} {
		if got := LoadExitCode(&Load{Verdict: c.verdict, Run: LoadRun{Interrupted: c.interrupted}}); got != c.want {
			t.Errorf("%s, %q: exit code %d, want %d", c.verdict, c.interrupted, got, c.want)
		}
	}
}
