package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// canaries are values that must not come out anywhere, by what they are.
type canaries map[string]string

// forms are all ways in which a value may stand in a text: written apart from those that the masker knows.
func forms(value string) []string {
	raw := []byte(value)
	quoted, _ := json.Marshal(value) // a string always can
	all := []string{
		value, string(quoted[1 : len(quoted)-1]), strings.ReplaceAll(string(quoted[1:len(quoted)-1]), "/", `\/`),
		url.QueryEscape(value), url.PathEscape(value), strings.ToLower(url.QueryEscape(value)),
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
	}
	for shift := range 3 { // in the middle of a longer text that is encoded
		whole := base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte{'x'}, shift), raw...))
		begin, end := (shift*8+5)/6, (shift+len(raw))*8/6
		if end-begin >= 8 {
			all = append(all, whole[begin:end], strings.NewReplacer("+", "-", "/", "_").Replace(whole[begin:end]))
		}
	}
	return all
}

// in says which canaries stand in a text.
func (c canaries) in(text []byte) []string {
	var found []string
	for what, value := range c {
		for i, form := range forms(value) {
			if bytes.Contains(text, []byte(form)) {
				found = append(found, what+" (form "+strconv.Itoa(i)+")")
			}
		}
	}
	return found
}

// absent looks for canaries in every file of a folder, in what is packed in them too.
func (c canaries) absent(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if data, err = unpacked(data); err != nil {
			return err
		}
		for _, what := range c.in(data) {
			t.Errorf("%s holds the %s", path, what)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%d files looked through, %v", files, err)
	}
}

// unpacked is a file, followed by what is packed in it when it is an archive.
func unpacked(data []byte) ([]byte, error) {
	packed, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return data, nil //nolint:nilerr // it is no archive
	}
	for _, f := range packed.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		data = append(data, plain...)
	}
	return data, nil
}

// said looks for canaries in what a process has printed.
func (c canaries) said(t *testing.T, p *process) {
	t.Helper()
	for _, what := range c.in([]byte(p.out.String() + p.err.String())) {
		t.Errorf("%s prints the %s", strings.Join(p.Args, " "), what)
	}
}

// keyParts are the lines of a key's PEM text, and its numbers.
func (c canaries) keyParts(t *testing.T, text []byte) {
	t.Helper()
	block, _ := pem.Decode(text)
	key, err := snap.ParsePrivateKey(text)
	if block == nil || err != nil {
		t.Fatal("no key", err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if len(line) == 64 {
			c["key, line "+strconv.Itoa(n)] = line
		}
	}
	c["key, private exponent"], c["key, prime"] = key.D.String(), key.Primes[0].String()
	c["key, private exponent in hex"], c["key, prime in hex"] = key.D.Text(16), key.Primes[0].Text(16)
}

// canaried turns a target file of the sandbox into one whose every identity comes from the environment, and returns all
// that must not come out of a run with it.
func canaried(t *testing.T, dir, provider string) canaries {
	t.Helper()
	c := canaries{}
	path := filepath.Join(dir, provider+".yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	edited := regexp.MustCompile(`(?m)^( +)([a-z-]+): "(.+)"$`).ReplaceAllStringFunc(string(text), func(line string) string {
		m := regexp.MustCompile(`^( +)([a-z-]+): "(.+)"$`).FindStringSubmatch(line)
		if m[2] == "channel-id" { // five digits that stand in any text
			return line
		}
		n++
		name := "CANARY_" + strconv.Itoa(n)
		t.Setenv(name, m[3])
		c[m[2]+" "+strconv.Itoa(n)] = m[3]
		return m[1] + m[2] + ": {env: " + name + "}"
	})
	if n == 0 {
		t.Fatalf("no identity in\n%s", text)
	}
	if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"secret", "active", "inactive", "unregistered", "expired", "pem"} {
		data, err := os.ReadFile(filepath.Join(dir, provider+"."+file))
		switch {
		case err != nil:
		case file == "pem":
			c.keyParts(t, data)
		default:
			c["file "+file] = strings.TrimSpace(string(data))
		}
	}
	return c
}

