package loadprofiles

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/snapcert/snapcert/reports"
)

func TestFilesReadBack(t *testing.T) {
	t.Parallel()
	s := newStand(t, "gopay.binding-inquiry")
	p := testProfile(t, "stages: [signing, loopback]\nwarm-up: {rate: 100/1s, for: 100ms}\nload: [{rate: 100/1s, for: 1s}]\nthresholds: [p99 < 5s, p50 < 1ns]\n")
	o := s.options(t, p)
	var results bytes.Buffer
	o.Results = &results
	load, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := WriteFiles(dir, load); err != nil {
		t.Fatal(err)
	}

	t.Run("vegeta", func(t *testing.T) {
		decoder := vegeta.NewDecoder(&results)
		var metrics vegeta.Metrics
		n := map[string]uint64{}
		for {
			var r vegeta.Result
			if err := decoder.Decode(&r); err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				break
			}
			if r.Seq >= 200 || r.Latency <= 0 || len(r.Headers) > 0 || len(r.Body) > 0 {
				t.Errorf("result %+v", r)
			}
			n[r.Attack]++
			metrics.Add(&r)
		}
		metrics.Close()
		if n[StageSigning] != 100 || n[StageLoopback] != 100 {
			t.Errorf("results by stage: %v, want 100 each", n)
		}
	})
	t.Run("hlog", func(t *testing.T) {
		reader := hdr.NewHistogramLogReader(open(t, dir, "load.hlog"))
		found := map[string]int64{}
		for {
			h, err := reader.NextIntervalHistogram()
			if err != nil {
				t.Fatal(err)
			}
			if h == nil {
				break
			}
			found[h.Tag()] = h.TotalCount()
			if h.Tag() == "loopback/response-time" {
				d, _ := load.Stages[1].Distribution(reports.ResponseTime)
				if p99, _ := d.At(99); int64(p99) != h.ValueAtQuantile(99) {
					t.Errorf("p99 %d in the log, %s in the report", h.ValueAtQuantile(99), p99)
				}
			}
		}
		if found["loopback/response-time"] != 100 || found["signing/signing"] != 100 {
			t.Errorf("histograms %v", found)
		}
	})
	t.Run("json", func(t *testing.T) {
		again, err := reports.ReadLoad(open(t, dir, "load.json"))
		if err != nil {
			t.Fatal(err)
		}
		if again.Verdict != load.Verdict || len(again.Stages) != 2 || again.Run.Plan != load.Run.Plan {
			t.Errorf("read back %+v", again.Run)
		}
	})
	t.Run("openmetrics", func(t *testing.T) {
		data, err := io.ReadAll(open(t, dir, "load.openmetrics.txt"))
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if !strings.HasSuffix(text, "# EOF\n") || !strings.Contains(text, `snapcert_load_requests_total{stage="loopback"} 100`) {
			t.Errorf("metrics:\n%s", text)
		}
	})
	t.Run("junit", func(t *testing.T) {
		var suites struct {
			Failures int `xml:"failures,attr"`
			Tests    int `xml:"tests,attr"`
		}
		if err := xml.NewDecoder(open(t, dir, "load-junit.xml")).Decode(&suites); err != nil {
			t.Fatal(err)
		}
		if suites.Failures != 1 || suites.Tests < 10 {
			t.Errorf("junit %+v, want the one crossed threshold", suites)
		}
	})
	t.Run("csv", func(t *testing.T) {
		data, err := io.ReadAll(open(t, dir, "load.csv"))
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(data), "\n"); lines != 3 {
			t.Errorf("%d lines, want a head and a second of each stage:\n%s", lines, data)
		}
	})
}

func open(t *testing.T, dir, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
