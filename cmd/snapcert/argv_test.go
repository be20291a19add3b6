package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestLongFlags(t *testing.T) {
	var a app
	root := a.root()
	for _, tt := range []struct{ in, want string }{
		{"certify -rate=500/1s", "certify --rate=500/1s"},
		{"certify -rate 500/1s -strict", "certify --rate 500/1s --strict"},
		{"certify --rate 5 -r 5 -c 4", "certify --rate 5 -r 5 -c 4"},
		{"certify -quiet -q", "certify --quiet -q"},
		{"certify -nonsense", "certify -nonsense"},
		{"certify -- -rate", "certify -- -rate"},
		{"rules -format=csv", "rules --format=csv"},
		{"report rejudge DIR -strict", "report rejudge DIR --strict"},
		{"", ""},
	} {
		if got := strings.Join(longFlags(root, strings.Fields(tt.in)), " "); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPerSecond(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, "20": 20, "2.5": 2.5, "500/1s": 500, "500/s": 500, "60/1m": 1, "1/500ms": 2, "3600/h": 1,
	} {
		if got, err := perSecond(text); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q is %v a second, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"fast", "0", "-1", "5/", "5/1x", "5/0s", "NaN", "Inf", "1e99", "5/-1s"} {
		if got, err := perSecond(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

// Every command must be found in help, with an example or an argument that explains itself.
func TestCommandsAreGrouped(t *testing.T) {
	var a app
	var names []string
	for _, c := range a.root().Commands() {
		names = append(names, c.Name())
		if c.GroupID == "" || c.Short == "" {
			t.Errorf("%s has no group or no short description", c.Name())
		}
	}
	for _, want := range []string{"certify", "sandbox", "rules", "sign", "init", "schema", "version", "report"} {
		if !slices.Contains(names, want) {
			t.Errorf("no command %s", want)
		}
	}
}

func TestPanicIsOurFault(t *testing.T) {
	var out, errs bytes.Buffer
	code := run([]string{"version"}, nil, panicking{}, &errs)
	if code != exitBug {
		t.Errorf("exit code %d, want %d", code, exitBug)
	}
	if !strings.Contains(errs.String(), "a fault of its own") || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("said %q", errs.String())
	}
	if out.Len() > 0 {
		t.Errorf("printed %q", out.String())
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("on purpose") }
