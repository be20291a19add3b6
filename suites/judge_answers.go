package suites

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// answer is a reading with what was asked: the step is nil for a token that the collector fetched for itself.
type answer struct {
	*reading
	scenario *Scenario
	step     *Step
	number   int // of the step in its scenario
	endpoint *contract.Endpoint
}

// gather files every exchange under the endpoint that it called, in the plan's order.
func (j *judge) gather() {
	filed := map[string]bool{}
	for i := range j.plan.Scenarios {
		sc := &j.plan.Scenarios[i]
		for step := range sc.Steps {
			for _, x := range j.evidence.Of(sc, step) {
				if x != nil {
					filed[x.ID] = true
					j.file(&answer{reading: j.readings[x.ID], scenario: sc, step: &sc.Steps[step], number: step, endpoint: j.endpointOf(sc, step)})
				}
			}
		}
	}
	var others []string
	for id := range j.readings {
		if !filed[id] {
			others = append(others, id)
		}
	}
	sort.Strings(others)
	for _, id := range others {
		if e := j.endpoints[j.readings[id].exchange.Endpoint]; e != nil {
			j.file(&answer{reading: j.readings[id], endpoint: e})
		}
	}
}

func (j *judge) file(a *answer) {
	name := a.endpoint.Name()
	j.answers[name] = append(j.answers[name], a)
}

// speaks says whether an answer is the endpoint's own word. A limiter, a redirect, a gateway's page about a failure and
// the answer to a call of some other method or path are not.
func (a *answer) speaks() bool {
	switch a.outcome {
	case unsent, faulty, unanswered, throttled, redirected, unreadable:
		return false
	case broken:
		return a.body != nil
	case accepted:
		return true
	}
	if a.step == nil {
		return true
	}
	if a.outcome == codeless && a.body == nil && slices.Contains(a.step.Want.Gateway, a.status) {
		return false
	}
	return !slices.ContainsFunc(a.step.Changes, func(c Change) bool { return c.Op == OpMethod || c.Op == OpPath })
}

// breach is one way in which an answer does not keep a rule.
type breach struct {
	text     string
	expected string
	received string // instead of the answer as a whole
	mild     bool   // warns whatever the rule is worth
}

// askAnswers judges a rule by every answer of the endpoints it speaks of. Without a single success nothing is said: a
// provider that lets nobody in shows nothing of its answers.
func (j *judge) askAnswers(r *contract.Rule, s *sight) {
	endpoints := j.spokenOf(r)
	if len(endpoints) == 0 {
		s.notApplicable("every selected page rules on this itself")
		return
	}
	for _, e := range endpoints {
		j.askEndpoint(r, e, s)
	}
	switch {
	case len(s.doubts) > 0 || s.judged > 0:
	case r.Needs != "" && j.skippedFor(r) != "":
		s.doubt(reports.Skip, j.skippedFor(r), causeKey{})
	case r.Kind == contract.NamesField && j.otherCodes(r, endpoints):
		s.notApplicable("the page has another code for this than the standard")
	case neverSeen[r.Kind] != "" && !j.evidence.Complete:
		s.doubt(reports.NotRun, neverSeen[r.Kind]+", and the run was not finished", causeKey{})
	case neverSeen[r.Kind] != "":
		s.doubt(reports.Inconclusive, neverSeen[r.Kind], j.whyNever(endpoints))
	case r.Kind == contract.TLS:
		s.doubt(reports.Skip, "the target is called without TLS", causeKey{})
	default:
		s.notApplicable("no answer carried it, so there was nothing to judge")
	}
}

// whyNever is the cause behind something that was never seen: good requests that failed.
func (j *judge) whyNever(endpoints []*contract.Endpoint) causeKey {
	for _, e := range endpoints {
		if b := j.bracket(e); !b.holds {
			return b.cause
		}
	}
	return causeKey{}
}

// skippedFor says why the request was not sent that would have brought about the code a rule is on: the prepared account
// that it needs is not there.
func (j *judge) skippedFor(r *contract.Rule) string {
	for i := range j.plan.Scenarios {
		sc := &j.plan.Scenarios[i]
		brings := slices.ContainsFunc(sc.Steps, func(st Step) bool { return slices.Contains(st.Want.Codes, r.Row.Name) })
		if sc.Endpoint != r.Endpoint.Name() || sc.Needs != r.Needs || !brings {
			continue
		}
		if note, noted := j.evidence.NoteOn(sc); noted && note.Kind == NoteSkipped {
			return note.Text
		}
	}
	return ""
}

