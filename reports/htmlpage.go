package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// page is what the templates see.
type page struct {
	*Report
	Lang        Lang
	Foreign     bool // the report's words are not in the language of its evidence
	Style       template.HTML
	StyleHash   template.HTMLAttr
	PageTitle   string
	Headline    string
	Facts       []fact
	Contracts   []fact
	Columns     []Verdict
	Sections    []*chapter
	Groups      []causeGroup
	Broken      []*Result
	Warned      []*Result
	Untested    []*Result
	UntestedAll []folded
	UntestedTop []folded
	UntestedOff string // how many more reasons there are than the first page lists
	Verdicts    []Verdict
	Dropped     string
}

// fact is one line of the first page.
type fact struct{ Name, Value string }

// Long tells whether the value is a digest or a command, which is set smaller.
func (f fact) Long() bool { return len(f.Value) > 48 }

// Digest tells whether the value is long and no words.
func (f fact) Digest() bool { return f.Long() && !strings.Contains(f.Value, " ") }

// causeGroup is a group of failures: some in full, the others of the same cause in a table; Brief when nothing but the
// cause is to be said of each.
type causeGroup struct {
	group
	Brief bool
	Cards []*Result
	Table []*Result
}

// openFailures is the number of failures up to which their exchanges stand unfolded; beyond it they would bury the page.
const openFailures = 25

// untestedTop is how many reasons the first page has room for, so that it ends with the lines to sign on.
const untestedTop = 8

// causeCards is how many results of one cause are told in full.
const causeCards = 3

// chapter is one endpoint.
type chapter struct {
	*section
	Rows   []*row
	Others []*exchangeView
	Open   bool
}

// row is one rule in an endpoint's table, with what is folded under it.
type row struct {
	*Result
	Where                       string // heading before this row, where the part of the call changes
	Changed, Expected, Received string
	Summary                     string
	Passive                     bool // judged on answers to requests of other rules
	Seen                        []seen
	Steps                       []*step
	Extra                       []*exchangeView // sent for the rule, but in none of its cases
	Open                        bool
}

// seen is a finding and where the exchange that shows it stands.
type seen struct {
	Finding
	Anchor string
}

// step is one case of a rule.
type step struct {
	Case
	Exchanges []*exchangeView
	Links     []string // exchanges shown elsewhere
	Beyond    string
}

// Evidence tells whether there is anything to fold under the row.
func (r *row) Evidence() bool {
	return len(r.Steps)+len(r.Extra)+len(r.Findings)+len(r.Observed) > 0 || r.Note != ""
}

func newPage(d *Dossier, c catalogue, o HTMLOptions, t thrift) *page {
	r := d.Report
	p := &page{Report: r, Lang: cmp.Or(d.Lang, English), Verdicts: Verdicts}
	p.Foreign = p.Lang != English
	p.PageTitle = c.say("title") + ": " + visible(r.Target.Name, false) + ": " + c.named("standing-", string(r.Standing))
	p.Broken = pick(r, blocks)
	p.Warned = pick(r, func(x *Result) bool { return x.Verdict == Warn || x.Verdict == Known })
	p.Untested = pick(r, untested)
	p.UntestedAll = reasons(p.Untested)
	p.UntestedTop = p.UntestedAll[:min(len(p.UntestedAll), untestedTop)]
	if n := len(p.UntestedAll) - len(p.UntestedTop); n > 0 {
		p.UntestedOff = c.count("more-reasons", n)
	}
	n := Count(r.Results)
	p.Headline = c.say("headline", n[Pass], len(r.Results), n[Fail]+n[StaleWaiver], n[Error]+n[Inconclusive], n[Warn]+n[Known], n[Skip]+n[NotRun])
	for _, v := range Verdicts {
		if n[v] > 0 || v == Fail || v == Pass {
			p.Columns = append(p.Columns, v)
		}
	}
	p.Facts = facts(r, c)
	for _, k := range r.Contracts {
		p.Contracts = append(p.Contracts, fact{k.Provider, k.Digest})
	}
	for _, g := range alike(groups(r, blocks)) {
		brief := g.Cause != nil && !slices.ContainsFunc(g.Results, func(r *Result) bool { return len(r.Findings) > 0 })
		full := len(g.Results)
		if full > causeCards+1 {
			full = causeCards
		}
		p.Groups = append(p.Groups, causeGroup{g, brief, g.Results[:full], g.Results[full:]})
	}
	l := newLayout(d, c, o, t)
	l.openFails = len(p.Broken) <= openFailures
	for _, s := range sections(r) {
		p.Sections = append(p.Sections, l.chapter(s))
	}
	switch t {
	case thriftSome:
		p.Dropped = c.say("dropped-some")
	case thriftPasses:
		p.Dropped = c.say("dropped-passes")
	case thriftNone:
	}
	return p
}

// facts are the lines of the first page: who, what, when, where, with which build.
func facts(r *Report, c catalogue) []fact {
	var out []fact
	say := func(key, value string) {
		if strings.TrimSpace(value) != "" {
			out = append(out, fact{c.say(key), value})
		}
	}
	const clock = "2006-01-02 15:04:05 MST"
	say("provider", cmp.Or(r.Parties.Provider, strings.Join(r.Target.Provider, ", ")))
	say("user", r.Parties.User)
	say("tester", strings.Trim(r.Parties.Tester+", "+r.Parties.Role, ", "))
	say("target", r.Target.Name)
	say("address", r.Target.BaseURL)
	say("build", cmp.Or(r.Target.Build, c.say("build-none")))
	say("started", r.Run.Started.Format(clock))
	say("ended", r.Run.Ended.Format(clock)+" ("+round(r.Run.Ended.Sub(r.Run.Started))+")")
	say("requests", fmt.Sprint(r.Run.Requests))
	say("run", r.Run.ID)
	say("seed", fmt.Sprint(r.Run.Seed))
	if r.Run.Strict {
		say("strict", c.say("strict-on"))
	}
	say("tool", strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version+" "+r.Tool.Go))
	say("repeat-run", r.Run.Command)
	say("certificate", r.Target.TLSLeaf)
	for _, k := range r.Preflight {
		if k.Verdict != Pass {
			say("preflight", fmt.Sprintf("%s: %s: %s %s", k.Name, c.named("verdict-", string(k.Verdict)), k.Text, k.Hint))
		}
	}
	return out
}

// round is a duration with three figures.
func round(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// roundSome is a rounded duration, or nothing for none.
func roundSome(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return round(d)
}
