package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// turncoat answers the first requests as a good provider does and misbehaves from then on, down at the connection.
type turncoat struct {
	good  http.Handler
	left  atomic.Int64
	after func(net.Conn)
}

func (b *turncoat) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }() // the other side may have been first
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if b.left.Add(-1) < 0 {
			b.after(conn)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		b.good.ServeHTTP(w, r)
		answer := w.Result()
		answer.ContentLength = int64(w.Body.Len())
		if err := answer.Write(conn); err != nil {
			return
		}
	}
}

// listening serves connections until the test is over, and returns the address.
func listening(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return "http://" + l.Addr().String()
}

const okHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// misbehaviours are what a provider may do to a request, after which the connection is closed.
func misbehaviours() map[string]func(net.Conn) {
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.WriteString(c, text) } // nobody may be listening any more
	}
	body := func(text string) func(net.Conn) {
		return say(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", okHead, len(text), text))
	}
	return map[string]func(net.Conn){
		"closes":             func(net.Conn) {},
		"resets":             func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
		"hangs":              func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"hangs in the body":  func(c net.Conn) { say(okHead + "Content-Length: 99\r\n\r\n{")(c); _, _ = io.Copy(io.Discard, c) },
		"HTML":               say("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>Sorry!</h1>"),
		"truncated JSON":     body(`{"responseCode":"200`),
		"a long body":        func(c net.Conn) { say(okHead + "Content-Length: 52428800\r\n\r\n")(c); pour(c, 50) },
		"an endless body":    func(c net.Conn) { say(okHead + "\r\n")(c); pour(c, 4096) },
		"gzip bomb":          gzipBomb,
		"redirects":          say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
		"length too long":    say(okHead + "Content-Length: 100\r\n\r\n{}"),
		"length too short":   say(okHead + "Content-Length: 2\r\n\r\n{}}}}}}garbage after the end"),
		"drips":              drip,
		"garbage":            say("\x00\x01\x02 this is no HTTP\n\n"),
		"interim answers":    func(c net.Conn) { flood(c, "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n") },
		"endless head":       func(c net.Conn) { say(okHead)(c); flood(c, "X-More: "+strings.Repeat("m", 1000)+"\r\n") },
		"no UTF-8":           body("{\"responseCode\":\"4990800\",\"responseMessage\":\"\xff\xfe\x80\"}"),
		"NUL":                body("{\"responseCode\":\"2000800\x00\"}\x00\x00"),
		"deep JSON":          body(strings.Repeat("[", 100_000)),
		"one line of 200 kB": body(`{"responseMessage":"` + strings.Repeat("\\u003cscript>", 16_000) + `"}`),
		"no content":         say("HTTP/1.1 204 No Content\r\n\r\n"),
		"status 999":         say("HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}"),
	}
}

// pour sends so many MiB for as long as somebody takes them.
func pour(c net.Conn, mib int) {
	block := bytes.Repeat([]byte(`{"a":"b","c":[]} `), 1<<16)[:1<<20]
	for range mib {
		if _, err := c.Write(block); err != nil {
			return
		}
	}
}

func flood(c net.Conn, text string) {
	for range 100_000 {
		if _, err := io.WriteString(c, text); err != nil {
			return
		}
	}
}

