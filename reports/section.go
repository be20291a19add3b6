package reports

import (
	"cmp"
	"slices"
	"strings"
)

// section is one endpoint with its results, as every rendering shows them.
type section struct {
	Endpoint
	Results []*Result
}

// Label is how the section is called where people read: rules of the standard belong to no endpoint.
func (s *section) Label() string {
	if s.Standard {
		return s.Title
	}
	return s.Name
}

// sections are the endpoints in report order; rules that belong to no listed endpoint (those of the standard, judged on
// all of them) follow in sections of their own. Counts are always made anew, so that they cannot disagree with the rows.
func sections(r *Report) []*section {
	var out []*section
	byName := map[string]*section{}
	add := func(e Endpoint) *section {
		s := &section{Endpoint: e}
		s.Counts = map[Verdict]int{}
		byName[e.Name] = s
		out = append(out, s)
		return s
	}
	for _, e := range r.Endpoints {
		add(e)
	}
	for i := range r.Results {
		res := &r.Results[i]
		s := byName[res.Endpoint]
		if s == nil {
			s = add(Endpoint{Name: res.Endpoint, Title: res.Endpoint})
		}
		s.Results = append(s.Results, res)
		s.Counts[res.Verdict]++
	}
	for _, s := range out {
		if s.Standing == "" {
			own := make([]Result, len(s.Results))
			for i, res := range s.Results {
				own[i] = *res
			}
			s.Standing = Stand(own)
		}
	}
	return out
}

// severity orders results as they are to be read: what needs action first.
func severity(v Verdict) int { return slices.Index(Verdicts, v) }

// group is what one cause explains, or a single result that has none.
type group struct {
	Cause   *Cause
	Symptom string // no cause is known, but all of these failed in the same way
	Results []*Result
}

// groups gathers the results that wanted picks under their causes: the cause that explains most first, then those
// without a cause, each by severity and otherwise in report order.
func groups(r *Report, wanted func(*Result) bool) []group {
	causes := map[string]*Cause{}
	for i := range r.Causes {
		causes[r.Causes[i].ID] = &r.Causes[i]
	}
	byCause := map[*Cause]*group{}
	var order []*group
	for i := range r.Results {
		res := &r.Results[i]
		if !wanted(res) {
			continue
		}
		c := causes[res.Cause]
		g := byCause[c]
		if g == nil || c == nil {
			g = &group{Cause: c}
			byCause[c] = g
			order = append(order, g)
		}
		g.Results = append(g.Results, res)
	}
	for _, g := range order {
		slices.SortStableFunc(g.Results, func(a, b *Result) int { return cmp.Compare(severity(a.Verdict), severity(b.Verdict)) })
	}
	slices.SortStableFunc(order, func(a, b *group) int {
		return cmp.Or(cmp.Compare(severity(a.Results[0].Verdict), severity(b.Results[0].Verdict)), cmp.Compare(len(b.Results), len(a.Results)))
	})
	out := make([]group, len(order))
	for i, g := range order {
		out[i] = *g
	}
	return out
}

// alikeFrom is the number of failures without a known cause from which those that failed alike are gathered, and
// symptomFrom how many of a kind make a group of their own.
const (
	alikeFrom   = 12
	symptomFrom = 4
)

// alike gathers failures of one endpoint that have no known cause and the same first finding, when there are so many that
// a list of them would not be read. Groups with a cause stay as they are and come first.
func alike(all []group) []group {
	single := 0
	for _, g := range all {
		if g.Cause == nil {
			single++
		}
	}
	if single < alikeFrom {
		return all
	}
	var caused, order []*group
	bySymptom := map[[2]string]*group{}
	for i := range all {
		g := &all[i]
		if g.Cause != nil {
			caused = append(caused, g)
			continue
		}
		res := g.Results[0]
		key := [2]string{res.Endpoint, res.short()}
		if seen := bySymptom[key]; seen != nil && seen.Results[0].Verdict == res.Verdict {
			seen.Results = append(seen.Results, res)
			continue
		}
		bySymptom[key] = g
		order = append(order, g)
	}
	out := make([]group, 0, len(caused)+len(order))
	for _, g := range caused {
		out = append(out, *g)
	}
	for _, g := range order {
		if len(g.Results) >= symptomFrom {
			g.Symptom = g.Results[0].short()
			out = append(out, *g)
		}
	}
	for _, g := range order {
		if len(g.Results) < symptomFrom {
			for _, res := range g.Results {
				out = append(out, group{Results: []*Result{res}})
			}
		}
	}
	return out
}

// blocks tells whether a verdict keeps the run from being conformant.
func blocks(res *Result) bool {
	return res.Verdict == Fail || res.Verdict == StaleWaiver || res.Verdict == Error || res.Verdict == Inconclusive
}

// untested tells whether nothing was learned about the rule because it was not tried.
func untested(res *Result) bool { return res.Verdict == Skip || res.Verdict == NotRun }

// reasons folds results by their reason, the commonest first.
func reasons(results []*Result) []folded {
	return fold(results, func(r *Result) string { return r.Reason })
}

// folded is one text and the results it stands for.
type folded struct {
	Text    string
	Results []*Result
}

func fold(results []*Result, text func(*Result) string) []folded {
	at := map[string]int{}
	var out []folded
	for _, r := range results {
		t := text(r)
		i, ok := at[t]
		if !ok {
			i = len(out)
			at[t] = i
			out = append(out, folded{Text: t})
		}
		out[i].Results = append(out[i].Results, r)
	}
	slices.SortStableFunc(out, func(a, b folded) int { return cmp.Compare(len(b.Results), len(a.Results)) })
	return out
}

// pick is the results that wanted picks, in report order.
func pick(r *Report, wanted func(*Result) bool) []*Result {
	var out []*Result
	for i := range r.Results {
		if wanted(&r.Results[i]) {
			out = append(out, &r.Results[i])
		}
	}
	return out
}

// short is what a result is about when there is no finding to show: its finding's text, else its reason, else its rule.
func (r *Result) short() string {
	if len(r.Findings) > 0 {
		return r.Findings[0].Text
	}
	return cmp.Or(r.Reason, r.Text)
}

// numbers lists the inventory numbers of results, shortened after most of them.
func numbers(results []*Result, most int) string {
	var b strings.Builder
	for i, r := range results {
		if i == most {
			b.WriteString(", …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(cmp.Or(r.Ref, r.ID))
	}
	return b.String()
}
