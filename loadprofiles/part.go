package loadprofiles

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// PartSchema is the version of a part's file.
const PartSchema = "1.0"

// Part is what one generator measured: the whole run, or one shard of it. Histograms are whole, so that merging parts
// loses nothing.
type Part struct {
	Schema      string              `json:"schema"`
	Tool        reports.Tool        `json:"tool"`
	Run         reports.LoadRun     `json:"run"`
	Shard       reports.Shard       `json:"shard"`
	Target      reports.Target      `json:"target"`
	Profile     Profile             `json:"profile"`
	Environment reports.Environment `json:"environment"`
	RSA         *reports.RSA        `json:"rsa,omitempty"`
	Breakpoint  *reports.Breakpoint `json:"breakpoint,omitempty"`
	Stages      []stagePart         `json:"stages"`

	measured []*measures
}

// stagePart is the form in which measures are kept.
type stagePart struct {
	Stage      string                          `json:"stage"`
	Subjects   []string                        `json:"subjects"`
	Length     time.Duration                   `json:"lengthNs"`
	Charge     time.Duration                   `json:"chargeNs"`
	Planned    uint64                          `json:"planned"`
	Sent       uint64                          `json:"sent"`
	Succeeded  uint64                          `json:"succeeded"`
	LastSent   int64                           `json:"lastSentNs"`
	Histograms map[string]string               `json:"histograms"`
	Codes      []codePart                      `json:"codes"`
	Failures   map[string]reports.FailureCount `json:"failures,omitempty"`
	Endpoints  []tallyPart                     `json:"endpoints"`
	Width      time.Duration                   `json:"widthNs"`
	Series     []intervalPart                  `json:"series"`
	Duplicates reports.Duplicates              `json:"duplicates"`
	Halves     map[uint64]outcome              `json:"halves,omitempty"` // pairs whose other half is another shard's
	Sampled    *reports.Sampled                `json:"sampled,omitempty"`
	Own        ownPart                         `json:"generator"`
}

type codePart struct {
	Subject int    `json:"subject"`
	Status  int    `json:"status"`
	Code    string `json:"code"`
	tallyPart
}

type tallyPart struct {
	Count     uint64 `json:"count"`
	Succeeded uint64 `json:"succeeded,omitempty"`
	Success   bool   `json:"success,omitempty"`
	Times     string `json:"times,omitempty"`
}

type intervalPart struct {
	Asked     uint64            `json:"asked"`
	Sent      uint64            `json:"sent"`
	Succeeded uint64            `json:"succeeded"`
	Failed    uint64            `json:"failed,omitempty"`
	Times     string            `json:"times,omitempty"`
	Codes     map[string]uint64 `json:"codes,omitempty"`
}

type ownPart struct {
	Started  time.Time     `json:"started"`
	Late     time.Duration `json:"lateNs"`
	CPU      float64       `json:"cpuShare"`
	MostBusy int64         `json:"mostUnderWay"`
	Workers  int           `json:"workers"`
	Held     uint64        `json:"foundAllBusy"`
	Waited   string        `json:"waited,omitempty"`
	Dropped  uint64        `json:"leftOutOfResults,omitempty"`
	Aborted  string        `json:"aborted,omitempty"`
	Cut      bool          `json:"cut,omitempty"`
}

func pack(m *measures) stagePart {
	p := stagePart{
		Stage: m.stage, Subjects: m.subjects, Length: m.length, Charge: m.charge, Planned: m.planned, Sent: m.sent,
		Succeeded: m.succeeded, LastSent: m.lastSent, Histograms: map[string]string{}, Failures: map[string]reports.FailureCount{},
		Width: m.series.width, Duplicates: m.duplicates, Halves: m.pending, Sampled: m.sampled,
		Own: ownPart{
			Started: m.own.started, Late: m.own.late, CPU: m.own.cpu, MostBusy: m.own.mostBusy, Workers: m.own.workers, Held: m.own.held,
			Waited: encode(m.own.waited), Dropped: m.own.dropped, Aborted: m.own.aborted, Cut: m.own.cut,
		},
	}
	for name, h := range m.histograms {
		if text := encode(h); text != "" {
			p.Histograms[name] = text
		}
	}
	for key, t := range m.codes {
		p.Codes = append(p.Codes, codePart{key.subject, key.status, key.code, packTally(t)})
	}
	slices.SortFunc(p.Codes, func(a, b codePart) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Status, b.Status))
	})
	for kind, f := range m.failures {
		p.Failures[kind] = *f
	}
	for _, t := range m.endpoints {
		p.Endpoints = append(p.Endpoints, packTally(t))
	}
	for _, v := range m.series.intervals {
		p.Series = append(p.Series, intervalPart{v.asked, v.sent, v.succeeded, v.failed, v.text(), v.codes})
	}
	return p
}

