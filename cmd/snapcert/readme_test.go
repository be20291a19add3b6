package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var shellBlocks = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestReadme runs every command that the README shows in a sh block, in order and in one folder, as a reader would. The
// go command is stood in for: "go run ./cmd/snapcert" is the program built here, and "go test" would be this test.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program and runs the whole README; -short leaves it out")
	}
	if raceDetector {
		t.Skip("it runs the program as a reader builds it, without the race detector")
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("the README makes a key with openssl, and there is none here")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(folder, "bin", "snapcert"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fixtures", "loadprofiles"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	var script strings.Builder
	script.WriteString(`set -eu
go() {
  case "$1 $2" in
    "run ./cmd/snapcert") shift 2; snapcert "$@" ;;
    "install ./cmd/snapcert" | "test ./..." | "test ./suites/...") ;;
    *) echo "the README test does not know: go $*"; exit 9 ;;
  esac
}
`)
	commands := 0
	for _, block := range shellBlocks.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.ReplaceAll(strings.TrimSpace(line), "8080", port)
			if line == "" {
				continue
			}
			commands++
			fmt.Fprintf(&script, "echo '+' %s\n", quote(line))
			switch {
			case strings.HasSuffix(line, "&"):
				fmt.Fprintf(&script, "%s\nfor i in $(seq 100); do [ -e targets/paydia.yaml ] && break; sleep 0.1; done\n", line)
			case strings.HasPrefix(line, "snapcert load "), line == "snapcert load":
				fmt.Fprintf(&script, "%s || [ $? -eq 4 ]\n", line) // on a busy machine a run says that the machine was the limit
			case strings.Contains(line, "--verify"):
				fmt.Fprintf(&script, "%s && exit 8 || [ $? -eq 1 ]\n", line) // the README shows a wrong signature
			default:
				fmt.Fprintf(&script, "%s\n", line)
			}
		}
	}
	if commands < 10 {
		t.Fatalf("only %d commands found in the README", commands)
	}
	shell := exec.CommandContext(ctx, "sh", "-c", script.String())
	shell.Dir = folder
	shell.Env = append(os.Environ(), "PATH="+filepath.Join(folder, "bin")+":"+os.Getenv("PATH"), "NO_COLOR=1", "GITHUB_STEP_SUMMARY=")
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	shell.Stdout, shell.Stderr = log, log
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }) // the sandbox in the background
	if err := shell.Wait(); err != nil {
		out, _ := os.ReadFile(log.Name())
		t.Fatalf("%v\n%s", err, out)
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// freePort is a loopback port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
