package loadprofiles

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"github.com/valyala/fasthttp"
)

// The benchmarks compare the processor time of one request over three ways to the same server, which is a process of its
// own so that its time is not counted:
//
//	plain     vegeta as it comes, sending one constant unsigned request, results thrown away
//	net/http  the load path: unique values, signing, vegeta, judging, histograms
//	fast      the same over the fast transport
//
// Every worker is always busy: waking up for a single request would cost more than the request, whoever sends it.
//
//	go test ./loadprofiles -run '^$' -bench Path -benchmem -benchtime 200000x
//	go test ./loadprofiles -run '^$' -bench Ratios -benchtime 9x

const benchEndpoint, benchWorkers = "paydia.account-creation", 32

// serverFor is the environment variable that makes a test binary the server: it holds the body of its answers.
const serverFor = "SNAPCERT_BENCH_ANSWER"

// TestServeForBenchmarks is the server's process. It ends with its standard input.
func TestServeForBenchmarks(t *testing.T) {
	answer := os.Getenv(serverFor)
	if answer == "" {
		t.Skip("only the benchmarks start this")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(listener.Addr())
	server := &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) {
		c.SetContentType("application/json")
		c.SetBodyString(answer)
	}}
	go func() { _ = server.Serve(listener) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// benchServer starts one and returns its base URL.
func benchServer(b *testing.B) *url.URL {
	b.Helper()
	code := endpointNamed(b, benchEndpoint).Success[0]
	answer := `{"responseCode":"` + code + `","responseMessage":"Successful","filler":"` + strings.Repeat("x", 290) + `"}`
	child := exec.Command(os.Args[0], "-test.run=^TestServeForBenchmarks$")
	child.Env = append(os.Environ(), serverFor+"="+answer)
	in, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = child.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, _, err := net.SplitHostPort(lines.Text()); err == nil {
			return &url.URL{Scheme: "http", Host: lines.Text()}
		}
	}
	b.Fatal("the server told no address")
	return nil
}

// way sends n requests and returns the processor time that took.
type way func(b *testing.B, base *url.URL, n int) time.Duration

func plainWay(b *testing.B, base *url.URL, n int) time.Duration {
	s, err := newSubject(testSubject(endpointNamed(b, benchEndpoint), base), "bench")
	if err != nil {
		b.Fatal(err)
	}
	r := s.template.Request
	header := http.Header{}
	for _, f := range r.Header {
		header[f.Name] = []string{f.Value}
	}
	target := vegeta.Target{Method: r.Method, URL: base.String() + r.Target(), Body: r.Body, Header: header}
	attacker := vegeta.NewAttacker(vegeta.Workers(benchWorkers), vegeta.MaxWorkers(benchWorkers))
	before, wrong := processorTime(), 0
	for r := range attacker.Attack(vegeta.NewStaticTargeter(target), countPacer(n), 0, "") {
		if r.Code != http.StatusOK {
			wrong++
		}
	}
	used := processorTime() - before
	if wrong > 0 {
		b.Fatalf("%d of %d requests failed", wrong, n)
	}
	return used
}

// countPacer sends so many requests as soon as workers take them.
type countPacer uint64

func (p countPacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	return 0, hits >= uint64(p)
}
func (p countPacer) Rate(time.Duration) float64 { return 0 }

func ourWay(transport string) way {
	return func(b *testing.B, base *url.URL, n int) time.Duration {
		p := benchProfile(b, transport, n)
		made, err := NewTransport(p, TransportOptions{})
		if err != nil {
			b.Fatal(err)
		}
		defer made.Close()
		o := Options{Sites: map[string]Site{StageLoopback: {Subjects: []Subject{testSubject(endpointNamed(b, benchEndpoint), base)}, Transport: made}}, Seed: 1}
		if err := o.check(p); err != nil {
			b.Fatal(err)
		}
		stages, err := layOut(context.Background(), p, &o)
		if err != nil {
			b.Fatal(err)
		}
		before := processorTime()
		m, err := stages[0].run(context.Background())
		used := processorTime() - before
		if err != nil {
			b.Fatal(err)
		}
		if m.succeeded != uint64(n) {
			for _, f := range m.failures {
				b.Logf("%+v", *f)
			}
			b.Fatalf("%d of %d requests succeeded, %d sent: %+v", m.succeeded, n, m.sent, m.sortedCodes())
		}
		return used
	}
}

func benchProfile(b *testing.B, transport string, n int) Profile {
	p := testProfile(b, "stages: [loopback]\nload: [{rate: 1000000/1s, for: 1s}]\ntimeout: 5m\ntransport: "+transport+"\n")
	p.Load[0].For = Duration(fmt.Sprintf("%gms", float64(n)/1000))
	p.Workers = Workers{Start: benchWorkers, Most: benchWorkers}
	return p
}

var ways = []struct {
	name string
	way
}{{"plain", plainWay}, {"net-http", ourWay(TransportStandard)}, {"fast", ourWay(TransportFast)}}

// BenchmarkPath is one request over each way; allocations are counted too.
func BenchmarkPath(b *testing.B) {
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			base := benchServer(b)
			w.way(b, base, 2000) // connections, pools
			b.ReportAllocs()
			b.ResetTimer()
			used := w.way(b, base, b.N)
			b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkRatios takes turns, so that a busy neighbour hits all ways alike, and reports the middle round and the spread.
func BenchmarkRatios(b *testing.B) {
	base := benchServer(b)
	const requests = 40_000
	var standard, quick []float64
	per := make([][]float64, len(ways))
	for b.Loop() {
		var used [3]float64
		for i, w := range ways {
			used[i] = float64(w.way(b, base, requests).Nanoseconds()) / requests
			per[i] = append(per[i], used[i])
		}
		standard, quick = append(standard, used[1]/used[0]), append(quick, used[2]/used[1])
	}
	for i, w := range ways {
		b.ReportMetric(math.Round(middle(per[i])), w.name+"-cpu-ns")
	}
	for name, ratios := range map[string][]float64{"net-http/plain": standard, "fast/net-http": quick} {
		b.ReportMetric(middle(ratios), name)
		b.ReportMetric(slices.Min(ratios), name+"-min")
		b.ReportMetric(slices.Max(ratios), name+"-max")
	}
}

func middle(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