func packTally(t *tally) tallyPart {
	return tallyPart{Count: t.count, Succeeded: t.succeeded, Success: t.success, Times: encode(t.times)}
}

// unpack is the reverse of pack. Text that is no histogram is an error.
func (p stagePart) unpack() (*measures, error) {
	m := newMeasures(p.Stage, p.Subjects, p.Length, p.Charge)
	m.planned, m.sent, m.succeeded, m.lastSent = p.Planned, p.Sent, p.Succeeded, p.LastSent
	m.duplicates, m.sampled = p.Duplicates, p.Sampled
	m.own = own{
		started: p.Own.Started, late: p.Own.Late, cpu: p.Own.CPU, mostBusy: p.Own.MostBusy, workers: p.Own.Workers, held: p.Own.Held,
		waited: newCoarse(), dropped: p.Own.Dropped, aborted: p.Own.Aborted, cut: p.Own.Cut,
	}
	bad := []error{decode(m.own.waited, p.Own.Waited)}
	for name, text := range p.Histograms {
		if m.histograms[name] == nil {
			return nil, fmt.Errorf("stage %s has a distribution %q, which this version does not know", p.Stage, name)
		}
		bad = append(bad, decode(m.histograms[name], text))
	}
	if len(p.Endpoints) != len(p.Subjects) || m.series.width != p.Width || len(m.series.intervals) != len(p.Series) {
		return nil, fmt.Errorf("stage %s: its tables do not fit its length and endpoints", p.Stage)
	}
	for i, t := range p.Endpoints {
		bad = append(bad, t.into(m.endpoints[i]))
	}
	for _, c := range p.Codes {
		if c.Subject < 0 || c.Subject >= len(p.Subjects) {
			return nil, fmt.Errorf("stage %s: a code of no endpoint", p.Stage)
		}
		t := &tally{times: newCoarse()}
		bad = append(bad, c.into(t))
		m.codes[codeKey{c.Subject, c.Status, c.Code}] = t
	}
	for kind, f := range p.Failures {
		m.failures[kind] = &f
	}
	for i, v := range p.Series {
		m.series.intervals[i] = &interval{asked: v.Asked, sent: v.Sent, succeeded: v.Succeeded, failed: v.Failed, folded: v.Times, codes: v.Codes}
		if v.Times != "" {
			_, err := hdr.Decode([]byte(v.Times))
			bad = append(bad, err)
		}
	}
	for n, o := range p.Halves {
		m.pending[n] = o
	}
	if err := errors.Join(bad...); err != nil {
		return nil, fmt.Errorf("stage %s: read histograms: %w", p.Stage, err)
	}
	return m, nil
}

func (p tallyPart) into(t *tally) error {
	t.count, t.succeeded, t.success = p.Count, p.Succeeded, p.Success
	return decode(t.times, p.Times)
}

// WritePart writes a part to a file that must not exist yet: a shard that runs twice is not counted twice.
func WritePart(path string, p *Part) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("write shard: %s is there already; a shard is sent once, and a new run needs a new folder", path)
	}
	if err != nil {
		return fmt.Errorf("write shard: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, m := range p.measured[len(p.Stages):] {
		p.Stages = append(p.Stages, pack(m))
	}
	if err := json.NewEncoder(f).Encode(p); err != nil {
		return fmt.Errorf("write shard: %w", err)
	}
	return nil
}

// ReadPart reads what WritePart wrote.
func ReadPart(from io.Reader) (*Part, error) {
	var p Part
	if err := json.NewDecoder(from).Decode(&p); err != nil {
		return nil, fmt.Errorf("read shard: %w", err)
	}
	if p.Schema != PartSchema {
		return nil, fmt.Errorf("read shard: its format is %q, and %s is known", p.Schema, PartSchema)
	}
	for _, s := range p.Stages {
		m, err := s.unpack()
		if err != nil {
			return nil, fmt.Errorf("read shard: %w", err)
		}
		p.measured = append(p.measured, m)
	}
	return &p, nil
}
