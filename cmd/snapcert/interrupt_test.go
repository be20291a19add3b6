package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/snapcert/snapcert/suites"
)

// moments are the times at which a run is stopped: drawn over all of its length.
type moments struct {
	draw  *rand.Rand
	whole time.Duration
}

func momentsOf(t *testing.T, dir string) *moments {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	began := time.Now()
	if code := certifyGopay(t, dir, "whole").ended(t); code != exitOK {
		t.Fatalf("undisturbed, it ends with %d", code)
	}
	papersOf(t, filepath.Join(dir, "whole"))
	return &moments{draw: rand.New(rand.NewPCG(seed, 0)), whole: time.Since(began)}
}

func (m *moments) next() time.Duration { return time.Duration(m.draw.Int64N(int64(m.whole))) }

func certifyGopay(t *testing.T, dir, out string) *process {
	return start(t, dir, "certify", "--target", "gopay.yaml", "--out", out, "--concurrency", "8", "--no-progress")
}

// One signal at any moment: a whole report that says so, or, when it came after the end, that of a run that ended well.
func TestSignalAtAnyMoment(t *testing.T) {
	dir := sandboxed(t, "--latency", "3ms")
	m := momentsOf(t, dir)
	stopped := 0
	for n := range fewer(20) {
		after, signal := m.next(), []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[n%2]
		out := filepath.Join(dir, "stopped")
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		run := certifyGopay(t, dir, "stopped")
		time.Sleep(after)
		if err := run.Process.Signal(signal); err != nil && !strings.Contains(err.Error(), "finished") {
			t.Fatal(err)
		}
		code := run.ended(t)
		if _, err := os.Stat(out); os.IsNotExist(err) {
			continue // before anything had begun there is nothing to report
		}
		report := papersOf(t, out)
		switch {
		case code == exitInterrupted && !report.Run.Complete && report.Run.Interrupted != "":
			stopped++
		case code == exitOK && report.Run.Complete && report.Run.Interrupted == "":
		default:
			t.Errorf("%s after %s: exit code %d, complete %v, interrupted %q\n%s", signal, after, code, report.Run.Complete, report.Run.Interrupted, &run.err)
		}
		if strings.Contains(run.err.String(), "panic") {
			t.Errorf("%s after %s: %s", signal, after, &run.err)
		}
		if journal, err := os.ReadFile(filepath.Join(out, journalFile)); err != nil || len(journal) == 0 {
			continue // stopped in preflight
		}
		again := start(t, dir, "report", "rejudge", "stopped", "--out", "again")
		if code := again.ended(t); code != exitInterrupted && code != exitOK {
			t.Errorf("%s after %s: judged again, it ends with %d: %s", signal, after, code, &again.err)
		}
	}
	if stopped < 5 && !raceDetector {
		t.Errorf("only %d runs were stopped in time to show anything", stopped)
	}
}

// The second signal ends it there and then.
func TestSecondSignalQuits(t *testing.T) {
	dir := sandboxed(t, "--fault", "hang")
	run := start(t, dir, "certify", "--target", "paydia.yaml", "--out", "twice", "--no-progress")
	journal := filepath.Join(dir, "twice", journalFile)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(journal); err == nil {
			break
		}
	}
	began := time.Now()
	for range 2 {
		if err := run.Process.Signal(syscall.SIGINT); err != nil && !strings.Contains(err.Error(), "finished") {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // two signals of one kind that wait together are one
	}
	if code := run.ended(t); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to quit", took)
	}
}

// A run that is killed leaves a journal with every exchange that was completed, and at most one line cut off.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := sandboxed(t, "--latency", "3ms")
	m := momentsOf(t, dir)
	recovered := 0
	for n := range fewer(10) {
		after := m.next()
		out := filepath.Join(dir, "killed")
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		run := certifyGopay(t, dir, "killed")
		time.Sleep(after)
		if err := run.Process.Kill(); err != nil && !strings.Contains(err.Error(), "finished") {
			t.Fatal(err)
		}
		run.ended(t)
		path := filepath.Join(out, journalFile)
		journal, err := os.ReadFile(path)
		if os.IsNotExist(err) || len(journal) == 0 {
			continue // killed before anything was sent
		}
		whole := bytes.Count(journal, []byte(`{"exchange":`))
		if n%2 == 1 && bytes.Count(journal, []byte("\n")) > 2 { // and the disk kept half a line
			lines := bytes.SplitAfter(journal, []byte("\n"))
			last := lines[len(lines)-2]
			whole -= bytes.Count(last, []byte(`{"exchange":`))
			journal = append(bytes.Join(lines[:len(lines)-2], nil), last[:len(last)/2]...)
			if err := os.WriteFile(path, journal, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		evidence, err := suites.ReadJournal(bytes.NewReader(journal))
		if err != nil {
			t.Fatalf("after %s: %v", after, err)
		}
		if len(evidence.Exchanges) != whole {
			t.Errorf("after %s: %d exchanges are recovered of %d", after, len(evidence.Exchanges), whole)
		}
		again := start(t, dir, "report", "rejudge", "killed")
		code := again.ended(t)
		report := papersOf(t, out)
		if evidence.Complete && code == exitOK {
			continue // it had come to its end
		}
		if code != exitInterrupted || report.Run.Complete || report.Run.Requests < whole {
			t.Errorf("after %s: exit code %d, complete %v, %d requests of %d: %s", after, code, report.Run.Complete, report.Run.Requests, whole, &again.err)
		}
		recovered++
	}
	if recovered == 0 && !raceDetector {
		t.Error("no run was killed in time to show anything")
	}
}
