package suites

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"
)

// requestsDigest is short for what a scenario sends: how each request is made from the good one, and in which order. What
// is wanted in answer is not part of it, so that corrected codes still fit the evidence.
func requestsDigest(s *Scenario) string {
	steps := make([]Step, len(s.Steps))
	for i := range s.Steps {
		steps[i] = s.Steps[i]
		steps[i].Want = Want{}
	}
	text, _ := json.Marshal(steps) // nothing in these types can fail to marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// requestsOf are the digests of all scenarios by their id.
func requestsOf(p *Plan) map[string]string {
	all := make(map[string]string, len(p.Scenarios))
	for i := range p.Scenarios {
		all[p.Scenarios[i].ID] = requestsDigest(&p.Scenarios[i])
	}
	return all
}

// supersededPrefix begins the id of an exchange that the plan has another request for.
const supersededPrefix = "superseded/"

// superseded tells whether an exchange was one of those.
func superseded(r *reading) bool {
	return r.exchange != nil && strings.HasPrefix(r.exchange.ID, supersededPrefix)
}

// For is the evidence as far as it answers a plan, which may be of other contracts than it was collected with. What was
// sent for a scenario that now asks for another request answers nothing in it: its exchanges are renamed, so that only
// rules on answers as such are judged by them, and a note says so.
func (e *Evidence) For(p *Plan) *Evidence {
	if e.Requests == nil || e.PlanDigest == p.Digest() {
		return e
	}
	fit := *e
	fit.Exchanges = maps.Clone(e.Exchanges)
	fit.Notes = append([]Note(nil), e.Notes...)
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		was, planned := e.Requests[s.ID]
		switch {
		case !planned:
			fit.Notes = append(fit.Notes, Note{Kind: NoteUnasked, Endpoint: s.Endpoint, Scenario: s.ID, Text: "the contract now asks for a request that this run did not send"})
		case was != requestsDigest(s):
			fit.supersede(s)
			fit.Notes = append(fit.Notes, Note{Kind: NoteUnasked, Endpoint: s.Endpoint, Scenario: s.ID, Text: "the contract now asks for another request than the one that was sent"})
		}
	}
	return &fit
}

// supersede renames the exchanges of a scenario.
func (e *Evidence) supersede(s *Scenario) {
	var ids []string
	for id := range e.Exchanges {
		if strings.HasPrefix(id, s.ID+"#") {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		old := *e.Exchanges[id]
		delete(e.Exchanges, id)
		old.ID = supersededPrefix + id
		e.Exchanges[old.ID] = &old
	}
}
