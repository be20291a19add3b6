// Package loadprofiles measures the signing path and the request path of a provider's endpoints with vegeta, in an open
// model, and says what the numbers are worth.
//
// A profile, a YAML file, says how hard to push and what must hold. [Run] sends it in stages that differ only in their
// transport: "signing" is answered at once in process, "loopback" by the embedded stand-in, "wire" by the target. Requests
// come from the same contracts and the same signer as certification.
package loadprofiles

import (
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

//go:embed *.yaml
var builtin embed.FS

//go:embed profile.schema.json
var profileSchema []byte

// Schema is the JSON Schema of a profile file.
func Schema() []byte { return append([]byte(nil), profileSchema...) }

// Profile says how hard to push, and what must hold. Durations and rates are texts in the file ("30s", "50/1s").
type Profile struct {
	Name       string            `yaml:"name" json:"name"`
	About      string            `yaml:"about" json:"about"`
	Stages     []string          `yaml:"stages" json:"stages"`                         // signing, loopback, wire, in the order run
	Arrivals   string            `yaml:"arrivals,omitempty" json:"arrivals,omitempty"` // even (default) or poisson
	WarmUp     *Step             `yaml:"warm-up,omitempty" json:"warmUp,omitempty"`    // sent, not counted
	Load       []Step            `yaml:"load" json:"load"`
	Workers    Workers           `yaml:"workers,omitempty" json:"workers"`
	Transport  string            `yaml:"transport,omitempty" json:"transport"` // net/http (default) or fast
	Timeout    Duration          `yaml:"timeout,omitempty" json:"timeout"`
	TLS        TLS               `yaml:"tls,omitempty" json:"tls"`
	Mix        []Weight          `yaml:"mix,omitempty" json:"mix,omitempty"` // every endpoint of the target alike when absent
	Duplicates Percent           `yaml:"duplicates,omitempty" json:"duplicates,omitempty"`
	Sample     Percent           `yaml:"sample,omitempty" json:"sample,omitempty"` // share of answers judged by the rules of certification
	Thresholds []string          `yaml:"thresholds,omitempty" json:"thresholds,omitempty"`
	Abort      Abort             `yaml:"abort,omitempty" json:"abort"`
	Breakpoint *BreakpointSearch `yaml:"breakpoint,omitempty" json:"breakpoint,omitempty"`
}

// Step is a stretch of the load: a constant rate, a straight line from one rate to another, or stairs between them.
type Step struct {
	Rate  Rate     `yaml:"rate,omitempty" json:"rate,omitempty"`
	From  Rate     `yaml:"from,omitempty" json:"from,omitempty"`
	To    Rate     `yaml:"to,omitempty" json:"to,omitempty"`
	Steps int      `yaml:"steps,omitempty" json:"steps,omitempty"` // stairs, both ends included
	For   Duration `yaml:"for" json:"for"`
}

// Workers bounds concurrency.
type Workers struct {
	Start       int `yaml:"start,omitempty" json:"start,omitempty"`
	Most        int `yaml:"most,omitempty" json:"most,omitempty"`
	Connections int `yaml:"connections,omitempty" json:"connections,omitempty"` // per host; 0 is as many as workers
}

// TLS is how a stage over TLS connects.
type TLS struct {
	Resume bool   `yaml:"resume,omitempty" json:"resume,omitempty"` // session tickets
	Fresh  bool   `yaml:"fresh,omitempty" json:"fresh,omitempty"`   // a new connection for every request
	Min    string `yaml:"min,omitempty" json:"min,omitempty"`       // "1.2" or "1.3"
}

// Weight is an endpoint's weight in the mix.
type Weight struct {
	Endpoint string `yaml:"endpoint" json:"endpoint"`
	Weight   int    `yaml:"weight" json:"weight"`
}

// Abort ends a run early when the share of failed requests within the last Window passes Errors, once at least After were
// answered. A run on the wire that says nothing gives up at half; 100% never does.
type Abort struct {
	Errors Percent  `yaml:"errors,omitempty" json:"errors,omitempty"`
	After  int      `yaml:"after,omitempty" json:"after,omitempty"`
	Window Duration `yaml:"window,omitempty" json:"window,omitempty"`
}

// BreakpointSearch finds the highest rate that keeps the thresholds, by doubling and then bisection.
type BreakpointSearch struct {
	From    Rate     `yaml:"from" json:"from"`
	Ceiling Rate     `yaml:"ceiling" json:"ceiling"`
	For     Duration `yaml:"for" json:"for"`         // each trial
	Repeats int      `yaml:"repeats" json:"repeats"` // at the end, both below and above
	Within  Percent  `yaml:"within" json:"within"`   // stop when the bracket is this narrow
}

// Names lists the built-in profiles.
func Names() []string {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		return nil // the embedded folder always reads
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	sort.Strings(names)
	return names
}

// Open reads a profile: a built-in name, or the path of a YAML file. Faults come all at once, as file:line:column.
func Open(nameOrPath string) (Profile, error) {
	if data, err := builtin.ReadFile(nameOrPath + ".yaml"); err == nil {
		return Parse(path.Join("loadprofiles", nameOrPath+".yaml"), data)
	}
	data, err := os.ReadFile(nameOrPath)
	if err != nil {
		if !strings.ContainsAny(nameOrPath, "./\\") {
			return Profile{}, fmt.Errorf("no profile %q: want one of %s, or the path of a YAML file", nameOrPath, strings.Join(Names(), ", "))
		}
		return Profile{}, fmt.Errorf("read load profile: %w", err)
	}
	return Parse(nameOrPath, data)
}

// Parse reads a profile from a YAML text. file is used in messages.
func Parse(file string, data []byte) (Profile, error) {
	var p Profile
	if err := contract.Decode(file, data, profileSchema, &p); err != nil {
		return Profile{}, err
	}
	p.fill()
	if err := p.check(file, data); err != nil {
		return Profile{}, err
	}
	return p, nil
}

func (p *Profile) fill() {
	if p.Arrivals == "" {
		p.Arrivals = "even"
	}
	if p.Transport == "" {
		p.Transport = TransportStandard
	}
	if p.Workers.Most == 0 {
		p.Workers.Most = 256
	}
	if p.Workers.Start == 0 {
		p.Workers.Start = min(16, p.Workers.Most)
	}
	if p.Timeout == "" {
		p.Timeout = "10s"
	}
	if p.Abort.Errors == "" && slices.Contains(p.Stages, StageWire) {
		p.Abort.Errors = "50%"
	}
	if p.Abort.After == 0 {
		p.Abort.After = 100
	}
	if p.Abort.Window == "" {
		p.Abort.Window = "10s"
	}
}