func drip(c net.Conn) {
	_, _ = io.WriteString(c, okHead+"Content-Length: 10000\r\n\r\n") // the next write will tell
	for range 10_000 {
		if _, err := io.WriteString(c, " "); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func gzipBomb(c net.Conn) {
	_, _ = io.WriteString(c, okHead+"Content-Encoding: gzip\r\n\r\n") // the next write will tell
	z := gzip.NewWriter(c)
	block := make([]byte, 1<<20)
	for range 512 {
		if _, err := z.Write(block); err != nil {
			return
		}
	}
	_ = z.Close() // as above
}

// whatever a bad provider does, the run ends in time, says that it could not tell, and leaves all of its papers.
func TestBadProviders(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, misbehave := range misbehaviours() {
		// Once the opening controls are over; some from the first request on, or between preflight and controls.
		stages := []int64{7}
		switch name {
		case "garbage", "hangs":
			stages = []int64{0, 2, 7}
		case "one line of 200 kB":
			stages = []int64{2, 7}
		}
		if raceDetector && len(stages) == 1 && !strings.Contains(name, "body") {
			continue // each is a process of its own, and slow when it is watched
		}
		for _, good := range stages {
			t.Run(fmt.Sprintf("%s/after %d", name, good), func(t *testing.T) {
				t.Parallel()
				b := &turncoat{good: box, after: misbehave}
				b.left.Store(good)
				dir := t.TempDir()
				code, report, run := certifyBad(t, dir, box, listening(t, b.serve))
				if code != exitUnknown && code != exitBroken {
					t.Errorf("exit code %d: %s", code, &run.err)
				}
				if report.Standing == reports.Conformant || report.Standing == reports.Partial {
					t.Errorf("standing %s", report.Standing)
				}
				for _, r := range report.Results {
					if r.Verdict == reports.Error {
						t.Errorf("%s: %s: the provider's fault is taken for our own", r.ID, r.Reason)
					}
					if r.Verdict == reports.Pass && len(r.Cases) > 0 && r.Kind != "present" {
						t.Errorf("%s passes: %+v", r.ID, r.Cases)
					}
				}
				usage, _ := run.ProcessState.SysUsage().(*syscall.Rusage)
				if most := usage.Maxrss >> 10; most > 500 && !raceDetector {
					t.Errorf("it took %d MiB of memory", most)
				}
			})
		}
	}
}

// A provider that is not there at all is told apart by how far it went, and the report is written all the same.
func TestProvidersThatAreNotThere(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	untrusted := httptest.NewUnstartedServer(box)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // it will hear of the refused certificate
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain := httptest.NewServer(box)
	t.Cleanup(plain.Close)
	gone := httptest.NewServer(box)
	gone.Close()
	for name, c := range map[string]struct{ base, want string }{
		"refused":       {gone.URL, "reachability: .*refused"},
		"no such host":  {"https://nobody.invalid", "reachability: .*(no such host|lookup)"},
		"wrong TLS":     {untrusted.URL, "TLS: .*certificate"},
		"TLS not known": {strings.Replace(plain.URL, "http:", "https:", 1), "TLS: "},
		"HTTP, not TLS": {strings.Replace(untrusted.URL, "https:", "http:", 1), "(HTTP 400|connection broke)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, report, run := certifyBad(t, t.TempDir(), box, c.base)
			if code != exitUnknown || !regexp.MustCompile("preflight fail: gopay: .*"+c.want).MatchString(run.err.String()) {
				t.Errorf("exit code %d, want one that tells of %s: %s", code, c.want, &run.err)
			}
			if len(report.Preflight) == 0 || report.Run.Requests != 0 {
				t.Errorf("%d requests, preflight %+v", report.Run.Requests, report.Preflight)
			}
		})
	}
}

func certifyBad(t *testing.T, dir string, box *sandbox.Sandbox, base string) (int, *reports.Report, *process) {
	t.Helper()
	for _, target := range box.Targets(base) {
		if target.Provider != "gopay" {
			continue
		}
		file, err := writeTarget(dir, target)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, "limits: {timeout: 300ms}\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	run := start(t, dir, "certify", "--target", "gopay.yaml", "--out", "out", "--no-progress",
		"--label-filter", "kind:required || kind:max || kind:unique || kind:signed || kind:media-type || kind:listed")
	code := run.ended(t)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	if strings.Contains(run.err.String(), "goroutine ") {
		t.Errorf("a panic: %s", &run.err)
	}
	return code, papersOf(t, filepath.Join(dir, "out")), run
}
