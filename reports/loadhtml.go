package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// loadPage is what the template of load.html sees.
type loadPage struct {
	*Load
	Lang        Lang
	PageTitle   string
	Style       template.HTML
	StyleHash   template.HTMLAttr
	Tone, Sign  string
	Lead        string
	Facts       []fact
	Machine     []fact
	Asked       []fact
	Overview    *figure
	Search      *figure
	Chapters    []*loadChapter // the stage nearest to the target first: those before it are its yardstick
	Limited     bool           // the generator was the limit
	Rows        []loadRow
	Percentiles []string
}

// loadRow is a stage in the table of stages.
type loadRow struct {
	*LoadStage
	Anchor  string
	Cells   []string
	Limited bool
}

// loadChapter is one stage.
type loadChapter struct {
	*LoadStage
	Anchor  string
	Role    string
	Limited bool
	Codes   []CodeCount
	More    int // codes that are not listed
	Figures []*figure
}

// loadTones give a verdict its colour class and sign.
var loadTones = map[LoadVerdict]struct{ class, sign string }{
	LoadInvalid: {"odd", "⚠"}, LoadPartial: {"odd", "○"}, LoadCrossed: {"bad", "✗"}, LoadUnjudged: {"soft", "–"}, LoadKept: {"good", "✓"},
}

// stageRoles say what a stage is good for.
var stageRoles = map[string]string{
	"signing":  "Requests are made and signed, and answered at once in the same process: what the generator itself needs.",
	"loopback": "The same requests, sent over a socket to the stand-in provider on this machine: the yardstick for the wire.",
	"wire":     "The same requests, sent to the target.",
}

// mostCodeRows is how many codes a stage lists: a target that invents codes shall not fill the page.
const mostCodeRows = 40

// WriteLoadHTML writes load.html: one file with plots, their data as tables, no script, no link to the outside, and a
// policy that forbids both.
func WriteLoadHTML(w io.Writer, l *Load) error {
	style, hash, err := styled("html/style.css", "html/load/load.css")
	if err != nil {
		return fmt.Errorf("writing load.html: %w", err)
	}
	tmpl, err := template.New("load").Funcs(loadFuncs()).ParseFS(htmlFiles, "html/load/*.tmpl", "html/head.tmpl")
	if err != nil {
		return fmt.Errorf("writing load.html: %w", err)
	}
	p := newLoadPage(l)
	p.Style, p.StyleHash = style, hash
	if err := tmpl.ExecuteTemplate(w, "load", p); err != nil {
		return fmt.Errorf("writing load.html: %w", err)
	}
	return nil
}

func loadFuncs() template.FuncMap {
	return template.FuncMap{
		"show":    func(s string) string { return visible(s, false) },
		"brief":   briefly,
		"tick":    tick,
		"orNone":  orNone,
		"pc":      percentile,
		"percent": func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) },
		"rate":    rateText,
		"failed":  func(v Verdict) bool { return v == Fail },
		"tone":    func(v Verdict) string { return tones[string(v)].class },
		"sign":    func(v Verdict) string { return tones[string(v)].sign },
		"cut":     func(s string) string { return cut(s, 300) },
	}
}

func newLoadPage(l *Load) *loadPage {
	tone := loadTones[l.Verdict]
	p := &loadPage{
		Load: l, Lang: English, Tone: cmp.Or(tone.class, "odd"), Sign: cmp.Or(tone.sign, "?"),
		PageTitle: "Load: " + visible(l.Target.Name, false) + ": " + l.Verdict.Words(),
		Facts:     loadFacts(l), Machine: machineFacts(l), Asked: profileFacts(l.Profile), Percentiles: []string{"p50", "p99", "max"},
	}
	// A run that was cut short fails the check of its rate for that alone.
	limited := func(s *LoadStage) bool { return l.Verdict != LoadPartial && !s.Valid() }
	p.Limited = slices.ContainsFunc(l.Stages, func(s LoadStage) bool { return limited(&s) })
	p.Lead = loadLead(l)
	var all []curve
	for i := range l.Stages {
		s := &l.Stages[i]
		plots := plotsOf(l, i)
		c := &loadChapter{LoadStage: s, Anchor: plots.prefix, Role: stageRoles[s.Name], Limited: limited(s), Codes: s.Codes, Figures: plots.figures()}
		if len(c.Codes) > mostCodeRows {
			c.Codes, c.More = c.Codes[:mostCodeRows], len(c.Codes)-mostCodeRows
		}
		p.Chapters = append(p.Chapters, c)
		d, measured := s.Distribution(ResponseTime)
		p.Rows = append(p.Rows, loadRow{LoadStage: s, Anchor: plots.prefix, Limited: limited(s), Cells: []string{percentile(d, 50), percentile(d, 99), percentile(d, 100)}})
		if measured {
			all = append(all, curveOf([]string{"s1", "s2 dash", "s3 dots"}[(len(l.Stages)-1-i)%3], visible(s.Name, false), d))
		}
	}
	slices.Reverse(p.Chapters)
	if len(all) > 1 {
		p.Overview = curvesFigure("stages", "Response time by percentile, all stages", all, nil)
	}
	p.Search = searchFigure(l.Breakpoint)
	return p
}

