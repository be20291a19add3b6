package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

// layout decides where each exchange is shown. It is shown once, with the rule it was sent for; other rules that are
// judged on it link there, since every answer serves all response rules.
type layout struct {
	c       catalogue
	o       HTMLOptions
	t       thrift
	byID    map[string]*exchangeView
	byRule  map[string][]*exchangeView
	byPlace map[string][]*exchangeView // endpoint to its exchanges that belong to no rule
	good    map[string][]*Exchange

	bare      map[string]bool     // rules whose exchanges are left out
	fresh     map[string][]string // names that are new in every good request
	openFails bool                // unfold the evidence of failures
}

// exchangeView is an exchange ready to be shown.
type exchangeView struct {
	*Exchange
	Anchor       string
	Timing       string
	Request      template.HTML // its lines, marked against the good request
	RequestNote  string
	Response     string
	ResponseNote string
	Curl         string
	owner        string
	about        string // the change, in the words of its case
	shown        bool
}

func newLayout(d *Dossier, c catalogue, o HTMLOptions, t thrift) *layout {
	l := &layout{c: c, o: o, t: t, byID: map[string]*exchangeView{}, byRule: map[string][]*exchangeView{}, byPlace: map[string][]*exchangeView{}, good: map[string][]*Exchange{}, fresh: map[string][]string{}, bare: map[string]bool{}}
	known := map[string]bool{}
	for i := range d.Report.Results {
		res := &d.Report.Results[i]
		known[res.ID] = true
		l.bare[res.ID] = t == thriftPasses && !telling(res)
	}
	places := map[string]bool{}
	for _, s := range sections(d.Report) {
		places[s.Name] = true
	}
	for i := range d.Exchanges {
		x := &d.Exchanges[i]
		if key := x.Endpoint + " " + x.Variant; x.Good {
			l.good[key] = append(l.good[key], x)
		}
		v := &exchangeView{Exchange: x, Anchor: fmt.Sprintf("x%d", i+1)}
		l.byID[x.ID] = v
		if at := slices.IndexFunc(x.Rules, func(id string) bool { return known[id] }); at >= 0 {
			v.owner = x.Rules[at]
			l.byRule[v.owner] = append(l.byRule[v.owner], v)
		} else {
			l.byPlace[l.place(x, places)] = append(l.byPlace[l.place(x, places)], v)
		}
	}
	for key, good := range l.good {
		l.fresh[key] = freshOf(good)
	}
	return l
}

// place is the section an exchange without a rule is shown in: its endpoint's, else the first of the same provider.
func (l *layout) place(x *Exchange, places map[string]bool) string {
	if places[x.Endpoint] {
		return x.Endpoint
	}
	provider, _, _ := strings.Cut(x.Endpoint, ".")
	var same []string
	for name := range places {
		if strings.HasPrefix(name, provider+".") {
			same = append(same, name)
		}
	}
	if len(same) == 0 {
		return x.Endpoint
	}
	return slices.Min(same)
}

func (l *layout) chapter(s *section) *chapter {
	ch := &chapter{section: s, Open: l.o.Open}
	where := ""
	for _, res := range s.Results {
		r := l.row(res)
		if res.Where != where {
			where = res.Where
			r.Where = where
		}
		ch.Rows = append(ch.Rows, r)
	}
	for _, v := range l.byPlace[s.Name] {
		ch.Others = append(ch.Others, l.view(v, l.t == thriftNone))
	}
	return ch
}

// linkLimit is how many links to exchanges shown elsewhere one case gets.
const linkLimit = 12

func (l *layout) row(res *Result) *row {
	r := &row{Result: res, Open: l.o.Open || l.openFails && res.Verdict == Fail}
	telling, bare := telling(res), l.bare[res.ID]
	shown := 0
	for _, c := range worstFirst(res.Cases) {
		st := &step{Case: c}
		for _, id := range c.Exchanges {
			v := l.byID[id]
			switch {
			case v == nil || bare || l.bare[v.owner]:
			case v.owner == res.ID && !v.shown:
				v.about = c.Change
				st.Exchanges = append(st.Exchanges, l.view(v, telling || l.t == thriftNone))
				shown++
			case len(st.Links) < linkLimit:
				st.Links = append(st.Links, v.Anchor)
			}
		}
		if n := len(c.Exchanges) - len(st.Exchanges) - len(st.Links); n > 0 && len(st.Links) == linkLimit {
			st.Beyond = l.c.say("more-exchanges", n)
		}
		r.Steps = append(r.Steps, st)
	}
	for _, v := range l.byRule[res.ID] {
		if !v.shown && !bare {
			r.Extra = append(r.Extra, l.view(v, telling || l.t == thriftNone))
			shown++
		}
	}
	r.Changed, r.Expected, r.Received = decisive(res)
	for _, f := range res.Findings {
		r.Seen = append(r.Seen, seen{f, l.anchor(f.Exchange)})
	}
	r.Passive = len(res.Cases) == 0 && len(res.Findings) == 0
	r.Summary = l.summary(res, shown)
	return r
}

// telling tells whether the evidence of a rule is looked at by anybody who reads for what went wrong.
func telling(res *Result) bool { return res.Verdict != Pass && res.Verdict != Skip }

// worstFirst are the cases with those that broke the rule before those that fit.
func worstFirst(cases []Case) []Case {
	cases = slices.Clone(cases)
	slices.SortStableFunc(cases, func(a, b Case) int { return severity(a.Verdict) - severity(b.Verdict) })
	return cases
}

// anchor is where an exchange is shown, or "" when it is not.
func (l *layout) anchor(id string) string {
	if v := l.byID[id]; v != nil && !l.bare[v.owner] {
		return v.Anchor
	}
	return ""
}

// view fills in what an exchange shows.
func (l *layout) view(v *exchangeView, curl bool) *exchangeView {
	x := v.Exchange
	v.shown = true
	v.Timing = l.timing(x)
	limit := l.t.bodyLimit()
	var b strings.Builder
	key := x.Endpoint + " " + x.Variant
	var good *Exchange
	if len(l.good[key]) > 0 {
		good = l.good[key][0]
	}
	sent := *x
	sent.Change = strings.TrimSpace(x.Change + " " + v.about)
	sent.Fresh = slices.Concat(x.Fresh, l.fresh[key])
	if good == x {
		good = &sent
	}
	for _, m := range beside(&sent, good) {
		if b.Len() > 2*limit {
			v.RequestNote = l.c.say("body-cut", utf8.RuneCountInString(x.RequestBody))
			break
		}
		text := string(rawText(cut(visible(m.Text, false), limit)))
		switch m.Mark {
		case added:
			text = "<ins>" + text + "</ins>"
		case gone:
			text = "<del>" + text + "</del>"
		case same, fresh:
		}
		b.WriteString(text + "\n")
	}
	v.Request = template.HTML(b.String()) // each line is escaped above
	if x.Status == 0 {
		v.Response = l.c.say("no-answer") + ": " + x.Failure
	} else {
		body := indented(x.ResponseBody)
		if size := utf8.RuneCountInString(body); size > limit {
			body = string([]rune(body)[:limit])
			v.ResponseNote = "\n" + l.c.say("body-cut", utf8.RuneCountInString(x.ResponseBody))
		}
		v.Response = messageText(x.statusLine(), x.ResponseHeader, body)
		if x.Truncated {
			v.ResponseNote += "\n" + l.c.say("body-truncated", x.BodySize)
		}
		if x.Base64 {
			v.ResponseNote += "\n" + l.c.say("body-base64")
		}
	}
	if curl {
		v.Curl = x.Curl
	}
	return v
}
