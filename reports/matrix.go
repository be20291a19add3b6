package reports

import (
	"slices"
	"time"
)

// MatrixSchema is the version of the self-test's JSON; it grows by adding members, and changes its first number otherwise.
const MatrixSchema = "1.0"

// Matrix is what the self-test saw: every rule against providers that break that rule alone, whole providers that
// misbehave, and providers of another taste that do nothing wrong.
type Matrix struct {
	Schema    string        `json:"schema"`
	Tool      Tool          `json:"tool"`
	Seed      int64         `json:"seed"`
	Selection string        `json:"selection,omitempty"`
	Workers   int           `json:"workers"`
	Started   time.Time     `json:"started"`
	Took      time.Duration `json:"tookNs"`
	// Interrupted is why not everything was tried, "" when it was.
	Interrupted string        `json:"interrupted,omitempty"`
	Figures     MatrixFigures `json:"figures"`
	Sound       bool          `json:"sound"` // everything was tried, and nothing below is a flaw
	Baselines   []Baseline    `json:"baselines"`
	Rows        []MatrixRow   `json:"rules"` // in contract order, the standard's last
	Faults      []FaultRun    `json:"faults,omitempty"`
	Styles      []StyleRun    `json:"styles,omitempty"`
	Modes       []MatrixNote  `json:"modes"` // what the ways of breaking are
}

// MatrixNote says in a sentence what a name stands for.
type MatrixNote struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// NotReached is the failure of a run that an interrupt kept from being made.
const NotReached = "never reached"

// MatrixFigures sum a matrix up.
type MatrixFigures struct {
	Rules     int `json:"rules"`     // that can be broken
	Killed    int `json:"killed"`    // of them, those whose own check saw every break, and no other check an undeclared one
	Untouched int `json:"untouched"` // rules that no provider can break, or not alone, each with the reason
	Breaks    int `json:"breaks"`    // ways of breaking, over all rules
	Seen      int `json:"seen"`      // of them, those that the own check saw
	Unreached int `json:"unreached"` // of them, those that an interrupt kept from being tried
	Declared  int `json:"declared"`  // other checks that a break showed in, with a reason declared beforehand
	Stray     int `json:"stray"`     // the same, undeclared
	Cases     int `json:"cases"`     // requests or situations made for the rules
	Idle      int `json:"idle"`      // of them, those that no break made fail
	Providers int `json:"providers"` // sandboxes that were run
	Requests  int `json:"requests"`  // that they answered, or failed to

	// KillRate is Killed in a hundred of Rules.
	KillRate float64 `json:"killRate"`
}

// Baseline is a run against an unbroken provider, which everything else is held against.
type Baseline struct {
	Endpoint string   `json:"endpoint"`
	Rules    int      `json:"rules"`
	Requests int      `json:"requests"`
	Flaws    []string `json:"flaws,omitempty"` // rules that did not hold, with verdict and reason
}

// MatrixRow is one rule.
type MatrixRow struct {
	ID        string        `json:"id"`
	Ref       string        `json:"ref"`
	Endpoint  string        `json:"endpoint"`
	Kind      string        `json:"kind"`
	Text      string        `json:"text"`
	Untouched string        `json:"untouched,omitempty"` // why it was not broken
	Excused   bool          `json:"excused,omitempty"`   // and need not be
	Breaks    []MatrixBreak `json:"breaks"`
	Cases     int           `json:"cases"`          // requests or situations made for the rule
	Idle      []string      `json:"idle,omitempty"` // of them, those that no break made fail
}

// MatrixBreak is a rule broken in one way, on one endpoint.
type MatrixBreak struct {
	Mode     string      `json:"mode"`
	With     string      `json:"with,omitempty"` // another rule that was broken too: the two are tied, and each hides the other's breach
	On       string      `json:"on"`             // endpoint
	Verdict  Verdict     `json:"verdict"`
	Finding  string      `json:"finding,omitempty"` // what the own check said, or why it could not tell
	Hits     []MatrixHit `json:"hits,omitempty"`
	Cases    []string    `json:"cases,omitempty"` // of the own check, those that failed
	Requests int         `json:"requests"`
	Failure  string      `json:"failure,omitempty"` // the run itself went wrong
}

// MatrixHit is another rule that no longer stood as against the unbroken provider.
type MatrixHit struct {
	ID      string  `json:"id"`
	Ref     string  `json:"ref"`
	Was     Verdict `json:"was"`
	Verdict Verdict `json:"verdict"`
	Finding string  `json:"finding,omitempty"`
	Tie     string  `json:"tie,omitempty"` // the declared reason; a hit without one is a flaw
}

// FaultRun is a provider that misbehaves as a whole.
type FaultRun struct {
	Fault    string          `json:"fault"`
	Text     string          `json:"text"`
	Reach    string          `json:"reach"` // which of its answers are wrong
	Standing Standing        `json:"standing"`
	Counts   map[Verdict]int `json:"counts"`
	Causes   []string        `json:"causes"`
	Requests int             `json:"requests"`
	Took     time.Duration   `json:"tookNs"`
	Flaws    []string        `json:"flaws,omitempty"`
}

// StyleRun is a conformant provider of another taste.
type StyleRun struct {
	Style    string          `json:"style"`
	Text     string          `json:"text"`
	Standing Standing        `json:"standing"`
	Counts   map[Verdict]int `json:"counts"`
	Warnings []StyleWarning  `json:"warnings,omitempty"`
	Requests int             `json:"requests"`
	Flaws    []string        `json:"flaws,omitempty"`
}

// StyleWarning is something that a conformant provider does otherwise than most.
type StyleWarning struct {
	ID      string `json:"id"`
	Ref     string `json:"ref"`
	Text    string `json:"text"` // what is different
	Finding string `json:"finding"`
}

// StyleWarnings are warnings that say the same, of several rules.
type StyleWarnings struct {
	Text string
	Refs []string
}

// Grouped brings the warnings together that say the same, in the order in which they came up.
func (r *StyleRun) Grouped() []StyleWarnings {
	var all []StyleWarnings
	for _, w := range r.Warnings {
		i := slices.IndexFunc(all, func(g StyleWarnings) bool { return g.Text == w.Text })
		if i < 0 {
			i = len(all)
			all = append(all, StyleWarnings{Text: w.Text})
		}
		all[i].Refs = append(all[i].Refs, w.Ref)
	}
	return all
}
