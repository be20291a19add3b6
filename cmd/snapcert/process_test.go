package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// process is a snapcert of its own: a process with its output, as a user would have it.
type process struct {
	*exec.Cmd
	out, err output
}

// output can be read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// fewer is a number of repetitions, less of them where the race detector makes every process slow.
func fewer(n int) int {
	if raceDetector {
		return max(1, n/5)
	}
	return n
}

// start runs the command in a folder. The name finds this test binary, which is the program when it is called so.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	return begin(t, "snapcert", dir, args...)
}

func begin(t *testing.T, program, dir string, args ...string) *process {
	t.Helper()
	l := &process{Cmd: exec.CommandContext(t.Context(), program, args...)}
	l.Dir, l.Stdout, l.Stderr = dir, &l.out, &l.err
	l.Env = append(os.Environ(), "NO_PROXY=*")
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	return l
}

// ended waits and gives the exit code, -1 for one that was killed.
func (l *process) ended(t *testing.T) int {
	t.Helper()
	var exit *exec.ExitError
	if err := l.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return l.ProcessState.ExitCode()
}

// sandboxed serves the embedded sandbox in a process of its own and returns the folder with its target files.
func sandboxed(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	box := start(t, dir, append([]string{"sandbox", "--addr", "127.0.0.1:0", "--write-target", "."}, args...)...)
	t.Cleanup(func() {
		_ = box.Process.Kill() // gone already when the test's context ended first
		_ = box.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(box.out.String()+box.err.String(), "127.0.0.1") {
			if _, err := os.Stat(filepath.Join(dir, "paydia.yaml")); err == nil {
				return dir
			}
		}
	}
	t.Fatal("the sandbox did not start")
	return ""
}

// papersOf reads every file of a report folder, each by a reader of its own kind.
func papersOf(t *testing.T, dir string) *reports.Report {
	t.Helper()
	data := map[string][]byte{}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if data[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range reports.Papers() {
		if len(data[p.Name]) == 0 {
			t.Errorf("%s is missing or empty", p.Name)
		}
	}
	var document any
	if err := contract.Decode(reportFile, data[reportFile], reports.JSONSchema(), &document); err != nil {
		t.Errorf("report.json is not as its schema says: %v", err)
	}
	for name, read := range map[string]func([]byte) error{
		"ctrf.json":     func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"exchanges.har": func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"junit.xml":     wellFormed,
		"lampiran-7c.csv": func(b []byte) error {
			r := csv.NewReader(bytes.NewReader(b))
			r.FieldsPerRecord = -1 // a head, and the table below it
			_, err := r.ReadAll()
			return err
		},
		"lampiran-7c.xlsx": func(b []byte) error {
			book, err := excelize.OpenReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			return book.Close()
		},
		"report.html": func(b []byte) error {
			if !strings.HasSuffix(strings.TrimSpace(string(b)), "</html>") {
				return errors.New("it has no end")
			}
			return nil
		},
	} {
		if err := read(data[name]); err != nil {
			t.Errorf("%s cannot be read: %v", name, err)
		}
	}
	report, err := reports.ReadJSON(reportFile, bytes.NewReader(data[reportFile]))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func wellFormed(text []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
