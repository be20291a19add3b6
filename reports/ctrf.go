package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// The members of the Common Test Report Format. Times are milliseconds.
type ctrfFile struct {
	Format    string      `json:"reportFormat"`
	Version   string      `json:"specVersion"`
	Timestamp string      `json:"timestamp"`
	By        string      `json:"generatedBy"`
	Results   ctrfResults `json:"results"`
}

type ctrfResults struct {
	Tool        ctrfTool       `json:"tool"`
	Summary     ctrfSummary    `json:"summary"`
	Tests       []ctrfTest     `json:"tests"`
	Environment map[string]any `json:"environment,omitempty"`
}

type ctrfTool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type ctrfSummary struct {
	Tests   int   `json:"tests"`
	Passed  int   `json:"passed"`
	Failed  int   `json:"failed"`
	Pending int   `json:"pending"`
	Skipped int   `json:"skipped"`
	Other   int   `json:"other"`
	Start   int64 `json:"start"`
	Stop    int64 `json:"stop"`
}

type ctrfTest struct {
	Name      string            `json:"name"`
	Status    string            `json:"status"`
	Duration  int64             `json:"duration"`
	Suite     []string          `json:"suite,omitempty"`
	Message   string            `json:"message,omitempty"`
	Trace     string            `json:"trace,omitempty"`
	RawStatus string            `json:"rawStatus"`
	File      string            `json:"filePath,omitempty"`
	Line      int               `json:"line,omitempty"`
	Tags      []string          `json:"tags,omitempty"`
	Extra     map[string]string `json:"extra,omitempty"`
}

// WriteCTRF writes ctrf.json. The statuses are those of junit.xml, with error and inconclusive as other, and not-run as
// pending; rawStatus has the exact verdict. Waivers are tests too, as there.
func WriteCTRF(w io.Writer, r *Report) error {
	f := ctrfFile{
		Format: "CTRF", Version: "0.0.0", Timestamp: r.Run.Ended.UTC().Format("2006-01-02T15:04:05.000Z"), By: r.Tool.Name + " " + r.Tool.Version,
		Results: ctrfResults{
			Tool: ctrfTool{r.Tool.Name, r.Tool.Version}, Tests: []ctrfTest{},
			Environment: map[string]any{"appName": r.Target.Name, "appVersion": r.Target.Build, "testEnvironment": r.Target.BaseURL},
		},
	}
	s := &f.Results.Summary
	s.Start, s.Stop = max(0, r.Run.Started.UnixMilli()), max(0, r.Run.Ended.UnixMilli())
	for _, part := range sections(r) {
		for _, res := range part.Results {
			t := ctrfTest{
				Name: res.ID, Duration: res.Took.Milliseconds(), Suite: []string{res.Endpoint}, RawStatus: string(res.Verdict), File: res.File, Line: res.Line,
				Tags: []string{"level:" + res.Level, "basis:" + res.Basis, "kind:" + res.Kind}, Extra: map[string]string{"ref": res.Ref, "cite": res.Cite},
			}
			s.Tests++
			switch res.Verdict {
			case Pass, Warn, Known:
				t.Status = "passed"
				s.Passed++
			case Fail, StaleWaiver:
				t.Status = "failed"
				s.Failed++
			case Skip:
				t.Status = "skipped"
				s.Skipped++
			case NotRun:
				t.Status = "pending"
				s.Pending++
			case Error, Inconclusive:
				t.Status = "other"
				s.Other++
			}
			if res.Verdict != Pass {
				t.Message, t.Trace = visible(res.short(), true), visible(account(res), true)
			}
			f.Results.Tests = append(f.Results.Tests, t)
		}
	}
	for i := range r.Waivers {
		waiver := &r.Waivers[i]
		t := ctrfTest{
			Name: visible(fmt.Sprintf("%d. %s", i+1, waiver.title()), true), Status: "passed", RawStatus: "waiver", Suite: []string{"waivers"},
			Message: visible(waiver.State+"; "+waiver.Reason, true),
		}
		s.Tests++
		if waiver.Stale() {
			t.Status, t.RawStatus = "failed", string(StaleWaiver)
			s.Failed++
		} else {
			s.Passed++
		}
		f.Results.Tests = append(f.Results.Tests, t)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return fmt.Errorf("writing ctrf.json: %w", err)
	}
	return nil
}
