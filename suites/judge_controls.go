package suites

import (
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// bracket is what the good requests before and after an endpoint's own cases tell. Unless all of them were accepted, a
// refusal in between may have any reason, and teaches nothing.
type bracket struct {
	holds    bool
	received string // what the first control that failed got
	cause    causeKey
	verdict  reports.Verdict // inconclusive, error or not-run
}

func (j *judge) bracket(e *contract.Endpoint) bracket {
	b, known := j.brackets[e.Name()]
	if !known {
		b = j.weighControls(e)
		j.brackets[e.Name()] = b
	}
	return b
}

// bracketFor is the bracket of a request that starts from a variant of the good one: that variant, sent as it is, must
// have been accepted too.
func (j *judge) bracketFor(e *contract.Endpoint, variant string) bracket {
	b := j.bracket(e)
	if !b.holds || variant == "" {
		return b
	}
	for i := range j.plan.Scenarios {
		s := &j.plan.Scenarios[i]
		if s.Endpoint != e.Name() || len(s.Rules) > 0 || len(s.Steps) != 1 || s.Steps[0].Variant != variant {
			continue
		}
		if r := j.reading(ExchangeID(s.ID, 0, 0)); r.outcome != accepted {
			return j.failedControl(e, s, r)
		}
	}
	return b
}

func (j *judge) weighControls(e *contract.Endpoint) bracket {
	planned := map[Phase]int{}
	formed := map[Phase]bool{}
	for i := range j.plan.Scenarios {
		s := &j.plan.Scenarios[i]
		if s.Endpoint != e.Name() || s.Phase != Opening && s.Phase != Closing {
			continue
		}
		planned[s.Phase]++
		for step := range s.Steps {
			for copyIndex := range max(1, s.Steps[step].Copies) {
				r := j.reading(ExchangeID(s.ID, step, copyIndex))
				if r.outcome != accepted {
					return j.failedControl(e, s, r)
				}
				formed[s.Phase] = formed[s.Phase] || isSuccess(e, r.code)
			}
		}
	}
	if len(planned) == 0 && e.Token {
		return j.tokenControl(e)
	}
	for _, phase := range []Phase{Opening, Closing} {
		if planned[phase] == 0 {
			text := "no good request was planned to hold the others against"
			return bracket{received: text, verdict: reports.Inconclusive, cause: causeKey{kind: causeNoControl, endpoint: e.Name()}}
		}
		if !formed[phase] {
			text := "accepted, but never with a response code of success"
			return bracket{received: text, verdict: reports.Inconclusive, cause: causeKey{kind: causeUncoded, endpoint: e.Name()}}
		}
	}
	return bracket{holds: true}
}

// tokenControl stands in where a token call has no controls of its own: the calls that fetched tokens for the run.
func (j *judge) tokenControl(e *contract.Endpoint) bracket {
	var failed *reading
	for _, a := range j.answers[e.Name()] {
		if a.step != nil && a.step.Want.Kind != WantAccept || superseded(a.reading) {
			continue
		}
		if a.outcome == accepted && isSuccess(e, a.code) {
			return bracket{holds: true}
		}
		failed = a.reading
	}
	if failed == nil {
		text := "no good token call was made to hold the others against"
		return bracket{received: text, verdict: reports.Inconclusive, cause: causeKey{kind: causeNoControl, endpoint: e.Name()}}
	}
	return bracket{received: failed.String(), verdict: reports.Inconclusive, cause: j.causeOf(e, failed)}
}

func (j *judge) failedControl(e *contract.Endpoint, s *Scenario, r *reading) bracket {
	if r.outcome != unsent {
		b := bracket{received: r.String(), verdict: reports.Inconclusive, cause: j.causeOf(e, r)}
		switch {
		case r.outcome == faulty:
			b.verdict = reports.Error
		case canceled(r):
			b.verdict = reports.NotRun
		}
		return b
	}
	note, noted := j.evidence.NoteOn(s)
	if noted && j.givenUp(note) {
		return bracket{received: note.Text, verdict: reports.Inconclusive, cause: j.stopCause(e, note)}
	}
	text := j.unreached()
	return bracket{received: text, verdict: reports.NotRun, cause: causeKey{kind: causeInterrupted, detail: text, endpoint: e.Name()}}
}

// givenUp tells a scenario that was not sent for a reason that lies with the provider from one that the run's own end
// cut off.
func (j *judge) givenUp(n Note) bool {
	return n.Kind == NoteStopped || n.Kind == NoteUnasked || n.Kind == NoteNotSent && j.evidence.Complete
}

// stopCause looks behind a note: to the good request, or the token call, whose answer ended an endpoint's traffic.
func (j *judge) stopCause(e *contract.Endpoint, n Note) causeKey {
	if n.Kind == NoteUnasked {
		return causeKey{kind: causeUnasked, detail: n.Text, endpoint: e.Name()}
	}
	culprits := []*contract.Endpoint{e}
	if call := e.Provider.TokenEndpoint(); call != nil && call != e {
		culprits = append(culprits, call)
	}
	for _, culprit := range culprits {
		for _, a := range j.answers[culprit.Name()] {
			good := a.step == nil && !superseded(a.reading) || a.step != nil && (a.scenario.Phase == Opening || a.scenario.Phase == Closing)
			if key := j.causeOf(culprit, a.reading); good && a.outcome != accepted && key.kind != causeNone {
				key.endpoint = e.Name()
				return key
			}
		}
	}
	return causeKey{kind: causeStopped, detail: n.Text, endpoint: e.Name()}
}

func (j *judge) unreached() string {
	if j.evidence.Interrupted != "" {
		return "never reached: " + j.evidence.Interrupted
	}
	return "never reached: the evidence holds no exchange for it"
}

func canceled(r *reading) bool {
	return r.exchange != nil && r.exchange.Failure != nil && r.exchange.Failure.Kind == snap.FailureCanceled
}

func isSuccess(e *contract.Endpoint, code snap.Code) bool {
	return code != "" && slices.ContainsFunc(e.Success, func(s string) bool { return snap.FillCode(s, e.Service) == code })
}

// reading finds what came of one exchange; one that was not sent reads as unsent.
func (j *judge) reading(id string) *reading {
	if r := j.readings[id]; r != nil {
		return r
	}
	return &reading{}
}
