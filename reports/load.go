package reports

import (
	"encoding/json"
	"time"
)

// LoadSchema is the version of load.json.
const LoadSchema = "1.0"

// LoadVerdict is what a load run may claim.
type LoadVerdict string

// The load verdicts, strongest claim last.
const (
	LoadInvalid  LoadVerdict = "invalid"           // the numbers are not the target's: generator-limited, shards missing, wrong answers
	LoadPartial  LoadVerdict = "incomplete"        // interrupted or aborted
	LoadCrossed  LoadVerdict = "threshold-crossed" // valid, and a threshold was not kept
	LoadUnjudged LoadVerdict = "no-thresholds"     // valid, nothing was asked
	LoadKept     LoadVerdict = "thresholds-kept"
)

// Load is one load run, or several shards of one merged. Durations are nanoseconds.
type Load struct {
	Schema      string          `json:"schema"`
	Tool        Tool            `json:"tool"`
	Run         LoadRun         `json:"run"`
	Target      Target          `json:"target"`
	Profile     json.RawMessage `json:"profile"` // as resolved: what was asked for, whole
	Environment Environment     `json:"environment"`
	Stages      []LoadStage     `json:"stages"`
	Thresholds  []Threshold     `json:"thresholds,omitempty"`
	RSA         *RSA            `json:"rsa,omitempty"`
	Breakpoint  *Breakpoint     `json:"breakpoint,omitempty"`
	Verdict     LoadVerdict     `json:"verdict"`
	Reasons     []string        `json:"reasons,omitempty"` // why the run is invalid or incomplete
}

// RSA is what one RSA signature costs: access tokens and seamless signatures need them, off the hot path.
type RSA struct {
	Bits         int          `json:"bits"`
	Distribution Distribution `json:"distribution"`
}

// LoadRun is when and how.
type LoadRun struct {
	ID          string    `json:"id"`
	Seed        int64     `json:"seed"`
	Plan        string    `json:"planSHA256"` // digest of everything that shards must agree on
	Started     time.Time `json:"started"`
	Ended       time.Time `json:"ended"`
	Complete    bool      `json:"complete"`
	Interrupted string    `json:"interrupted,omitempty"`
	Shards      []Shard   `json:"shards,omitempty"`
	Repeat      int       `json:"repeat,omitempty"` // which of several equal runs this is, from 1
	Command     string    `json:"command,omitempty"`
}

// Shard is one generator's part in a run.
type Shard struct {
	Index   int           `json:"index"`
	Count   int           `json:"count"`
	Late    time.Duration `json:"lateNs"` // how much after the agreed start it began
	Planned uint64        `json:"planned"`
	Sent    uint64        `json:"sent"`
	Host    string        `json:"host,omitempty"`

	Environment *Environment `json:"environment,omitempty"` // the machine it ran on; in a merged report
}

// Environment is the machine the generator ran on.
type Environment struct {
	Cores      int     `json:"cores"`
	GOMAXPROCS int     `json:"gomaxprocs"`
	Kernel     string  `json:"kernel"`
	OS         string  `json:"os"`
	Arch       string  `json:"arch"`
	Go         string  `json:"go"`
	LoadBefore string  `json:"loadAverageBefore"`
	LoadAfter  string  `json:"loadAverageAfter"`
	FileLimit  uint64  `json:"fileLimit"`
	CPUShare   float64 `json:"cpuShare"` // of all cores, by this process during the measured part
	MaxRSS     uint64  `json:"maxRSSBytes"`
}

// LoadStage is one stage's measurements. Warm-up is in none of them.
type LoadStage struct {
	Name          string         `json:"name"`                // signing, loopback, wire
	Transport     string         `json:"transport,omitempty"` // what requests were sent with, net/http or fast; none in signing
	Started       time.Time      `json:"started"`
	Duration      time.Duration  `json:"durationNs"` // planned length of the measured part
	Planned       uint64         `json:"planned"`
	Sent          uint64         `json:"sent"`
	Succeeded     uint64         `json:"succeeded"` // by responseCode
	RateAsked     float64        `json:"rateAsked"` // mean, requests per second
	RateAchieved  float64        `json:"rateAchieved"`
	Charge        time.Duration  `json:"chargeNs"` // a request without a right answer counts as one that took at least so long
	MostUnderWay  int64          `json:"mostUnderWay"`
	Distributions []Distribution `json:"distributions"`
	Codes         []CodeCount    `json:"codes"`
	Failures      []FailureCount `json:"failures,omitempty"` // calls without an answer, by kind
	Endpoints     []LoadEndpoint `json:"endpoints"`
	Series        []Second       `json:"series"`
	SigningShare  float64        `json:"signingShare"` // of signing + request path, by mean
	Duplicates    *Duplicates    `json:"duplicates,omitempty"`
	Sampled       *Sampled       `json:"sampled,omitempty"`
	Validity      []Check        `json:"validity"`
}

// by says what requests were sent with.
func (s *LoadStage) by() string {
	switch s.Transport {
	case "":
		return ""
	case "fast":
		return " by the fast transport"
	}
	return " by " + s.Transport
}

