package reports

import "time"

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
	Figures   MatrixFigures `json:"figures"`
	Sound     bool          `json:"sound"` // nothing below is a flaw
	Baselines []Baseline    `json:"baselines"`
	Rows      []MatrixRow   `json:"rules"` // in contract order, the standard's last
	Faults    []FaultRun    `json:"faults,omitempty"`
	Styles    []StyleRun    `json:"styles,omitempty"`
}

// MatrixFigures sum a matrix up.
type MatrixFigures struct {
	Rules     int `json:"rules"`     // that can be broken
	Killed    int `json:"killed"`    // of them, those whose own check saw every break, and no other check an undeclared one
	Untouched int `json:"untouched"` // rules that no provider can break, or not alone, each with the reason
	Breaks    int `json:"breaks"`    // ways of breaking, over all rules
	Seen      int `json:"seen"`      // of them, those that the own check saw
	Declared  int `json:"declared"`  // other checks that a break showed in, with a reason declared beforehand
	Stray     int `json:"stray"`     // the same, undeclared
	Cases     int `json:"cases"`     // requests or situations made for the rules
	Idle      int `json:"idle"`      // of them, those that no break made fail
	Providers int `json:"providers"` // sandboxes that were run
	Requests  int `json:"requests"`  // that they answered, or failed to
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
	On       string      `json:"on"` // endpoint
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
	Warnings []string        `json:"warnings,omitempty"`
	Requests int             `json:"requests"`
	Flaws    []string        `json:"flaws,omitempty"`
}

// Seen tells whether the own check saw the break. That nothing could be told is no sight of it.
func (b *MatrixBreak) Seen() bool {
	return b.Failure == "" && (b.Verdict == Fail || b.Verdict == Warn)
}

// Stray are the hits that nothing declares.
func (b *MatrixBreak) Stray() []MatrixHit {
	var all []MatrixHit
	for _, h := range b.Hits {
		if h.Tie == "" {
			all = append(all, h)
		}
	}
	return all
}

// Sound tells whether the break was seen by its own check and by no other but those declared.
func (b *MatrixBreak) Sound() bool { return b.Seen() && len(b.Stray()) == 0 }

// Killed tells whether the rule's check is proven: it was broken, and every break was sound.
func (r *MatrixRow) Killed() bool {
	for i := range r.Breaks {
		if !r.Breaks[i].Sound() {
			return false
		}
	}
	return len(r.Breaks) > 0
}

// Flawed tells whether the row needs work.
func (r *MatrixRow) Flawed() bool { return !r.Killed() && !r.Excused }

// Sum works the figures out, and whether the matrix is sound.
func (m *Matrix) Sum() {
	f := MatrixFigures{Providers: len(m.Baselines) + len(m.Faults) + len(m.Styles)}
	m.Sound = len(m.Rows) > 0
	for _, b := range m.Baselines {
		f.Requests += b.Requests
		m.Sound = m.Sound && len(b.Flaws) == 0
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		m.Sound = m.Sound && !r.Flawed()
		switch {
		case r.Excused:
			f.Untouched++
			continue
		case r.Killed():
			f.Killed++
		}
		f.Rules++
		f.Cases += r.Cases
		f.Idle += len(r.Idle)
		for j := range r.Breaks {
			b := &r.Breaks[j]
			f.Breaks++
			f.Providers++
			f.Requests += b.Requests
			f.Stray += len(b.Stray())
			f.Declared += len(b.Hits) - len(b.Stray())
			if b.Seen() {
				f.Seen++
			}
		}
	}
	for _, r := range m.Faults {
		f.Requests += r.Requests
		m.Sound = m.Sound && len(r.Flaws) == 0
	}
	for _, r := range m.Styles {
		f.Requests += r.Requests
		m.Sound = m.Sound && len(r.Flaws) == 0
	}
	m.Figures = f
}
