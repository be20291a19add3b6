package suites

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// Selection narrows a plan. The zero value selects every real endpoint and all of its rules.
type Selection struct {
	Endpoints   []string `json:"endpoints,omitempty"`   // "paydia.account-creation", or a provider: "paydia"
	Rules       []string `json:"rules,omitempty"`       // rule ids or inventory numbers; a rule's endpoint need not be named as well
	LabelFilter string   `json:"labelFilter,omitempty"` // over [Labels], in Ginkgo's language
	Reference   bool     `json:"reference,omitempty"`   // the standard's own endpoint takes part
	Copies      int      `json:"copies,omitempty"`      // equal requests at once where a race is looked for, DefaultCopies when zero
}

// DefaultCopies is how many equal requests are sent at once to see whether a provider can be raced.
const DefaultCopies = 10

// Text is the selection in words for a report; empty when everything is selected.
func (s Selection) Text() string {
	var parts []string
	if len(s.Endpoints) > 0 {
		parts = append(parts, "endpoints "+strings.Join(s.Endpoints, ", "))
	}
	if len(s.Rules) > 0 {
		parts = append(parts, "rules "+strings.Join(s.Rules, ", "))
	}
	if s.LabelFilter != "" {
		parts = append(parts, "labels "+s.LabelFilter)
	}
	return strings.Join(parts, "; ")
}

// narrowed says whether rules were chosen by name or label, not only endpoints.
func (s Selection) narrowed() bool { return len(s.Rules) > 0 || s.LabelFilter != "" }

// chosen is a selection resolved against the contracts.
type chosen struct {
	endpoints []*contract.Endpoint // token calls not among them
	rules     []*contract.Rule     // in contract order, the standard's last; also those that are not checked
}

// ErrNothingSelected says that a selection is empty. It is an error of its own: a run of nothing must not look like a pass.
var ErrNothingSelected = errors.New("the selection leaves no rule to check")

func (s Selection) resolve(providers []*contract.Provider) (*chosen, error) {
	filter, err := types.ParseLabelFilter(s.LabelFilter)
	if err != nil {
		return nil, fmt.Errorf("label filter %q: %w", s.LabelFilter, err)
	}
	named, err := findRules(providers, s.Rules)
	if err != nil {
		return nil, err
	}
	wanted, err := s.endpoints(providers)
	if err != nil {
		return nil, err
	}
	c := &chosen{}
	missed := maps.Clone(named)
	var standard []*contract.Rule
	for _, p := range providers {
		tokenNeeded := false
		for _, e := range p.Endpoints {
			if e.Token || !wanted[e] {
				continue
			}
			c.endpoints = append(c.endpoints, e)
			tokenNeeded = true
		}
		for _, e := range p.Endpoints {
			if !p.Reference && !wanted[e] && (!e.Token || !tokenNeeded) {
				continue
			}
			for _, r := range e.Rules {
				if r.Ref == "" || named != nil && !named[r] || !filter(Labels(r)) {
					continue
				}
				delete(missed, r)
				if p.Reference {
					standard = append(standard, r)
				} else {
					c.rules = append(c.rules, r)
				}
			}
		}
	}
	for r := range missed {
		if !wanted[r.Endpoint] && !r.Endpoint.Token && !r.Endpoint.Provider.Reference {
			return nil, fmt.Errorf("rule %s is of %s, which is not among the selected endpoints", r.ID, r.Endpoint.Name())
		}
	}
	c.rules = append(c.rules, standard...)
	if len(c.rules) == 0 || len(c.endpoints) == 0 {
		return nil, ErrNothingSelected
	}
	return c.withoutIdle(s.narrowed()), nil
}

// withoutIdle leaves out endpoints that none of the chosen rules is about, when rules were chosen by name or label: one
// rule of one endpoint needs no traffic to the others.
func (c *chosen) withoutIdle(narrowed bool) *chosen {
	if !narrowed {
		return c
	}
	kept := c.endpoints[:0:0]
	for _, e := range c.endpoints {
		for _, r := range c.rules {
			if judgedOn(r, e) || r.Endpoint.Token && r.Endpoint.Provider == e.Provider || onToken(r) {
				kept = append(kept, e)
				break
			}
		}
	}
	if len(kept) > 0 {
		c.endpoints = kept
	}
	return c
}

// endpoints resolves names of endpoints and providers. Without any, every real endpoint is wanted.
func (s Selection) endpoints(providers []*contract.Provider) (map[*contract.Endpoint]bool, error) {
	wanted := map[*contract.Endpoint]bool{}
	var known []string
	found := make([]bool, len(s.Endpoints))
	for _, p := range providers {
		known = append(known, p.Provider)
		for _, e := range p.Endpoints {
			if e.Token {
				continue
			}
			known = append(known, e.Name())
			if p.Reference && s.Reference || !p.Reference && len(s.Endpoints) == 0 {
				wanted[e] = true
			}
			for i, name := range s.Endpoints {
				if name == e.Name() || name == p.Provider {
					wanted[e], found[i] = true, true
				}
			}
		}
	}
	for i, name := range s.Endpoints {
		if !found[i] {
			return nil, fmt.Errorf("no endpoint here is called %q%s", name, cmp.Or(near(name, known), "; there are "+strings.Join(known, ", ")))
		}
	}
	return wanted, nil
}

// findRules resolves ids and inventory numbers; nil means that none were named.
func findRules(providers []*contract.Provider, names []string) (map[*contract.Rule]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	byName := map[string][]*contract.Rule{}
	var known []string
	for _, p := range providers {
		for _, e := range p.Endpoints {
			for _, r := range e.Rules {
				known = append(known, r.ID)
				byName[r.ID] = append(byName[r.ID], r)
				if r.Ref != "" {
					byName[r.Ref] = append(byName[r.Ref], r)
					known = append(known, r.Ref)
				}
			}
		}
	}
	found := map[*contract.Rule]bool{}
	for _, name := range names {
		if upper := strings.ToUpper(name); len(byName[name]) == 0 && len(byName[upper]) > 0 {
			name = upper // a number typed in small letters
		}
		if len(byName[name]) == 0 {
			return nil, fmt.Errorf("no rule is called %q%s", name, near(name, known))
		}
		for _, r := range byName[name] {
			found[r] = true
		}
	}
	return found, nil
}

// near suggests up to three known names for one that is not known.
func near(name string, known []string) string {
	type candidate struct {
		name     string
		distance int
	}
	var best []candidate
	lower := strings.ToLower(name)
	for _, k := range known {
		other := strings.ToLower(k)
		d := distance(lower, other)
		if d <= max(2, len(name)/4) {
			best = append(best, candidate{k, d})
		} else if len(name) >= 3 && strings.Contains(other, lower) {
			best = append(best, candidate{k, len(name)})
		}
	}
	if len(best) == 0 {
		return ""
	}
	sort.SliceStable(best, func(i, j int) bool { return best[i].distance < best[j].distance })
	names := make([]string, 0, 3)
	for _, b := range best[:min(3, len(best))] {
		names = append(names, b.name)
	}
	return "; near it: " + strings.Join(names, ", ")
}

// distance is the edit distance of two short texts, by bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