// breakingClock breaks down after so many looks at it.
type breakingClock struct {
	snap.Clock
	left atomic.Int64
}

func (c *breakingClock) Now() time.Time {
	if c.left.Add(-1) < 0 {
		panic("the clock broke down")
	}
	return c.Clock.Now()
}

func (c *breakingClock) Sleep(ctx context.Context, d time.Duration) error {
	return c.Clock.Sleep(ctx, d)
}

// breakDown is the program with a fault of its own: it breaks down somewhere on the way.
func breakDown() {
	clock := &breakingClock{Clock: snap.SystemClock()}
	looks, err := strconv.ParseInt(os.Getenv("BREAK_AFTER"), 10, 64)
	if err != nil {
		panic(err)
	}
	clock.left.Store(looks)
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv, clock: clock, signals: newInterrupts}
	os.Exit(a.run(os.Args[1:]))
}

// However a run ends, nothing secret or personal comes out of it.
func TestNothingSecretComesOut(t *testing.T) {
	for provider, broken := range map[string]string{"gopay": "G-017", "paydia": "P-028", "ayoconnect": "A-010"} {
		if raceDetector && provider != "gopay" {
			continue
		}
		t.Run(provider, func(t *testing.T) {
			dir := sandboxed(t, "--break", broken)
			c := canaried(t, dir, provider)
			target := provider + ".yaml"
			run := func(codes string, args ...string) *process {
				t.Helper()
				p := start(t, dir, args...)
				if code := strconv.Itoa(p.ended(t)); !strings.Contains(" "+codes+" ", " "+code+" ") {
					t.Errorf("%s ends with %s, not with %s: %s", strings.Join(args, " "), code, codes, &p.err)
				}
				c.said(t, p)
				return p
			}
			run("1", "certify", "--target", target, "--out", "out/failure")
			for _, r := range papersOf(t, filepath.Join(dir, "out/failure")).Results { // what is masked is judged all the same
				if r.Verdict == reports.Fail && r.Ref != broken {
					t.Errorf("%s fails: %+v", r.ID, r.Findings)
				}
			}
			run("0", "certify", "--target", target, "--out", "out/success", "--label-filter", "kind:json-body || kind:media-type")
			run("1", "certify", "--target", target, "--out", "out/verbose", "--verbose", "--strict")
			run("1", "report", "rejudge", "out/failure", "--out", "out/again", "--target", target, "--verbose")
			run("0", "init", "--provider", provider, "--file", "out/init.yaml")
			run("0 1 2", "sign", "--target", target, "--endpoint", provider+".access-token", "--verify", "AAAA")

			stopped := start(t, dir, "certify", "--target", target, "--out", "out/stopped", "--verbose")
			time.Sleep(150 * time.Millisecond)
			if err := stopped.Process.Signal(syscall.SIGINT); err != nil && !strings.Contains(err.Error(), "finished") {
				t.Fatal(err)
			}
			stopped.ended(t)
			c.said(t, stopped)
			for after, wordy := range map[string]string{"1": "--quiet", "5": "--verbose", "60": "--verbose"} {
				t.Setenv("BREAK_AFTER", after)
				fault := begin(t, "snapcert-breaking-down", dir, "certify", "--target", target, "--out", "out/fault-"+after, wordy)
				if code := fault.ended(t); code != exitBug {
					t.Errorf("broken down after %s, it ends with %d: %s", after, code, &fault.err)
				}
				c.said(t, fault)
			}
			if provider == "gopay" {
				run("0 4 99", "load", "smoke", "--target", target, "--rate", "20", "--duration", "500ms", "--out", "out/load", "--verbose")
			}
			c.absent(t, filepath.Join(dir, "out"))
		})
	}
}
