package suites

import (
	"sort"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// JudgeOptions are what a judgement depends on besides the plan and the evidence.
type JudgeOptions struct {
	Strict  bool              // what is inferred, sampled or only recommended fails too
	Waivers []fixtures.Waiver // failures that are known; their dates are held against the start of the evidence
	Command string            // what repeats the run, without a selection of rules; the results' own commands begin with it
}

// Judge gives one result for every rule of the plan, in the plan's order, and the causes that explain several of them at
// once. It is pure: the same plan, evidence and options give the same results, whatever order the evidence came in.
func Judge(p *Plan, e *Evidence, o JudgeOptions) ([]reports.Result, []reports.Cause) {
	v := judgeAll(p, e, o)
	return v.results, v.causes
}

// judgement is all that is made of one piece of evidence.
type judgement struct {
	results []reports.Result
	causes  []reports.Cause
	waivers []reports.Waiver
	control map[string]string // by endpoint: what went wrong with its controls
}

func judgeAll(p *Plan, e *Evidence, o JudgeOptions) *judgement {
	j := newJudge(p, e, o)
	v := &judgement{control: map[string]string{}}
	for _, r := range p.Rules {
		result, s := j.rule(r)
		j.blame.assign(&result, s)
		v.results = append(v.results, result)
	}
	for _, endpoint := range p.Endpoints {
		if b := j.bracket(endpoint); !b.holds {
			v.control[endpoint.Name()] = b.received
		}
	}
	v.causes = j.blame.causes()
	v.waivers = waive(v.results, o.Waivers, e.Started, p)
	return v
}

// judge holds what is worked out once for all rules.
type judge struct {
	plan      *Plan
	evidence  *Evidence
	options   JudgeOptions
	rules     map[string]*contract.Rule // those that get a verdict
	written   map[string]*contract.Rule // all of the contracts, also those that only bring about what others look at
	scenarios map[string][]*Scenario    // by rule id, in plan order
	endpoints map[string]*contract.Endpoint
	readings  map[string]*reading  // by exchange id
	answers   map[string][]*answer // by endpoint, in plan order
	brackets  map[string]bracket
	blame     *blame
}

func newJudge(p *Plan, e *Evidence, o JudgeOptions) *judge {
	j := &judge{
		plan: p, evidence: e, options: o,
		rules:     map[string]*contract.Rule{},
		written:   map[string]*contract.Rule{},
		scenarios: map[string][]*Scenario{},
		endpoints: map[string]*contract.Endpoint{},
		readings:  map[string]*reading{},
		answers:   map[string][]*answer{},
		brackets:  map[string]bracket{},
		blame:     newBlame(),
	}
	for _, r := range p.Rules {
		j.rules[r.ID] = r
		j.learn(r.Endpoint)
	}
	for _, endpoint := range p.Endpoints {
		j.learn(endpoint)
	}
	for id, x := range e.Exchanges {
		r := read(x)
		j.readings[id] = &r
	}
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		for _, id := range s.Rules {
			j.scenarios[id] = append(j.scenarios[id], s)
		}
	}
	j.gather()
	return j
}

// learn makes an endpoint and its provider's other endpoints known by name.
func (j *judge) learn(e *contract.Endpoint) {
	if e == nil || j.endpoints[e.Name()] != nil {
		return
	}
	j.endpoints[e.Name()] = e
	for _, r := range e.Rules {
		j.written[r.ID] = r
	}
	for _, other := range e.Provider.Endpoints {
		j.learn(other)
	}
}

// sight is what was seen of one rule.
type sight struct {
	findings []reports.Finding
	observed []string
	doubts   []doubt
	cases    []reports.Case
	judged   int // how often the rule was truly asked
	took     time.Duration
	moot     bool // skipped because there is nothing the rule could be about
}

// doubt is one reason for which nothing was learned, and the key of the cause behind it.
type doubt struct {
	verdict reports.Verdict // inconclusive, error, not-run, skip
	reason  string
	cause   causeKey
}

func (s *sight) doubt(v reports.Verdict, reason string, cause causeKey) {
	s.doubts = append(s.doubts, doubt{v, reason, cause})
}

// notApplicable skips a rule that has nothing to be about here. Unlike other skips this one leaves nothing open.
func (s *sight) notApplicable(reason string) {
	s.moot = true
	s.doubt(reports.Skip, reason, causeKey{})
}

// rule judges one rule.
func (j *judge) rule(r *contract.Rule) (reports.Result, *sight) {
	result := describe(r, j.options)
	s := &sight{}
	switch {
	case r.State == contract.NotTestable || r.Untestable != "":
		s.doubt(reports.Skip, r.Untestable, causeKey{})
	case isAnswerKind(r.Kind):
		j.askAnswers(r, s)
	default:
		j.askSteps(r, s)
	}
	result.Verdict, result.Reason = s.verdict() // first: it may have something to observe
	result.Findings, result.Observed, result.Cases, result.Took = s.findings, unique(s.observed), s.cases, s.took
	result.NotApplicable = s.moot && result.Verdict == reports.Skip
	return result, s
}

// verdict weighs what was seen. A breach stays one whatever else could not be seen; after that nothing may hide that
// something was not learned. A skipped part does not undo what another part has shown; that it was skipped is observed.
func (s *sight) verdict() (reports.Verdict, string) {
	worst := reports.Pass
	for _, f := range s.findings {
		if f.Verdict == reports.Fail {
			return reports.Fail, ""
		}
		worst = reports.Warn
	}
	for _, v := range []reports.Verdict{reports.Error, reports.Inconclusive, reports.NotRun} {
		for _, d := range s.doubts {
			if d.verdict == v {
				return v, d.reason
			}
		}
	}
	if worst == reports.Warn {
		return worst, ""
	}
	for _, d := range s.doubts {
		if d.verdict != reports.Skip {
			continue
		}
		if s.judged == 0 {
			return reports.Skip, d.reason
		}
		s.observed = append(s.observed, "not exercised in full: "+d.reason)
	}
	return worst, ""
}

// worth is the verdict on a breach of a rule that stands on the given basis.
func (j *judge) worth(r *contract.Rule, basis contract.Basis) reports.Verdict {
	switch {
	case levelOf(r) == contract.May || basis == contract.Disputed:
		return reports.Warn
	case levelOf(r) == contract.Must && basis == contract.Documented, j.options.Strict:
		return reports.Fail
	}
	return reports.Warn
}

// weaker is the less firm of two bases.
func weaker(a, b contract.Basis) contract.Basis {
	order := map[contract.Basis]int{"": 0, contract.Documented: 0, contract.Sample: 1, contract.Inferred: 2, contract.Disputed: 3}
	if order[b] > order[a] {
		return b
	}
	return a
}

// spokenOf are the calls that a rule is judged on: its own, or for the standard's every selected one whose page does not
// rule on it.
func (j *judge) spokenOf(r *contract.Rule) []*contract.Endpoint {
	if !r.Endpoint.Provider.Reference {
		return []*contract.Endpoint{r.Endpoint}
	}
	var all []*contract.Endpoint
	for _, e := range calls(j.plan.Endpoints) {
		if askedOf(r, e) {
			all = append(all, e)
		}
	}
	return all
}

// unique drops repeated texts and sorts the rest, so that no order of evidence shows.
func unique(texts []string) []string {
	sort.Strings(texts)
	kept := texts[:0]
	for i, t := range texts {
		if i == 0 || t != texts[i-1] {
			kept = append(kept, t)
		}
	}
	return kept
}
