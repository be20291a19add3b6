package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
)

const (
	module = "github.com/snapcert/snapcert"
	root   = "../.."
)

// law says what a package may import of ours.
type law struct {
	pkg    string
	may    []string
	reason string
}

func laws() []law {
	return []law{
		{"fixtures/snap", nil, "the wire is the standard's arithmetic; anybody must be able to use it without the rest"},
		{"reports", nil, "a report is read and rendered long after, by programs that run no certification"},
		{"fixtures/contract", []string{"fixtures/snap"}, "what a contract means must not depend on who checks or serves it"},
		{"fixtures", []string{"fixtures/contract", "fixtures/snap"}, "data is data: it knows neither the sandbox nor the suites"},
		{"fixtures/sandbox", []string{"fixtures", "fixtures/contract", "fixtures/snap"}, "the stand-in judges with its own code: what it shared with the suites could be wrong in both"},
		{"suites", []string{"fixtures", "fixtures/contract", "fixtures/snap", "reports"}, "the suites must treat the sandbox like any provider, so they cannot know it; their tests may"},
		{"loadprofiles", []string{"fixtures/contract", "fixtures/snap", "reports"}, "load needs requests and their signer, no verdicts; Ginkgo must not be near the hot path"},
		{"cmd/snapcert", []string{"fixtures", "fixtures/contract", "fixtures/sandbox", "fixtures/snap", "loadprofiles", "reports", "suites"}, "the hand that runs them all"},
	}
}

// brought says which libraries have one home.
func brought() map[string][]string {
	return map[string][]string{
		"github.com/onsi/ginkgo":         {"suites"},
		"github.com/onsi/gomega":         {"suites"},
		"github.com/tsenart/vegeta":      {"loadprofiles"},
		"github.com/HdrHistogram":        {"loadprofiles"},
		"github.com/vbauerster/mpb":      {"cmd/snapcert"},
		"github.com/spf13/cobra":         {"cmd/snapcert"},
		"go.yaml.in/yaml":                {"fixtures/contract"},
		"github.com/santhosh-tekuri":     {"fixtures/contract"},
		"github.com/valyala/fasthttp":    {"loadprofiles"},
		"golang.org/x/perf":              {"loadprofiles"},
		"golang.org/x/term":              {"cmd/snapcert"},
		"github.com/xuri/excelize":       {"reports"},
		"github.com/secure-systems-lab/": {"reports"},
	}
}

type listed struct {
	ImportPath string
	Doc        string
	Name       string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Doc,Name,Imports", "./...")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportLaws(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if p.Doc == "" {
			t.Errorf("%s has no package comment: a reader starts there", name)
		}
		at := slices.IndexFunc(laws(), func(l law) bool { return l.pkg == name })
		if at < 0 {
			t.Errorf("%s has no law: say what it may import of ours, and why", name)
			continue
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.Contains(laws()[at].may, ours) {
				t.Errorf("%s imports %s: %s", name, ours, laws()[at].reason)
			}
			for library, homes := range brought() {
				if strings.HasPrefix(imported, library) && !slices.Contains(homes, name) {
					t.Errorf("%s imports %s, which lives in %s: one home keeps it replaceable", name, imported, strings.Join(homes, ", "))
				}
			}
		}
	}
}

func TestTopLevel(t *testing.T) {
	want := []string{"README.md", "cmd", "fixtures", "go.mod", "go.sum", "loadprofiles", "reports", "suites"}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(strings.Fields(string(ignored)), "/"+name) || slices.Contains(strings.Fields(string(ignored)), "/"+name+"/") {
			continue
		}
		got = append(got, name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the top level holds %v, and should hold %v and dot-folders: five words say what the project is", got, want)
	}
}

// goFiles walks all Go files of the module.
func goFiles(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			visit(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	unfinished := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	vague := regexp.MustCompile(`(?i)(^|_|/)(utils?|helpers?|common|types|misc)(_test)?\.go$`)
	goFiles(t, func(path string, text []byte) {
		if vague.MatchString(path) {
			t.Errorf("%s: a file is named after what is in it", path)
		}
		if found := unfinished.Find(text); found != nil {
			t.Errorf("%s: %s: what is open belongs in an issue", path, found)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > 300 {
			t.Errorf("%s has %d lines: a file holds one thought, 300 lines at most", path, lines)
		}
	})
}

// A provider's codes, headers and paths are data. In code they would make a fifth endpoint a matter of programming.
func TestNoProviderInCode(t *testing.T) {
	code := regexp.MustCompile(`\b[2-5]\d{6}\b`)
	named := regexp.MustCompile(strings.Join(ofContracts(t), "|"))
	goFiles(t, func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for number, line := range lines(text) {
			if found := code.FindString(line); found != "" {
				t.Errorf("%s:%d: response code %s stands in code: it belongs in a contract", path, number+1, found)
			}
		}
		for _, literal := range literals(text) {
			if found := named.FindString(literal); found != "" {
				t.Errorf("%s: %s stands in code: contracts name headers and paths", path, found)
			}
		}
	})
}

// ofContracts are the headers and paths of the contracts that come with the tool, but for what is HTTP's own.
func ofContracts(t *testing.T) []string {
	t.Helper()
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range providers {
		for _, e := range p.Endpoints {
			all = append(all, regexp.QuoteMeta(e.Path))
			for _, row := range slices.Concat(e.Header, e.ResponseHeader) {
				switch name := regexp.QuoteMeta(row.Name); {
				case slices.Contains([]string{"accept", "authorization", "content-type"}, strings.ToLower(name)):
				case strings.HasPrefix(name, "X-"):
					all = append(all, "(?i:"+name+")")
				default: // channel-id in small letters is a key of the target file
					all = append(all, name)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func lines(text []byte) []string {
	var all []string
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		all = append(all, s.Text())
	}
	return all
}

// literals are the string literals of a Go file: comments may name what code may not.
func literals(text []byte) []string {
	var all []string
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(text)), text, nil, 0)
	for {
		_, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return all
		case token.STRING:
			all = append(all, literal)
		}
	}
}
