package loadprofiles

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures/contract"
)

func TestBuiltinProfiles(t *testing.T) {
	names := Names()
	if want := []string{"breakpoint", "ramp", "signing", "smoke", "soak", "spike", "steady"}; !slices.Equal(names, want) {
		t.Fatalf("profiles %v, want %v", names, want)
	}
	for _, name := range names {
		p, err := Open(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != name || p.About == "" || len(p.Thresholds) == 0 || len(p.Stages) == 0 {
			t.Errorf("%s: %+v", name, p)
		}
		if p.Breakpoint == nil {
			schedule, err := NewSchedule(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			if all, measured := schedule.Count(); measured == 0 || all == measured {
				t.Errorf("%s sends %d requests, %d of them counted", name, all, measured)
			}
		}
		if slices.Contains(p.Stages, StageWire) && p.Abort.Errors == "" {
			t.Errorf("%s goes to a target and never gives up", name)
		}
	}
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil || schema["title"] == "" {
		t.Errorf("schema: %v", err)
	}
}

func TestOpenFindsAFileOrSaysWhatThereIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte("name: mine\nabout: Mine.\nstages: [signing]\nload: [{rate: 5, for: 1s}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Open(path)
	if err != nil || p.Name != "mine" || p.Workers.Most != 256 || p.Timeout != "10s" || p.Arrivals != "even" {
		t.Errorf("%+v, %v", p, err)
	}
	if p.Abort.Errors != "" {
		t.Errorf("signing alone gives up at %s", p.Abort.Errors)
	}
	if wire := testProfile(t, "stages: [wire]\nload: [{rate: 5, for: 1s}]\n"); wire.Abort.Errors != "50%" {
		t.Errorf("a run on the wire gives up at %q", wire.Abort.Errors)
	}
	if _, err := Open("smokey"); err == nil || !strings.Contains(err.Error(), "smoke") {
		t.Errorf("an unknown name: %v", err)
	}
	if _, err := Open("./nothing.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Every fault of a file comes at once, at its place.
func TestProfileFaults(t *testing.T) {
	const good = "name: mine\nabout: Mine.\nstages: [wire]\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"unknown key", good + "load: [{rate: 5/1s, for: 1s}]\nworkerz: {most: 1}\n", []string{`:5:1: unknown key "workerz"`, `did you mean "workers"`}},
		{"by the schema", "name: Mine\nabout: Mine.\nstages: [wirre]\nload: [{rate: fast, for: 1s}]\n", []string{":1:7:", ":3:10:", ":4:15:"}},
		{"not YAML", "name: [\n", []string{"mine.yaml:"}},
		{"nothing to send", good, []string{"mine.yaml:1:1: want a load or a breakpoint search"}},
		{"both", good + "thresholds: [p99 < 1s]\nload: [{rate: 5/1s, for: 1s}]\nbreakpoint: {from: 1, ceiling: 2, for: 1s, repeats: 1, within: 5%}\n", []string{":5:7: load and breakpoint exclude each other"}},
		{"steps", good + "load:\n  - {rate: 5/1s, from: 1/1s, for: 1s}\n  - {from: 1/1s, for: 1s}\n  - {rate: 5/1s, steps: 3, for: 1s}\n", []string{
			":5:12: rate and from/to exclude each other", ":6:5: want a rate, or from and to", ":7:25: steps lead from one rate to another",
		}},
		{"all at once", good + "load: [{rate: 5/1s, for: 0s}]\nduplicates: 120%\nworkers: {start: 9, most: 3}\nthresholds:\n  - p99 < 1s\n  - p99 < soon\n  - speed > 3\nmix:\n  - {endpoint: a.b, weight: 1}\n  - {endpoint: a.b, weight: 2}\n", []string{
			":4:7: load: nothing to send", `:5:13: share "120%"`, ":6:18: 9 workers at the start", `:9:5: threshold "p99 < soon"`, `:10:5: threshold "speed > 3"`, ":13:16: a.b is in the mix already",
		}},
		{"breakpoint", good + "breakpoint:\n  from: 50/1s\n  ceiling: 5/1s\n  for: 0s\n  repeats: 2\n  within: 0%\n", []string{
			":5:3: without thresholds there is nothing to keep", ":6:12: the ceiling is below", ":7:8: a trial takes longer", ":9:11: a bracket",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("mine.yaml", []byte(c.text))
			var faults contract.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v, want faults", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in\n%v", want, err)
				}
			}
		})
	}
}
