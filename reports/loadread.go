package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit codes of a load run.
const (
	ExitLoadKept    = 0  // thresholds kept, or none asked
	ExitLoadCrossed = 99 // a threshold was crossed, or a comparison shows a regression
	ExitLoadInvalid = 4  // the numbers are not the target's, or the run is incomplete
)

// LoadExitCode is the exit code a load report stands for. A run stopped from outside is ExitInterrupted; one that stopped
// itself is incomplete.
func LoadExitCode(l *Load) int {
	switch {
	case strings.HasPrefix(l.Run.Interrupted, "interrupted"):
		return ExitInterrupted
	case l.Verdict == LoadKept || l.Verdict == LoadUnjudged:
		return ExitLoadKept
	case l.Verdict == LoadCrossed:
		return ExitLoadCrossed
	}
	return ExitLoadInvalid
}

// WriteLoadJSON writes load.json.
func WriteLoadJSON(w io.Writer, l *Load) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(l); err != nil {
		return fmt.Errorf("writing load.json: %w", err)
	}
	return nil
}

// ReadLoad reads load.json.
func ReadLoad(r io.Reader) (*Load, error) {
	var l Load
	if err := json.NewDecoder(r).Decode(&l); err != nil {
		return nil, fmt.Errorf("reading load.json: %w", err)
	}
	major, _, _ := strings.Cut(l.Schema, ".")
	mine, _, _ := strings.Cut(LoadSchema, ".")
	if major == "" {
		return nil, errors.New("reading load.json: it is no load report")
	}
	if major != mine {
		return nil, fmt.Errorf("reading load.json: its schema is %s, and %s.x is known", line(l.Schema), mine)
	}
	return &l, nil
}

// Stage returns the stage of that name.
func (l *Load) Stage(name string) (*LoadStage, bool) {
	for i := range l.Stages {
		if l.Stages[i].Name == name {
			return &l.Stages[i], true
		}
	}
	return nil, false
}

// Distribution returns the distribution of that name, which may have measured nothing.
func (s *LoadStage) Distribution(name string) (Distribution, bool) {
	for _, d := range s.Distributions {
		if d.Name == name && d.Count > 0 {
			return d, true
		}
	}
	return Distribution{Name: name}, false
}
