package suites

import (
	"fmt"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// accept: the good request with this change must succeed.
func (t *trial) accept(r *reading) {
	switch r.outcome {
	case accepted:
	case shapeless:
		t.sight.judged--
		t.sight.doubt(reports.Inconclusive, r.String()+": that is no answer of the standard, and tells nothing", t.judge.causeOf(t.endpoint, r))
	case refused, codeless:
		t.breach(r, weaker(basisOf(t.rule), t.want.Basis), "was refused although it must be accepted")
	}
}

// refuse: the request must be answered by one of the codes. To be refused is not enough: another code says that the
// provider stumbled over something else.
func (t *trial) refuse(r *reading) {
	switch r.outcome {
	case accepted:
		t.breach(r, weaker(basisOf(t.rule), t.want.Taken), "was accepted although it must be refused")
	case shapeless:
		t.breach(r, weaker(basisOf(t.rule), t.want.Taken), "was answered with a success status and something that is no answer of the standard, although it must be refused")
	case codeless:
		if slices.Contains(t.want.Gateway, r.status) {
			t.note(r, reports.Warn, "was refused before it reached the provider's own checks")
			return
		}
		t.breach(r, t.codesBasis(), "was refused, but without a response code")
	case refused:
		t.refusedWith(r)
	}
}

func (t *trial) refusedWith(r *reading) {
	place := slices.Index(t.want.Codes, string(r.code))
	switch {
	case place < 0:
		t.breach(r, t.codesBasis(), fmt.Sprintf("was refused, but with another code: %s instead of %s", r.code, first(t.want.Codes)))
	case r.code.HTTP() != r.status:
		t.breach(r, weaker(t.codesBasis(), statusBasis(t.endpoint, r.code)), fmt.Sprintf("was refused with the right code, but the HTTP status is %d where the code says %d", r.status, r.code.HTTP()))
	case place > 0 && !t.want.Equal:
		t.note(r, reports.Warn, fmt.Sprintf("was refused with %s; a better fit is %s", r.code, t.want.Codes[0]))
	}
}

func first(codes []string) string {
	if len(codes) == 0 {
		return "a code of its own"
	}
	return codes[0]
}

// codesBasis is how firmly the codes stand: never more firmly than the rule.
func (t *trial) codesBasis() contract.Basis {
	_, _, basis := t.rule.AnswersFor(t.endpoint)
	return weaker(weaker(basisOf(t.rule), basis), t.want.Basis)
}

// statusBasis is how firmly stands the HTTP status that goes with a code: as firmly as the rule on that in the code's own
// row. A page whose table has no such column leaves it to the standard.
func statusBasis(e *contract.Endpoint, code snap.Code) contract.Basis {
	row := codeRow(e, code)
	if row == nil {
		return contract.Inferred
	}
	for _, r := range row.Rules {
		if r.Kind == contract.CodeSeen {
			return basisOf(r)
		}
	}
	if row.Status == 0 {
		return contract.Inferred
	}
	return contract.Documented
}

// observe: several answers are right, and which one came is kept.
func (t *trial) observe(r *reading) {
	listed := r.outcome == refused && slices.Contains(t.want.Codes, string(r.code))
	gateway := r.outcome == codeless && slices.Contains(t.want.Gateway, r.status)
	switch {
	case r.outcome == accepted && t.carriesPair(r):
		t.breach(r, basisOf(t.rule), "was accepted, and the link in the answer carries the seamless data although its signature is wrong")
	case r.outcome == accepted || listed || gateway:
		t.sight.observed = append(t.sight.observed, changeText(t.scenario, t.step)+": "+r.String()+t.replayed(r))
	case r.outcome == shapeless:
		t.sight.judged--
		t.sight.doubt(reports.Inconclusive, r.String()+": that is no answer of the standard, and tells nothing", t.judge.causeOf(t.endpoint, r))
	default:
		t.breach(r, t.codesBasis(), "was refused with a code that is none of those to be expected")
	}
}

// replayed says of an answer to a value used again whether it is the first answer once more or one of its own.
func (t *trial) replayed(r *reading) string {
	if t.rule.Kind != contract.Unique || r.outcome != accepted || t.step == 0 {
		return ""
	}
	first := t.judge.reading(ExchangeID(t.scenario.ID, 0, 0))
	switch {
	case first.outcome != accepted:
		return ""
	case first.exchange.Got.Body == r.exchange.Got.Body:
		return ", the first answer once more"
	}
	return ", an answer of its own"
}

// carriesPair is for requests whose embedded signature is wrong: a provider may ignore the embedded data then, but must
// not hand it on.
func (t *trial) carriesPair(r *reading) bool {
	if t.rule.Kind != contract.RSASigned && t.rule.Kind != contract.Base64 || t.rule.Field == "" {
		return false
	}
	_, path := contract.Address(t.rule.Field).Split()
	for _, m := range membersAt(r.body, path) {
		link, _ := m.value.(string)
		if _, found := queryValue(link, t.rule.Row.Name); found {
			return true
		}
	}
	return false
}

// oneOf: of equal requests sent at once exactly one succeeds, and all others are answered by one of the codes. Two
// successes are a breach whatever became of the others; anything less needs all of the answers.
func (t *trial) oneOf(readings []*reading) {
	won := 0
	var silent *reading
	for _, r := range readings {
		if _, nothing := r.learnsNothing(); nothing && silent == nil {
			silent = r
		}
		if r.outcome == accepted {
			if won++; won > 1 {
				t.breach(r, basisOf(t.rule), fmt.Sprintf("of %d equal requests at once more than one was accepted", len(readings)))
			}
		}
	}
	if silent != nil && won < 2 {
		verdict := reports.Inconclusive
		if silent.outcome == unsent || canceled(silent) {
			verdict = reports.NotRun
		}
		why, _ := silent.learnsNothing()
		t.sight.doubt(verdict, "one of the requests sent at once brought nothing: "+why, t.judge.causeOf(t.endpoint, silent))
		return
	}
	t.sight.judged++
	for _, r := range readings {
		_, nothing := r.learnsNothing()
		place := slices.Index(t.want.Codes, string(r.code))
		switch {
		case nothing || r.outcome == accepted:
		case r.outcome != refused:
			t.refuse(r)
		case place < 0 || r.code.HTTP() != r.status:
			t.refusedWith(r)
		}
	}
	if won == 0 {
		t.breach(readings[0], basisOf(t.rule), fmt.Sprintf("of %d equal requests at once none was accepted", len(readings)))
	}
}
