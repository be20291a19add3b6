package suites

import (
	"fmt"
	"sort"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// causeKind is what can be behind many results at once.
type causeKind string

// The kinds, also the beginnings of causes' ids.
const (
	causeNone        causeKind = ""
	causeCredentials causeKind = "credentials"
	causeUnreachable causeKind = "unreachable"
	causeThrottled   causeKind = "throttled"
	causeServer      causeKind = "server-errors"
	causeRedirect    causeKind = "redirected"
	causeAlike       causeKind = "always-the-same"
	causeRefused     causeKind = "good-requests-refused"
	causeShapeless   causeKind = "not-the-standard"
	causeUncoded     causeKind = "no-success-code"
	causeNoControl   causeKind = "no-good-request"
	causeStopped     causeKind = "stopped"
	causeUnasked     causeKind = "other-requests-now"
	causeInterrupted causeKind = "interrupted"
	causeHarness     causeKind = "harness"
)

// causeKey tells causes apart: what happened, and where. Endpoints that suffer from the same thing are brought together
// when the causes are written out; detail keeps different things of one kind apart, sample is one of them in full.
type causeKey struct {
	kind     causeKind
	detail   string
	endpoint string
	sample   string
}

// causeOf says what is behind an exchange that should have succeeded, or should at least have taught something.
func (j *judge) causeOf(e *contract.Endpoint, r *reading) causeKey {
	key := causeKey{detail: fmt.Sprintf("HTTP %d", r.status), endpoint: e.Name(), sample: r.String()}
	switch r.outcome {
	case unanswered:
		key.kind, key.detail = causeUnreachable, "no answer"
		if r.exchange != nil && r.exchange.Failure != nil {
			key.detail = "no answer: " + string(r.exchange.Failure.Kind)
			if r.exchange.Failure.Kind == snap.FailureCanceled {
				key.kind, key.detail = causeInterrupted, j.unreached()
			}
		}
	case throttled:
		key.kind, key.detail = causeThrottled, "too many requests"
	case broken:
		key.kind = causeServer
	case redirected:
		key.kind = causeRedirect
	case shapeless, unreadable:
		key.kind = causeShapeless
	case faulty:
		key.kind, key.detail = causeHarness, r.String()
	case unsent:
		key.kind, key.detail = causeInterrupted, j.unreached()
	case accepted:
		key.kind = causeNone
	case refused, codeless:
		switch {
		case r.status == 401 || r.code.HTTP() == 401:
			key.kind = causeCredentials
		case j.alwaysAlike(e):
			key.kind = causeAlike
		default:
			key.kind = causeRefused
		}
	}
	return key
}

// alwaysAlike says whether every answer of an endpoint has the same status and the same code.
func (j *judge) alwaysAlike(e *contract.Endpoint) bool {
	answers := j.answers[e.Name()]
	for _, a := range answers {
		if a.status != answers[0].status || a.code != answers[0].code {
			return false
		}
	}
	return len(answers) > 1
}

// blame collects which results stand on which cause.
type blame struct {
	groups map[causeKey]*guilt // endpoint left out of the key
	order  []causeKey
}

type guilt struct {
	id        string
	sample    string
	endpoints map[string]bool
	results   []string
}

func newBlame() *blame { return &blame{groups: map[causeKey]*guilt{}} }

// assign puts a result under the cause of the doubt that decided it.
func (b *blame) assign(result *reports.Result, s *sight) {
	var chosen causeKey
	for _, d := range s.doubts {
		if d.verdict != result.Verdict || d.cause.kind == causeNone {
			continue
		}
		if chosen.kind == causeNone {
			chosen = causeKey{kind: d.cause.kind, detail: d.cause.detail}
		}
		if d.cause.kind == chosen.kind && d.cause.detail == chosen.detail {
			g := b.group(chosen)
			g.endpoints[d.cause.endpoint] = true
			if g.sample == "" {
				g.sample = d.cause.sample
			}
		}
	}
	if chosen.kind == causeNone {
		return
	}
	g := b.group(chosen)
	g.results = append(g.results, result.ID)
	result.Cause = g.id
}

func (b *blame) group(key causeKey) *guilt {
	if g := b.groups[key]; g != nil {
		return g
	}
	same := 0
	for _, k := range b.order {
		if k.kind == key.kind {
			same++
		}
	}
	g := &guilt{id: string(key.kind), endpoints: map[string]bool{}}
	if same > 0 {
		g.id = fmt.Sprintf("%s-%d", key.kind, same+1)
	}
	b.groups[key] = g
	b.order = append(b.order, key)
	return g
}

func (b *blame) causes() []reports.Cause {
	var all []reports.Cause
	for _, key := range b.order {
		g := b.groups[key]
		where := make([]string, 0, len(g.endpoints))
		for name := range g.endpoints {
			where = append(where, name)
		}
		sort.Strings(where)
		key.sample = g.sample
		all = append(all, reports.Cause{ID: g.id, Text: causeText(key, strings.Join(where, ", ")), Results: g.results})
	}
	return all
}

// causeText is one sentence that a reader can act on.
func causeText(key causeKey, where string) string {
	switch key.kind {
	case causeCredentials:
		return fmt.Sprintf("Good requests to %s were refused (%s): the credentials, the key or the signature are not what the provider has on file.", where, key.sample)
	case causeUnreachable:
		return fmt.Sprintf("%s did not answer (%s).", where, strings.TrimPrefix(key.detail, "no answer: "))
	case causeThrottled:
		return fmt.Sprintf("%s limits the rate of requests and refused some of this run; a lower --rate helps.", where)
	case causeServer:
		return fmt.Sprintf("%s answered with a server error (%s), which tells nothing about the rules.", where, key.detail)
	case causeRedirect:
		return fmt.Sprintf("%s redirected requests (%s); redirects are not followed, so the base URL is probably wrong.", where, key.detail)
	case causeAlike:
		return fmt.Sprintf("%s answered every request alike, good or not (%s).", where, key.sample)
	case causeRefused:
		return fmt.Sprintf("Good requests to %s were refused (%s), so a refusal of anything else proves nothing.", where, key.sample)
	case causeShapeless:
		return fmt.Sprintf("%s answered good requests with %s and a body that is no answer of the standard.", where, key.detail)
	case causeUncoded:
		return fmt.Sprintf("Good requests to %s were answered without any response code of success.", where)
	case causeNoControl:
		return fmt.Sprintf("No good request to %s was part of the run, so a refusal of anything else proves nothing.", where)
	case causeStopped:
		return fmt.Sprintf("Requests to %s were %s.", where, strings.TrimSuffix(key.detail, "."))
	case causeUnasked:
		return fmt.Sprintf("The contracts of %s ask for other requests now than those that this run sent: only a new run can tell.", where)
	case causeInterrupted:
		return fmt.Sprintf("The run ended before %s was done: %s.", where, strings.TrimSuffix(strings.TrimPrefix(key.detail, "never reached: "), "."))
	case causeHarness:
		return fmt.Sprintf("The tool itself failed at %s: %s.", where, key.detail)
	}
	return key.detail
}
