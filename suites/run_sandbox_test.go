package suites

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// against are the options of a run against an embedded sandbox.
func against(t *testing.T, o sandbox.Options) Options {
	t.Helper()
	o.Clock = newLeapClock()
	c := standIn(t, o)
	return Options{Providers: builtin(t), Targets: c.Targets, Transport: c.Transport, Clock: c.Clock, Seed: 1}
}

func TestRunAgainstAGoodProvider(t *testing.T) {
	o := against(t, sandbox.Options{})
	var journal bytes.Buffer
	o.Journal = &journal
	o.Selection = Selection{Reference: true}
	stages := map[string]bool{}
	o.Progress = func(p Progress) { stages[p.Stage] = true }
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != reports.Pass && r.Verdict != reports.Skip {
			t.Errorf("%s %s: %s %+v", r.Verdict, r.ID, r.Reason, r.Findings)
		}
	}
	if report.Standing != reports.Conformant || !report.Run.Complete || len(report.Causes) > 0 || report.Run.Requests == 0 {
		t.Errorf("standing %s, complete %v, causes %v, %d requests", report.Standing, report.Run.Complete, report.Causes, report.Run.Requests)
	}
	if !stages[StageCollect] || !stages[StageJudge] {
		t.Errorf("stages told: %v", stages)
	}

	evidence, err := ReadJournal(&journal)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Rejudge(evidence, Options{Providers: o.Providers, Targets: o.Targets})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Results, report.Results) || again.Standing != report.Standing {
		t.Error("the stored evidence is judged otherwise than the run was")
	}
}

func TestRunAgainstABrokenProvider(t *testing.T) {
	const broken = "paydia.account-creation.body.email.required"
	o := against(t, sandbox.Options{Break: []sandbox.Break{{Rule: broken}}})
	o.Selection.Endpoints = []string{"paydia.account-creation"}
	waiver := fixtures.Waiver{Rule: broken, Owner: "qa", Reason: "in work", Ticket: "T-1", Expires: "2099-12-31"}
	for _, test := range []struct {
		waivers  []fixtures.Waiver
		verdict  reports.Verdict
		standing reports.Standing
	}{
		{nil, reports.Fail, reports.NotConformant},
		{[]fixtures.Waiver{waiver}, reports.Known, reports.Conformant},
	} {
		o.Waivers = test.waivers
		report, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range report.Results {
			if (r.ID == broken) != (r.Verdict == test.verdict) {
				t.Errorf("%s is %s", r.ID, r.Verdict)
			}
		}
		if report.Standing != test.standing {
			t.Errorf("standing %s, want %s", report.Standing, test.standing)
		}
	}
}

// Whatever the provider as a whole does, no rule about refusals passes, and one sentence says why.
func TestWholeProviderFaults(t *testing.T) {
	for fault, cause := range map[string]causeKind{
		"always-401": causeCredentials, "always-403": causeAlike, "always-429": causeThrottled, "always-500": causeServer,
		"html": causeShapeless, "redirect": causeRedirect, "reset": causeUnreachable, "wrong-length": causeUnreachable,
	} {
		t.Run(fault, func(t *testing.T) {
			o := against(t, sandbox.Options{Fault: fault})
			report, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Verdict != reports.Inconclusive && r.Verdict != reports.Skip {
					t.Errorf("%s: %s %+v", r.ID, r.Verdict, r.Findings)
				}
			}
			if len(report.Causes) != 1 || report.Causes[0].ID != string(cause) || report.Standing != reports.CouldNotTell {
				t.Errorf("standing %s, causes %+v", report.Standing, report.Causes)
			}
		})
	}
}

func TestRunInterrupted(t *testing.T) {
	o := against(t, sandbox.Options{})
	ctx, stop := context.WithCancel(t.Context())
	o.Progress = func(Progress) { stop() }
	report, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if report.Run.Complete || report.Run.Interrupted == "" || report.Standing != reports.IncompleteRun {
		t.Errorf("complete %v, %q, standing %s", report.Run.Complete, report.Run.Interrupted, report.Standing)
	}
	for _, r := range report.Results {
		if !slices.Contains([]reports.Verdict{reports.NotRun, reports.Skip, reports.Pass}, r.Verdict) {
			t.Errorf("%s: %s %q", r.ID, r.Verdict, r.Reason)
		}
	}
}

func TestPreflight(t *testing.T) {
	o := against(t, sandbox.Options{})
	check := reports.Check{Name: "token", Verdict: reports.Fail, Text: "refused"}
	o.Preflight = func(context.Context) ([]reports.Check, error) { return []reports.Check{check}, nil }
	report, err := Run(t.Context(), o)
	if !errors.Is(err, ErrPreflight) || report == nil {
		t.Fatalf("report %v, error %v", report, err)
	}
	if report.Run.Requests != 0 || len(report.Preflight) != 1 || report.Standing != reports.IncompleteRun || report.Run.Interrupted != "" {
		t.Errorf("%d requests, standing %s, interrupted %q", report.Run.Requests, report.Standing, report.Run.Interrupted)
	}
	for _, r := range report.Results {
		if r.Verdict != reports.NotRun && r.Verdict != reports.Skip {
			t.Errorf("%s: %s", r.ID, r.Verdict)
		}
		if r.Verdict == reports.NotRun && !strings.Contains(r.Reason, "preflight") {
			t.Errorf("%s: %q", r.ID, r.Reason)
		}
	}
	check.Verdict = reports.Warn
	o.Selection.Rules = []string{"P-028"}
	if report, err = Run(t.Context(), o); err != nil || report.Results[0].Verdict != reports.Pass || report.Standing != reports.Partial {
		t.Errorf("error %v, %+v", err, report)
	}
}