// neverSeen is what is said when nothing brought about what a rule of that kind needs.
var neverSeen = map[contract.Kind]string{
	contract.CodeSeen:   "no answer carried the code: never seen",
	contract.NamesField: "no refusal of this family was seen",
	contract.ErrorShape: "no refusal was seen",
	contract.OnErrorNot: "no refusal was seen",
	contract.Present:    "no answer in which it is due was seen",
}

func (j *judge) askEndpoint(r *contract.Rule, e *contract.Endpoint, s *sight) {
	var answers []*answer
	success := false
	for _, a := range j.answers[e.Name()] {
		if a.speaks() {
			answers = append(answers, a)
			success = success || a.outcome == accepted
		}
	}
	if !success {
		j.noSuccess(e, s)
		return
	}
	alike := map[breach]int{} // breach -> finding's index
	for _, a := range answers {
		found, judged := j.askAnswer(r, e, a)
		if judged {
			s.judged++
			s.took += a.exchange.Took
		}
		for _, b := range found {
			if b.received == "" {
				b.received = a.String()
			}
			if at, repeated := alike[b]; repeated {
				s.findings[at].Text = countedText(b.text, s.findings[at].Text)
				continue
			}
			alike[b] = len(s.findings)
			s.findings = append(s.findings, j.answerFinding(r, a, b))
		}
	}
}

func (j *judge) noSuccess(e *contract.Endpoint, s *sight) {
	b := j.bracket(e)
	if b.holds { // controls were accepted by their codes but do not speak; cannot happen with one answer read one way
		b.verdict, b.received = reports.Inconclusive, "no answer of success was seen"
	}
	s.doubt(b.verdict, "no answer of success was seen to judge: "+b.received, b.cause)
}

func (j *judge) answerFinding(r *contract.Rule, a *answer, b breach) reports.Finding {
	f := reports.Finding{
		Verdict:  j.worth(r, basisOf(r)),
		Expected: b.expected,
		Received: b.received,
		Text:     b.text,
		Exchange: a.exchange.ID,
	}
	if b.mild {
		f.Verdict = reports.Warn
	}
	if a.scenario != nil {
		f.Case, f.Change = a.scenario.ID, changeText(a.scenario, a.number)
	}
	return f
}

// countedText counts, in the text of a finding, the answers that break the rule in the same way.
func countedText(text, soFar string) string {
	n := 1
	if rest, found := strings.CutPrefix(soFar, text+" ("); found {
		if _, err := fmt.Sscanf(rest, "%d answers alike)", &n); err != nil {
			n = 1
		}
	}
	return fmt.Sprintf("%s (%d answers alike)", text, n+1)
}

// askAnswer holds one answer against one rule. Judged is false when the answer has nothing to do with the rule.
func (j *judge) askAnswer(r *contract.Rule, e *contract.Endpoint, a *answer) (found []breach, judged bool) {
	if ask, ok := wholeKinds[r.Kind]; ok {
		return ask(j, r, e, a)
	}
	for _, m := range j.places(r, a) {
		b, asked := askMember(r, e, a, m)
		if !asked {
			continue
		}
		judged = true
		if b != nil && !brokenBefore(r, e, a, m) && !a.echoesBent(r, m) {
			found = append(found, *b)
		}
	}
	return found, judged
}

// echoesBent says whether a value only gives back what the request was bent to say. That the request was taken at all is
// another rule's breach; the answer is right to repeat it.
func (a *answer) echoesBent(r *contract.Rule, m member) bool {
	text, isText := m.value.(string)
	if !isText {
		text = spell(m.value)
	}
	for _, other := range r.Row.Rules {
		if other.Kind != contract.Echo || !m.there || a.step == nil {
			continue
		}
		at := contract.Address(other.Field)
		sent, there := sentValue(&a.exchange.Sent, at)
		if there && sent == text && slices.ContainsFunc(a.step.Changes, func(c Change) bool { return c.At == at }) {
			return true
		}
	}
	return false
}

// isAnswerKind says whether rules of a kind are judged by all answers, whatever the requests were sent for.
func isAnswerKind(k contract.Kind) bool {
	if _, whole := wholeKinds[k]; whole {
		return true
	}
	_, member := memberKinds[k]
	return member
}