// Valid tells whether the generator kept up in this stage.
func (s *LoadStage) Valid() bool {
	return !slices.ContainsFunc(s.Validity, func(c Check) bool { return c.Verdict == Fail })
}

// loadLead is the run in a sentence, told by the stage nearest to the target.
func loadLead(l *Load) string {
	if len(l.Stages) == 0 {
		return "Nothing was measured."
	}
	s := &l.Stages[len(l.Stages)-1]
	d, ok := s.Distribution(ResponseTime)
	if !ok {
		return "No request was measured in stage " + visible(s.Name, false) + "."
	}
	found := ""
	if b := l.Breakpoint; b != nil {
		found = fmt.Sprintf("%s requests a second kept the thresholds every time. There, ", rateText(b.Rate))
	}
	return found + fmt.Sprintf("%s: %s of %s requests answered rightly, at %s of %s a second; half within %s, 99 %% within %s.",
		visible(s.Name, false), grouped(s.Succeeded), grouped(s.Sent), rateText(s.RateAchieved), rateText(s.RateAsked), percentile(d, 50), percentile(d, 99))
}

// grouped writes a number with its thousands apart.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// loadFacts are what, when and how.
func loadFacts(l *Load) []fact {
	var out []fact
	say := func(name, value string) {
		if strings.TrimSpace(value) != "" {
			out = append(out, fact{name, value})
		}
	}
	const clock = "2006-01-02 15:04:05 MST"
	say("Target", l.Target.Name)
	say("Address", l.Target.BaseURL)
	say("Build", l.Target.Build)
	say("Providers", strings.Join(l.Target.Provider, ", "))
	say("Started", l.Run.Started.Format(clock))
	say("Ended", l.Run.Ended.Format(clock)+" ("+round(l.Run.Ended.Sub(l.Run.Started))+")")
	say("Run", l.Run.ID)
	if l.Run.Repeat > 0 {
		say("Repeat", strconv.Itoa(l.Run.Repeat))
	}
	say("Seed", strconv.FormatInt(l.Run.Seed, 10))
	say("Plan", l.Run.Plan)
	say("Command", l.Run.Command)
	say("Tool", strings.TrimSpace(l.Tool.Name+" "+l.Tool.Version+" "+l.Tool.Go))
	for _, s := range l.Run.Shards {
		say("Shard "+strconv.Itoa(s.Index)+" of "+strconv.Itoa(s.Count), fmt.Sprintf("%d of %d sent, %s late %s", s.Sent, s.Planned, briefly(max(s.Late, 0)), s.Host))
	}
	return out
}

// machineFacts are the generator's machine: numbers of another one are other numbers.
func machineFacts(l *Load) []fact {
	e := l.Environment
	return []fact{
		{"Cores", fmt.Sprintf("%d, of which Go uses %d", e.Cores, e.GOMAXPROCS)},
		{"System", strings.TrimSpace(e.OS + " " + e.Arch + ", kernel " + e.Kernel)},
		{"Go", e.Go},
		{"Load average", cmp.Or(e.LoadBefore, "unknown") + " before, " + cmp.Or(e.LoadAfter, "unknown") + " after"},
		{"Processor used", fmt.Sprintf("at most %.0f %% of all cores", 100*e.CPUShare)},
		{"Memory", fmt.Sprintf("at most %d MiB", e.MaxRSS>>20)},
		{"File limit", strconv.FormatUint(e.FileLimit, 10)},
	}
}

// took is the length of a stage.
func (c *loadChapter) Took() string { return c.Duration.Round(time.Millisecond).String() }
