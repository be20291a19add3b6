package suites

import (
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/sandbox"
)

// BenchmarkPipeline plans, collects and judges all four endpoints against the embedded sandbox, which answers at once.
func BenchmarkPipeline(b *testing.B) { benchmarkPipeline(b, 0) }

// BenchmarkPipelineLatency100ms does the same with a provider that takes 100 ms for every answer, and compares the time
// with what the same requests take one after the other.
func BenchmarkPipelineLatency100ms(b *testing.B) { benchmarkPipeline(b, 100*time.Millisecond) }

func benchmarkPipeline(b *testing.B, latency time.Duration) {
	providers := builtin(b)
	requests := 0
	for b.Loop() {
		b.StopTimer()
		o := standIn(b, sandbox.Options{Latency: latency})
		b.StartTimer()
		p, err := NewPlan(providers, Selection{}, 1)
		if err != nil {
			b.Fatal(err)
		}
		e := collect(b, p, o)
		Judge(p, e, JudgeOptions{})
		requests += len(e.Exchanges)
	}
	wall := b.Elapsed()
	b.ReportMetric(float64(requests)/float64(b.N), "requests")
	b.ReportMetric(float64(requests)/wall.Seconds(), "req/s")
	if latency > 0 {
		b.ReportMetric(float64(requests)*latency.Seconds()/wall.Seconds(), "x-sequential")
	}
}
