package suites

import (
	"fmt"
	"slices"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// askSteps judges a rule by the answers to the requests that were made for it.
func (j *judge) askSteps(r *contract.Rule, s *sight) {
	scenarios := j.scenarios[r.ID]
	if len(scenarios) == 0 {
		switch {
		case r.Endpoint.Provider.Reference && len(j.spokenOf(r)) == 0:
			s.notApplicable("every selected page rules on this itself")
		case r.Endpoint.Provider.Reference:
			s.notApplicable("no selected endpoint has what the rule is about")
		default:
			s.doubt(reports.Error, "the plan has no request for this rule", causeKey{kind: causeHarness, detail: "the plan has no request for it", endpoint: r.Endpoint.Name()})
		}
		return
	}
	for _, scenario := range scenarios {
		j.story(r, scenario, s)
	}
}

// story judges one scenario for one rule and records it as a case.
func (j *judge) story(r *contract.Rule, sc *Scenario, all *sight) {
	one := &sight{}
	record := reports.Case{ID: sc.ID}
	last := len(sc.Steps) - 1
	if last >= 0 {
		record.Change = changeText(sc, last)
		record.Expected = expected(sc.Steps[last].Want, j.endpointOf(sc, last))
	}
	for step := range sc.Steps {
		for _, x := range j.evidence.Of(sc, step) {
			if x != nil {
				record.Exchanges = append(record.Exchanges, x.ID)
				record.Received = j.reading(x.ID).String()
				one.took += x.Took
			}
		}
	}
	switch {
	case len(record.Exchanges) == 0:
		j.unsentStory(sc, one)
		record.Received = "nothing was sent"
	default:
		j.steps(r, sc, one)
	}
	reason := ""
	record.Verdict, reason = one.verdict()
	if reason != "" {
		record.Received += ": " + reason
	}
	all.cases = append(all.cases, record)
	all.findings = append(all.findings, one.findings...)
	all.observed = append(all.observed, one.observed...)
	all.doubts = append(all.doubts, one.doubts...)
	all.judged += one.judged
	all.took += one.took
}

func (j *judge) unsentStory(sc *Scenario, s *sight) {
	note, noted := j.evidence.NoteOn(sc)
	switch {
	case noted && note.Kind == NoteSkipped:
		s.doubt(reports.Skip, note.Text, causeKey{})
	case noted && j.givenUp(note):
		s.doubt(reports.Inconclusive, note.Text, j.stopCause(j.endpointOf(sc, 0), note))
	default:
		text := j.unreached()
		s.doubt(reports.NotRun, text, causeKey{kind: causeInterrupted, detail: text, endpoint: sc.Endpoint})
	}
}

// endpointOf is the endpoint that a step calls.
func (j *judge) endpointOf(sc *Scenario, step int) *contract.Endpoint {
	name := sc.Steps[step].Endpoint
	if name == "" {
		name = sc.Endpoint
	}
	if e := j.endpoints[name]; e != nil {
		return e
	}
	return &contract.Endpoint{Provider: &contract.Provider{}}
}

func (j *judge) steps(r *contract.Rule, sc *Scenario, s *sight) {
	blocked := "" // why what comes later in the scenario is no evidence
	var blockedBy causeKey
	for step := range sc.Steps {
		want := sc.Steps[step].Want
		e := j.endpointOf(sc, step)
		var readings []*reading
		for copyIndex := range max(1, sc.Steps[step].Copies) {
			readings = append(readings, j.reading(ExchangeID(sc.ID, step, copyIndex)))
		}
		t := &trial{judge: j, rule: r, scenario: sc, step: step, endpoint: e, want: want, sight: s}
		b := j.bracketFor(e, sc.Steps[step].Variant)
		switch {
		case want.Kind == WantNothing || want.Kind == "":
		case blocked != "" && len(s.findings) > 0: // what blocks is the breach itself
			continue
		case blocked != "":
			s.doubt(reports.Inconclusive, blocked, blockedBy)
			continue
		case !b.holds:
			s.doubt(b.verdict, "the good requests to compare with did not succeed: "+b.received, b.cause)
			continue
		case step < len(sc.Steps)-1 && want.Kind == WantAccept && unbent(&sc.Steps[step]):
			// A good request that only prepares the next one says nothing of this rule, accepted or refused.
			if failed := firstNotAccepted(readings); failed != nil {
				reason, _ := t.blocks(failed)
				s.doubt(reports.Inconclusive, reason, j.causeOf(e, failed))
			}
		case want.Kind == WantOneOf:
			t.oneOf(readings)
		default:
			for _, reading := range readings {
				t.ask(reading)
			}
		}
		if blocked == "" {
			for _, reading := range readings {
				if reason, failed := t.blocks(reading); failed {
					blocked, blockedBy = reason, j.causeOf(e, reading)
				}
			}
		}
	}
}

// trial is one step seen by one rule.
type trial struct {
	judge    *judge
	rule     *contract.Rule
	scenario *Scenario
	step     int
	endpoint *contract.Endpoint
	want     Want
	sight    *sight
}

// blocks says whether a step went so wrong that the steps after it prove nothing: it brought nothing, or it was a good
// request and not accepted.
func (t *trial) blocks(r *reading) (string, bool) {
	prefix := fmt.Sprintf("request %d of %d did not bring what the later ones build on: ", t.step+1, len(t.scenario.Steps))
	if why, nothing := r.learnsNothing(); nothing {
		return prefix + why, true
	}
	good := t.want.Kind == WantAccept && t.scenario.Steps[t.step].PauseFor == "" // what waits is a question of its own
	if t.want.Kind == WantNothing || t.want.Kind == "" {
		good = unbent(&t.scenario.Steps[t.step])
	}
	return prefix + r.String(), good && r.outcome != accepted
}

func firstNotAccepted(readings []*reading) *reading {
	for _, r := range readings {
		if r.outcome != accepted {
			return r
		}
	}
	return nil
}

// unbent says whether a step that later ones build on is a good request sent at once: nothing in it was changed but for
// values as good as its own.
func unbent(st *Step) bool {
	bent := slices.ContainsFunc(st.Changes, func(c Change) bool {
		return c.Op != OpCopy && c.Op != OpFill && c.Op != OpAnswer && c.Op != OpShare && c.Op != OpOther && c.Op != OpMiddle
	})
	return !bent && st.Sign == SignAs{} && st.Pause == 0 && st.PauseFor == ""
}

// ask holds one answer against the want.
func (t *trial) ask(r *reading) {
	if why, nothing := r.learnsNothing(); nothing {
		verdict, key := reports.Inconclusive, t.judge.causeOf(t.endpoint, r)
		switch {
		case r.outcome == faulty:
			verdict = reports.Error
		case r.outcome == unsent:
			t.judge.unsentStory(t.scenario, t.sight)
			return
		case canceled(r):
			verdict = reports.NotRun
		}
		t.sight.doubt(verdict, why, key)
		return
	}
	if t.want.Kind == WantRefuse && r.outcome == accepted && t.dayTurned(r) {
		t.sight.doubt(reports.Inconclusive, "the day ended in Jakarta between the first use and this one", causeKey{})
		return
	}
	t.sight.judged++
	switch t.want.Kind {
	case WantAccept:
		t.accept(r)
	case WantRefuse:
		t.refuse(r)
	case WantObserve:
		t.observe(r)
	}
}

// dayTurned is for values that may be used once a day: whether the day of the first use was over when this answer came.
func (t *trial) dayTurned(r *reading) bool {
	first := t.judge.reading(ExchangeID(t.scenario.ID, 0, 0))
	if t.rule.Kind != contract.Unique || t.rule.Is != "day" || first.exchange == nil {
		return false
	}
	day := func(at time.Time) string { return at.In(jakarta()).Format(time.DateOnly) }
	return day(first.exchange.Started) != day(r.exchange.Started.Add(r.exchange.Took))
}

// breach records one finding; basis says how firmly stands what was broken.
func (t *trial) breach(r *reading, basis contract.Basis, text string) {
	t.note(r, t.judge.worth(t.rule, basis), text)
}

func (t *trial) note(r *reading, verdict reports.Verdict, text string) {
	f := reports.Finding{
		Verdict:  verdict,
		Case:     t.scenario.ID,
		Change:   changeText(t.scenario, t.step),
		Expected: expected(t.want, t.endpoint),
		Received: r.String(),
		Text:     text,
	}
	if r.exchange != nil {
		f.Exchange = r.exchange.ID
	}
	t.sight.findings = append(t.sight.findings, f)
}
