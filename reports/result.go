// Package reports holds what was seen: the typed results of a run and every rendering of them. It knows nothing of how
// they came about.
package reports

import "time"

// Verdict is what a run says of one rule.
type Verdict string

// The verdicts, see the README for their effect.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Warn         Verdict = "warn"
	Skip         Verdict = "skip"
	Inconclusive Verdict = "inconclusive"
	Error        Verdict = "error"
	Known        Verdict = "known"        // a failure that is waived
	StaleWaiver  Verdict = "stale-waiver" // a waived rule passed; Report.Waivers has those that are stale for another reason
	NotRun       Verdict = "not-run"
)

// Verdicts in the order they are printed.
var Verdicts = []Verdict{Fail, StaleWaiver, Error, Inconclusive, NotRun, Warn, Known, Skip, Pass}

// Standing is the verdict on an endpoint or a whole run.
type Standing string

// The standings.
const (
	Conformant    Standing = "conformant"
	Partial       Standing = "partial" // nothing failed, but a mandatory rule was skipped
	NotConformant Standing = "not-conformant"
	CouldNotTell  Standing = "could-not-tell"
	IncompleteRun Standing = "incomplete"
)

// Schema is the version of report.json; it grows by adding members, and changes its first number otherwise.
const Schema = "1.0"

// Report is one certification run.
type Report struct {
	Schema    string     `json:"schema"`
	Tool      Tool       `json:"tool"`
	Run       Run        `json:"run"`
	Target    Target     `json:"target"`
	Parties   Parties    `json:"parties,omitzero"`
	Contracts []Contract `json:"contracts"`
	Standing  Standing   `json:"standing"`
	Endpoints []Endpoint `json:"endpoints"`
	Results   []Result   `json:"results"` // one a rule, in contract order
	Causes    []Cause    `json:"causes,omitempty"`
	Waivers   []Waiver   `json:"waivers,omitempty"`
	Preflight []Check    `json:"preflight,omitempty"`
}

// Tool is the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Go      string `json:"go"`
}

// Run is when and how.
type Run struct {
	ID          string    `json:"id"`
	Seed        int64     `json:"seed"`
	Started     time.Time `json:"started"`
	Ended       time.Time `json:"ended"`
	Complete    bool      `json:"complete"`
	Interrupted string    `json:"interrupted,omitempty"` // why it is not complete
	Strict      bool      `json:"strict"`
	Selection   string    `json:"selection,omitempty"` // label filter and rules, when not everything
	Narrowed    bool      `json:"narrowed,omitempty"`  // rules were chosen by name or label: no verdict on an endpoint as a whole
	Requests    int       `json:"requests"`
	Command     string    `json:"command,omitempty"` // what repeats this run, without the rule selection
}

// Parties are the people and firms the papers name. All of it is free text that the user gives; nothing is derived from it.
type Parties struct {
	Provider string `json:"provider,omitempty"` // the firm that offers the endpoints (Penyedia Layanan)
	User     string `json:"user,omitempty"`     // the firm that calls them (Pengguna Layanan)
	Tester   string `json:"tester,omitempty"`   // the person who ran the tests
	Role     string `json:"role,omitempty"`     // that person's position
}

// Target is what was certified. It holds no secret.
type Target struct {
	Name     string   `json:"name"` // "embedded sandbox", or the target file's name
	BaseURL  string   `json:"baseURL"`
	Embedded bool     `json:"embedded"`
	Build    string   `json:"build,omitempty"` // what the provider says is deployed there; free text
	TLSLeaf  string   `json:"tlsLeafSHA256,omitempty"`
	Provider []string `json:"providers"`
}

// Contract is one provider's data as used.
type Contract struct {
	Provider string `json:"provider"`
	Digest   string `json:"sha256"`
}

// Endpoint sums up one endpoint.
type Endpoint struct {
	Name     string          `json:"name"`
	Title    string          `json:"title"`
	Service  string          `json:"service"`
	Page     string          `json:"page"`
	Standing Standing        `json:"standing"`
	Counts   map[Verdict]int `json:"counts"`
	Controls string          `json:"controls,omitempty"` // what went wrong with the positive controls
	Standard bool            `json:"standard,omitempty"` // no endpoint: the standard's own rules, judged where the pages are silent
}

// Result is the verdict on one rule, with everything a reader needs to act on it.
type Result struct {
	ID       string   `json:"id"`
	Ref      string   `json:"ref"`
	Endpoint string   `json:"endpoint"`
	Where    string   `json:"where"`
	Item     string   `json:"item"`
	Kind     string   `json:"kind"`
	Text     string   `json:"text"` // the rule in one sentence
	Level    string   `json:"level"`
	Basis    string   `json:"basis"`
	Cite     string   `json:"cite"`
	Note     string   `json:"note,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	State    string   `json:"state"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`

	Verdict       Verdict       `json:"verdict"`
	Reason        string        `json:"reason,omitempty"`        // for skip, inconclusive, error, not-run: why; one sentence
	NotApplicable bool          `json:"notApplicable,omitempty"` // skipped because nothing here is what the rule is about
	Findings      []Finding     `json:"findings,omitempty"`
	Observed      []string      `json:"observed,omitempty"` // what a provider chose where several answers are right
	Cases         []Case        `json:"cases,omitempty"`
	Cause         string        `json:"cause,omitempty"` // id of the root cause it is grouped under
	Repeat        string        `json:"repeat,omitempty"`
	Took          time.Duration `json:"tookNs,omitempty"` // of its exchanges
}

// Finding is one violation.
type Finding struct {
	Verdict  Verdict `json:"verdict"` // fail or warn
	Case     string  `json:"case,omitempty"`
	Change   string  `json:"change,omitempty"` // the one change that was sent
	Expected string  `json:"expected"`
	Received string  `json:"received"`
	Text     string  `json:"text"` // what is wrong, one sentence
	Exchange string  `json:"exchange,omitempty"`
}

// Case is one scenario that gave evidence for a rule.
type Case struct {
	ID        string   `json:"id"`
	Change    string   `json:"change"`
	Expected  string   `json:"expected"`
	Received  string   `json:"received"`
	Verdict   Verdict  `json:"verdict"`
	Exchanges []string `json:"exchanges"`
}

// Cause groups results that one thing explains.
type Cause struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"` // one sentence
	Results []string `json:"results"`
}

// Waiver is one line of the target file's waivers and what became of it.
type Waiver struct {
	Rule    string `json:"rule"`
	Code    string `json:"code,omitempty"`
	Owner   string `json:"owner"`
	Reason  string `json:"reason"`
	Ticket  string `json:"ticket"`
	Expires string `json:"expires"`
	State   string `json:"state"` // used, or why it is stale
}

// Check is one preflight check.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
	Hint    string  `json:"hint,omitempty"`
}
