package loadprofiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/reports"
)

// namesOfProfile are its members that change nothing about what is sent.
var namesOfProfile = []string{"name", "about", "thresholds"}

// askedTheSame gives the stage nearest to the target, or says what the runs were asked differently: a difference between
// their results would then say nothing of the target.
func askedTheSame(runs []*reports.Load) (string, error) {
	first := runs[0]
	if len(first.Stages) == 0 {
		return "", errors.New("compare: the first run has no stage")
	}
	last := first.Stages[len(first.Stages)-1]
	for _, l := range runs[1:] {
		if differ := profilesDiffer(first.Profile, l.Profile); len(differ) > 0 {
			return "", fmt.Errorf("compare: the runs are of profiles that differ: %s", strings.Join(differ, "; "))
		}
		if (first.Breakpoint == nil) != (l.Breakpoint == nil) {
			return "", errors.New("compare: some of the runs are searches for a breakpoint, and others are not")
		}
		if s, ok := l.Stage(last.Name); ok && endpointsOf(s) != endpointsOf(&last) {
			return "", fmt.Errorf("compare: the runs are of endpoints that differ: %s; %s", endpointsOf(&last), endpointsOf(s))
		}
	}
	return last.Name, nil
}

func endpointsOf(s *reports.LoadStage) string {
	var names []string
	for _, e := range s.Endpoints {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// profilesDiffer lists the members that differ, with both values.
func profilesDiffer(a, b json.RawMessage) []string {
	if bytes.Equal(a, b) {
		return nil
	}
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return []string{"they cannot be read"}
	}
	var names, out []string
	for name := range x {
		names = append(names, name)
	}
	for name := range y {
		if _, both := x[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if v, w := compact(x[name]), compact(y[name]); v != w && !slices.Contains(namesOfProfile, name) {
			out = append(out, name+" "+v+" and "+w)
		}
	}
	return out
}

func compact(value []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil || b.Len() == 0 {
		return "none"
	}
	return b.String()
}

// differences lists what was not the same besides the target's own state, and may therefore be what differs.
func differences(before, after []*reports.Load) []string {
	var out []string
	for _, what := range []struct {
		name string
		of   func(*reports.Load) string
	}{
		{"target", func(l *reports.Load) string { return l.Target.Name }},
		{"build of the target", func(l *reports.Load) string { return l.Target.Build }},
		{"seed", func(l *reports.Load) string { return fmt.Sprint(l.Run.Seed) }},
		{"tool", func(l *reports.Load) string { return l.Tool.Name + " " + l.Tool.Version }},
		{"cores", func(l *reports.Load) string {
			return fmt.Sprintf("%d (GOMAXPROCS %d)", l.Environment.Cores, l.Environment.GOMAXPROCS)
		}},
		{"system", func(l *reports.Load) string { return l.Environment.OS + " " + l.Environment.Arch }},
		{"kernel", func(l *reports.Load) string { return l.Environment.Kernel }},
		{"Go", func(l *reports.Load) string { return l.Environment.Go }},
		{"shards", func(l *reports.Load) string { return fmt.Sprint(max(1, len(l.Run.Shards))) }},
	} {
		a, b := valuesOf(before, what.of), valuesOf(after, what.of)
		if a != b || strings.Contains(a, " or ") {
			out = append(out, fmt.Sprintf("%s: %s before, %s after", what.name, a, b))
		}
	}
	for _, l := range before {
		if l.Run.ID != "" && slices.ContainsFunc(after, func(o *reports.Load) bool { return o.Run.ID == l.Run.ID }) {
			return append(out, "nothing: the same run stands on both sides")
		}
	}
	return out
}

// valuesOf lists the values that runs have of something.
func valuesOf(runs []*reports.Load, of func(*reports.Load) string) string {
	var values []string
	for _, l := range runs {
		v := of(l)
		if v == "" {
			v = "unknown"
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return strings.Join(values, " or ")
}
