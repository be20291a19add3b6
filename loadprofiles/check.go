package loadprofiles

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// The stages, in the order they are run.
const (
	StageSigning  = "signing"  // answered at once, in process
	StageLoopback = "loopback" // the embedded stand-in, over a loopback socket
	StageWire     = "wire"     // the target
)

// The transports of loopback and wire.
const (
	TransportStandard = "net/http" // when a profile names none
	TransportFast     = "fast"     // see --fast
)

// checker finds what a schema cannot see, and tells each fault with its place in the file.
type checker struct {
	file   string
	data   []byte
	faults contract.Faults
}

// at notes an error at a path of keys and indexes, or where the nearest part of it is that the file has.
func (c *checker) at(err error, path ...string) {
	if err == nil {
		return
	}
	place := contract.Place{}
	for n := len(path); n >= 0 && place.Line == 0; n-- {
		place = contract.Locate(c.data, path[:n]...)
	}
	c.faults = append(c.faults, contract.Fault{File: c.file, Line: place.Line, Column: place.Column, Message: err.Error()})
}

// check holds the profile against its own sense. All faults come at once; data is the text it was read from.
func (p *Profile) check(file string, data []byte) error {
	c := &checker{file: file, data: data}
	if p.WarmUp != nil {
		c.step(*p.WarmUp, "warm-up")
	}
	for i, step := range p.Load {
		c.step(step, "load", strconv.Itoa(i))
	}
	if len(p.Load) > 0 && len(c.faults) == 0 {
		_, err := NewSchedule(Profile{Load: p.Load}, 0)
		c.at(err, "load")
	}
	c.length(p.Timeout, "timeout")
	c.length(p.Abort.Window, "abort", "window")
	c.share(p.Duplicates, "duplicates")
	c.share(p.Sample, "sample")
	c.share(p.Abort.Errors, "abort", "errors")
	for i, t := range p.Thresholds {
		_, err := parseDemand(t)
		c.at(err, "thresholds", strconv.Itoa(i))
	}
	for i, w := range p.Mix {
		for k := range i {
			if p.Mix[k].Endpoint == w.Endpoint {
				c.at(fmt.Errorf("%s is in the mix already", w.Endpoint), "mix", strconv.Itoa(i), "endpoint")
			}
		}
	}
	if p.Workers.Start > p.Workers.Most {
		c.at(fmt.Errorf("%d workers at the start are more than %d at most", p.Workers.Start, p.Workers.Most), "workers", "start")
	}
	c.search(p)
	if len(c.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(c.faults, func(a, b contract.Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return c.faults
}

// search checks a breakpoint profile, or that there is a load to send instead.
func (c *checker) search(p *Profile) {
	b := p.Breakpoint
	switch {
	case b == nil && len(p.Load) == 0:
		c.at(errors.New("want a load or a breakpoint search"))
	case b == nil:
		return
	case len(p.Load) > 0:
		c.at(errors.New("load and breakpoint exclude each other: a search makes its own load"), "load")
	case len(p.Thresholds) == 0:
		c.at(errors.New("without thresholds there is nothing to keep"), "breakpoint")
	}
	if b == nil {
		return
	}
	from, ceiling := c.rate(b.From, "breakpoint", "from"), c.rate(b.Ceiling, "breakpoint", "ceiling")
	if from <= 0 {
		c.at(errors.New("a search begins above 0"), "breakpoint", "from")
	} else if ceiling < from {
		c.at(errors.New("the ceiling is below the rate that the search begins with"), "breakpoint", "ceiling")
	}
	if c.length(b.For, "breakpoint", "for") <= 0 {
		c.at(errors.New("a trial takes longer than 0"), "breakpoint", "for")
	}
	if c.share(b.Within, "breakpoint", "within") <= 0 {
		c.at(errors.New("a bracket is never as narrow as 0 %"), "breakpoint", "within")
	}
}

func (c *checker) step(s Step, path ...string) {
	in := func(key string) []string { return append(append([]string(nil), path...), key) }
	switch line := s.From != "" || s.To != ""; {
	case s.Rate != "" && line:
		c.at(errors.New("rate and from/to exclude each other"), in("rate")...)
	case s.Rate == "" && (s.From == "" || s.To == ""):
		c.at(errors.New("want a rate, or from and to"), path...)
	case s.Rate != "" && s.Steps > 0:
		c.at(errors.New("steps lead from one rate to another: want from and to instead of rate"), in("steps")...)
	}
	c.rate(s.Rate, in("rate")...)
	c.rate(s.From, in("from")...)
	c.rate(s.To, in("to")...)
	c.length(s.For, in("for")...)
}

func (c *checker) rate(r Rate, path ...string) float64 {
	v, err := r.PerSecond()
	c.at(err, path...)
	return v
}

func (c *checker) length(d Duration, path ...string) float64 {
	v, err := d.Length()
	c.at(err, path...)
	return v.Seconds()
}

func (c *checker) share(s Percent, path ...string) float64 {
	v, err := s.Share()
	c.at(err, path...)
	return v
}
