package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"snapcert": main, "snapcert-breaking-down": breakDown})
}

// The scripts are sessions as a user would have them; they read as documentation of what the commands say.
func TestScripts(t *testing.T) {
	const folder = "testdata/script"
	scripts, err := filepath.Glob(folder + "/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in %s: %v", folder, err)
	}
	if raceDetector { // slow under it, and only these have more than one thing going on at a time
		scripts = nil
		for _, name := range []string{"certify", "interrupt", "load", "load-fast", "sandbox", "selftest", "target"} {
			scripts = append(scripts, filepath.Join(folder, name+".txtar"))
		}
	}
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"await":  await,
			"absent": absent,
			"append": appendTo,
			"told":   told,
			"lines":  countLines,
			"swap":   swap,
			"replay": replay,
			"nap":    nap,
			"soon":   soon,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_PROXY", "*")
			providers, err := filepath.Abs(filepath.Join("..", "..", "fixtures", "providers"))
			e.Setenv("PROVIDERS", providers)
			return err
		},
	})
}

// exits runs a program and wants exactly that exit code: exits 2 snapcert nothing.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("run %s: %v", args[1], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// await waits until a background program has written a file, and it holds a text if one is given.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && (len(args) < 2 || strings.Contains(string(data), args[1])) {
			return
		}
	}
	ts.Fatalf("%s never came", args[0])
}

// absent wants that no file in a folder holds what the named file holds: absent FOLDER FILE.
func absent(ts *testscript.TestScript, _ bool, args []string) {
	secret := strings.TrimSpace(ts.ReadFile(args[1]))
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	if len(files) == 0 || secret == "" {
		ts.Fatalf("nothing to look for, or nowhere to look")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		ts.Check(err)
		if strings.Contains(string(data), secret) {
			ts.Fatalf("%s holds what %s holds", file, args[1])
		}
	}
}

// countLines wants a file to have so many lines: lines 313 FILE.
func countLines(ts *testscript.TestScript, _ bool, args []string) {
	if n := strings.Count(ts.ReadFile(args[1]), "\n"); strconv.Itoa(n) != args[0] {
		ts.Fatalf("%s has %d lines, want %s", args[1], n, args[0])
	}
}

// swap replaces a text in a file: swap FILE OLD NEW.
func swap(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s holds no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))), 0o600))
}

// nap lets a background program work for so many milliseconds: nap 500.
func nap(ts *testscript.TestScript, _ bool, args []string) {
	ms, err := strconv.Atoi(args[0])
	ts.Check(err)
	time.Sleep(time.Duration(ms) * time.Millisecond)
}

// soon sets a variable to an instant so many seconds from now: soon START 3.
func soon(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], time.Now().Add(time.Duration(seconds)*time.Second).UTC().Format(time.RFC3339))
}

// appendTo adds one file to another: append FILE MORE.
func appendTo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o600))
}

// told wants a text in each of a folder's files, in packed ones too: told FOLDER TEXT FILES.
func told(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args[2:] {
		data, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), name))
		ts.Check(err)
		plain, err := unpacked(data)
		ts.Check(err)
		if !strings.Contains(string(plain), args[1]) {
			ts.Fatalf("%s does not tell of %s", name, args[1])
		}
	}
}
