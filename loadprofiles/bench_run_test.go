package loadprofiles

import (
	"context"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/reports"
)

// The benchmarks here send at a rate, as users do, and look at what a run leaves behind: memory, and how late requests
// were sent.
//
//	go test ./loadprofiles -run '^$' -bench ScheduleDelay -benchtime 9x
//	go test ./loadprofiles -run '^$' -bench ResidentMemory -benchtime 1x -timeout 20m

// benchRun sends a profile's one stage.
func benchRun(b *testing.B, base *url.URL, lines string, progress func(Progress)) reports.LoadStage {
	b.Helper()
	p := testProfile(b, lines)
	transport, err := NewTransport(p, TransportOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer transport.Close()
	site := Site{Subjects: []Subject{testSubject(endpointNamed(b, benchEndpoint), base)}, Transport: transport}
	load, err := Run(context.Background(), p, Options{Sites: map[string]Site{p.Stages[0]: site}, Seed: 1, Progress: progress})
	if err != nil {
		b.Fatal(err)
	}
	return load.Stages[0]
}

// BenchmarkScheduleDelay sends 2,000 requests a second and reports the 95th percentile of how late they were: the best
// round, the middle one and the worst. What a machine can do shows in the best, its neighbours in the others.
func BenchmarkScheduleDelay(b *testing.B) {
	base := benchServer(b)
	for _, transport := range []string{TransportStandard, TransportFast} {
		b.Run(strings.ReplaceAll(transport, "/", "-"), func(b *testing.B) {
			var p95 []float64
			for b.Loop() {
				stage := benchRun(b, base, "stages: [loopback]\nwarm-up: {rate: 2000/1s, for: 1s}\nload: [{rate: 2000/1s, for: 5s}]\ntransport: "+transport+"\n", nil)
				for _, d := range stage.Distributions {
					if at, ok := d.At(95); ok && d.Name == reports.ScheduleDelay {
						p95 = append(p95, float64(at.Microseconds()))
					}
				}
			}
			b.ReportMetric(slices.Min(p95), "p95-best-µs")
			b.ReportMetric(middle(p95), "p95-middle-µs")
			b.ReportMetric(slices.Max(p95), "p95-worst-µs")
		})
	}
}

// BenchmarkResidentMemory sends two million requests and compares the memory at the end with that after the first 100,000.
func BenchmarkResidentMemory(b *testing.B) {
	if resident() == 0 {
		b.Skip("this system does not tell")
	}
	for _, c := range []struct{ name, lines string }{
		{"signing", "stages: [signing]\n"}, {"loopback-fast", "stages: [loopback]\ntransport: fast\n"}, {"loopback-net-http", "stages: [loopback]\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			base := benchServer(b)
			for b.Loop() {
				var early, most, last float64
				stage := benchRun(b, base, c.lines+"load: [{rate: 20000/1s, for: 100s}]\ntimeout: 5m\nworkers: {most: 64}\n", func(p Progress) {
					last = resident()
					if p.Sent >= 100_000 && early == 0 {
						early = last
					}
					most = max(most, last)
				})
				if stage.Sent != 2_000_000 {
					b.Errorf("%d requests were sent", stage.Sent)
				}
				b.ReportMetric(early, "MB-at-100k")
				b.ReportMetric(last, "MB-at-2M")
				b.ReportMetric(most, "MB-most")
			}
		})
	}
}

// resident is the resident set now, in megabytes.
func resident() float64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return float64(pages*os.Getpagesize()) / 1e6
}