// The names of the distributions of a stage, in the order they are shown.
const (
	ScheduleDelay  = "schedule delay"  // actual minus intended send: the generator's own lateness
	Signing        = "signing"         // unique fields, string-to-sign, HMAC
	ConnectionWait = "connection wait" // asking for a connection to having one
	RequestPath    = "request path"    // request handed to the transport to last byte of the answer
	ResponseTime   = "response time"   // intended send to last byte: what a user of an open system waits
	Connect        = "connect"         // TCP, of new connections
	TLSHandshake   = "TLS"             // of new connections
	FirstByte      = "first byte"      // request written to first byte
	BodyRead       = "body"            // first byte to last
	RSASigning     = "RSA signing"     // of one access token or seamless signature; not among a stage's
)

// Distribution is a latency distribution. HDR is the whole histogram in HdrHistogram's compressed V2 encoding, base64.
type Distribution struct {
	Name        string        `json:"name"`
	Count       uint64        `json:"count"`
	Min         time.Duration `json:"minNs"`
	Mean        time.Duration `json:"meanNs"`
	Max         time.Duration `json:"maxNs"`
	StdDev      time.Duration `json:"stdDevNs"`
	Percentiles []Percentile  `json:"percentiles"`
	HDR         string        `json:"hdr,omitempty"`
}

// At returns the value at percentile p (0 to 100), if it is listed.
func (d Distribution) At(p float64) (time.Duration, bool) {
	for _, q := range d.Percentiles {
		if q.P == p {
			return q.Value, true
		}
	}
	return 0, false
}

// Percentile is one point of a distribution; P runs from 0 to 100.
type Percentile struct {
	P     float64       `json:"p"`
	Value time.Duration `json:"ns"`
}

// CodeCount is how often a responseCode came ("" for answers without one), and how fast.
type CodeCount struct {
	Code     string        `json:"code"`
	Status   int           `json:"status"`
	Endpoint string        `json:"endpoint"`
	Count    uint64        `json:"count"`
	Success  bool          `json:"success"`
	P50      time.Duration `json:"p50Ns"`
	P99      time.Duration `json:"p99Ns"`
}

// FailureCount counts calls that brought no answer.
type FailureCount struct {
	Kind    string `json:"kind"`
	Count   uint64 `json:"count"`
	Example string `json:"example"`
}

// LoadEndpoint is one endpoint's part in a mix.
type LoadEndpoint struct {
	Name      string        `json:"name"`
	Sent      uint64        `json:"sent"`
	Succeeded uint64        `json:"succeeded"`
	P50       time.Duration `json:"p50Ns"` // of the response time
	P99       time.Duration `json:"p99Ns"`
}

// Second is one interval of the measured part, a second long unless the run is so long that there would be too many.
type Second struct {
	At        int               `json:"at"`    // seconds from the start of the measured part, by intended send
	Width     int               `json:"width"` // seconds
	Asked     uint64            `json:"asked"`
	Sent      uint64            `json:"sent"`
	Succeeded uint64            `json:"succeeded"`
	Failed    uint64            `json:"failed"`
	P50       time.Duration     `json:"p50Ns"`
	P90       time.Duration     `json:"p90Ns"`
	P99       time.Duration     `json:"p99Ns"`
	Max       time.Duration     `json:"maxNs"`
	Codes     map[string]uint64 `json:"codes,omitempty"`
}

// Duplicates says whether deliberate duplicates, sent at once, were taken exactly once.
type Duplicates struct {
	Pairs     uint64 `json:"pairs"`
	TakenOnce uint64 `json:"takenOnce"`
	Twice     uint64 `json:"takenTwice"`
	Never     uint64 `json:"neverTaken"`
	Unclear   uint64 `json:"unclear"` // one of the two brought no answer, or was refused for another reason
}

// Sampled says what the sampled answers were worth by the rules of certification.
type Sampled struct {
	Judged     uint64            `json:"judged"`
	Violations []SampleViolation `json:"violations,omitempty"`
}

// SampleViolation is one rule broken under load.
type SampleViolation struct {
	Rule    string  `json:"rule"`
	Text    string  `json:"text"` // of the first case
	Verdict Verdict `json:"verdict,omitempty"`
	Count   uint64  `json:"count"`
}

// Threshold is one demand of the profile and how it was met.
type Threshold struct {
	Text   string `json:"text"`
	Stage  string `json:"stage"`
	Actual string `json:"actual"`
	Kept   bool   `json:"kept"`
}

// Breakpoint is the result of a search for the highest arrival rate that keeps the thresholds.
type Breakpoint struct {
	Rate       float64            `json:"rate"`       // highest rate that was kept in every repeat
	Broken     float64            `json:"brokenAt"`   // lowest rate that was not; 0 when none was found
	LimitedBy  string             `json:"limitedBy"`  // "target", "generator" or "ceiling" (the profile's own)
	Ceilings   map[string]float64 `json:"ceilings"`   // what the generator itself could send, by stage
	Confidence string             `json:"confidence"` // in words
	Trials     []BreakpointTrial  `json:"trials"`
}

// BreakpointTrial is one rate tried.
type BreakpointTrial struct {
	Rate   float64 `json:"rate"`
	Kept   bool    `json:"kept"`
	Valid  bool    `json:"valid"`
	Reason string  `json:"reason,omitempty"`
}
