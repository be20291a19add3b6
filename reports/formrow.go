package reports

import (
	"cmp"
	"slices"
	"strings"
)

// formClerk fills in rows of the form from what a run saw.
type formClerk struct {
	results   map[string]*Result // by id and by inventory number
	exchanges map[string]*Exchange
	good      map[string]*Exchange // endpoint to its first good request that was taken
}

// decide gives the result of one row, why, and the exchange that shows it. A rule of the standard speaks of many endpoints:
// what was found on others says nothing of this row's.
func (k *formClerk) decide(row *FormRow) (verdict, note string, shown *Exchange) {
	good := k.good[row.Endpoint]
	if len(row.Rules) == 0 {
		if row.Success && good != nil && strings.Contains(good.ResponseBody, `"`+row.Expected+`"`) {
			return formPass, "Good requests were answered so.", good
		}
		return "", "Not tested: no rule of the provider's page states this.", nil
	}
	var held, broken, open []string
	for _, name := range row.Rules {
		res := k.results[name]
		if res == nil {
			open = append(open, name+" is not part of this run")
			continue
		}
		verdict := res.Verdict
		if (verdict == Fail || verdict == Known) && !k.concerns(res, row.Endpoint) {
			verdict = Pass
		}
		switch verdict {
		case Pass:
			held = append(held, res.Ref)
		case Warn:
			held = append(held, res.Ref+" ("+res.short()+")")
		case Fail, Known:
			if len(broken) == 0 {
				shown = nil // what failed is shown rather than what held
			}
			broken = append(broken, res.Ref+": "+res.short())
		case StaleWaiver:
			held = append(held, res.Ref+" (its waiver is stale)")
		case Skip, Inconclusive, Error, NotRun:
			open = append(open, res.Ref+": "+cmp.Or(res.Reason, string(res.Verdict)))
		}
		if shown == nil {
			shown = k.evidence(res, row, verdict)
		}
	}
	if shown == nil && row.Success {
		shown = good
	}
	switch {
	case len(broken) > 0:
		return formNotPass, strings.Join(broken, "; "), shown
	case len(open) > 0:
		return "", "Not tested: " + strings.Join(open, "; "), nil
	case shown == nil:
		return "", "Not tested: no exchange was recorded for " + strings.Join(held, ", "), nil
	}
	return formPass, "Rules: " + strings.Join(held, ", "), shown
}

// concerns tells whether any finding on a rule was made on the endpoint, as far as findings name their exchanges.
func (k *formClerk) concerns(res *Result, endpoint string) bool {
	if endpoint == "" || res.Endpoint == endpoint {
		return true
	}
	return slices.ContainsFunc(res.Findings, func(f Finding) bool {
		x := k.exchanges[f.Exchange]
		return x == nil || x.Endpoint == endpoint
	})
}

// evidence is the exchange of the row's endpoint that decided a rule: of a broken one that of its finding; else one that
// was answered with the expected code, else the last of the deciding case.
func (k *formClerk) evidence(res *Result, row *FormRow, verdict Verdict) *Exchange {
	fits := func(x *Exchange) bool { return x != nil && (row.Endpoint == "" || x.Endpoint == row.Endpoint) }
	if verdict == Fail || verdict == Known {
		for _, f := range res.Findings {
			if x := k.exchanges[f.Exchange]; fits(x) {
				return x
			}
		}
	}
	var changed, other *Exchange
	for _, c := range res.Cases {
		for _, id := range c.Exchanges {
			x := k.exchanges[id]
			switch {
			case !fits(x):
			case row.Expected != "" && strings.Contains(x.ResponseBody, `"`+row.Expected+`"`):
				return x
			case x.Change != "" && len(x.Rules) > 0:
				changed = cmp.Or(changed, x)
			default:
				other = cmp.Or(other, x)
			}
		}
	}
	return cmp.Or(changed, other)
}
