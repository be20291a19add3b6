package loadprofiles

import (
	"fmt"
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// The stages, in the order they are run.
const (
	StageSigning  = "signing"  // answered at once, in process
	StageLoopback = "loopback" // the embedded stand-in, over a loopback socket
	StageWire     = "wire"     // the target
)

// check finds what a schema cannot see. All faults come at once.
func (p *Profile) check(file string) error {
	var faults contract.Faults
	fault := func(err error) {
		if err != nil {
			faults = append(faults, contract.Fault{File: file, Line: 1, Column: 1, Message: err.Error()})
		}
	}
	for i, step := range p.Load {
		if step.Rate != "" && (step.From != "" || step.To != "") {
			fault(fmt.Errorf("load[%d]: rate and from/to exclude each other", i))
		}
		if step.Rate == "" && step.To == "" && step.From == "" {
			fault(fmt.Errorf("load[%d]: want a rate, or from and to", i))
		}
	}
	if _, err := NewSchedule(*p, 0); err != nil && p.Breakpoint == nil {
		fault(err)
	}
	for _, d := range []Duration{p.Timeout, p.Abort.Window} {
		_, err := d.Length()
		fault(err)
	}
	for _, share := range []Percent{p.Duplicates, p.Sample, p.Abort.Errors} {
		_, err := share.Share()
		fault(err)
	}
	for _, t := range p.Thresholds {
		_, err := parseDemand(t)
		fault(err)
	}
	for _, s := range p.Stages {
		if !slices.Contains([]string{StageSigning, StageLoopback, StageWire}, s) {
			fault(fmt.Errorf("stage %q: want signing, loopback or wire", s))
		}
	}
	if b := p.Breakpoint; b != nil {
		for _, r := range []Rate{b.From, b.Ceiling} {
			_, err := r.PerSecond()
			fault(err)
		}
		_, err := b.For.Length()
		fault(err)
		_, err = b.Within.Share()
		fault(err)
		if len(p.Thresholds) == 0 {
			fault(fmt.Errorf("breakpoint: without thresholds there is nothing to keep"))
		}
	} else if len(p.Load) == 0 {
		fault(fmt.Errorf("want load: or breakpoint:"))
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}
