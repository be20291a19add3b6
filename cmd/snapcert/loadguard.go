package main

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/loadprofiles"
)

// read is the profile with what the flags say instead of it.
func (f *loadFlags) read() (loadprofiles.Profile, error) {
	p, err := loadprofiles.Open(f.profile)
	if err != nil {
		return p, err
	}
	if f.fast {
		p.Transport = loadprofiles.TransportFast
	}
	if p.Breakpoint != nil {
		if f.asked > 0 {
			return p, usage("a breakpoint search finds the rate itself; --duration is the length of its trials")
		}
		if f.duration > 0 {
			p.Breakpoint.For = loadprofiles.Duration(f.duration.String())
		}
		return p, nil
	}
	if f.asked == 0 && f.duration == 0 {
		return p, nil
	}
	return p.Scaled(f.asked, f.duration)
}

// allowance is what each run may send to the target; 0 is no limit.
type allowance struct {
	requests uint64
	rate     float64
}

// guard refuses more load than the flags and the target file allow.
func (f *loadFlags) guard(p *loadprofiles.Profile, limit targetLimit) (allowance, error) {
	most := f.maxRequests
	if limit.requests > 0 && (most == 0 || uint64(limit.requests) < most) {
		most = uint64(limit.requests)
	}
	if most > 0 && most < uint64(f.repeat) {
		return allowance{}, usage("%d runs cannot share %d requests (--max-requests, or the target file's)", f.repeat, most)
	}
	most /= uint64(f.repeat)
	ceiling := f.most
	if limit.rate > 0 && (ceiling == 0 || limit.rate < ceiling) {
		ceiling = limit.rate
	}
	if limit.concurrency > 0 && p.Workers.Most > limit.concurrency {
		p.Workers.Most = limit.concurrency
		p.Workers.Start = min(p.Workers.Start, limit.concurrency)
	}
	if p.Breakpoint != nil {
		if highest, err := p.Breakpoint.Ceiling.PerSecond(); err == nil && ceiling > 0 && highest > ceiling {
			p.Breakpoint.Ceiling = loadprofiles.PerSecond(ceiling)
		}
		return allowance{most, ceiling}, nil
	}
	schedule, err := loadprofiles.NewSchedule(*p, f.seed)
	if err != nil {
		return allowance{}, err
	}
	if peak := schedule.Peak(); ceiling > 0 && peak > ceiling {
		return allowance{}, usage("the profile sends up to %g requests a second, and %g are allowed (--max-rate, or the target file's rate)", peak, ceiling)
	}
	if all, _ := schedule.Count(); most > 0 && all > most {
		return allowance{}, usage("the profile sends %d requests, and %d are allowed for each of %d runs (--max-requests, or the target file's)", all, most, f.repeat)
	}
	return allowance{most, ceiling}, nil
}

// allow refuses a host that is not this machine unless it was named, with ceilings, and a host that looks like production
// unless that was said as well. providers are all whose hosts are known, whatever provider the target says it is.
func (f *loadFlags) allow(base string, providers []*contract.Provider) error {
	u, err := url.Parse(base)
	if err != nil {
		return usage("%s is no URL: %w", base, err)
	}
	host := strings.ToLower(u.Hostname())
	if loopback(host) {
		return nil
	}
	in := func(list []string) bool {
		return slices.ContainsFunc(list, func(h string) bool { return strings.EqualFold(h, host) })
	}
	if !in(f.allowed) {
		return usage("%s is not this machine: if its owner agrees to load, name it with --allow-host %s", host, host)
	}
	if f.most == 0 || f.maxRequests == 0 {
		return usage("load on %s needs ceilings: --max-rate and --max-requests", host)
	}
	for _, p := range providers {
		if p.Hosts.LooksProduction(host) && !in(f.production) {
			return usage("%s looks like a production host of %s; if it is meant all the same, say so with --i-know-this-is-production %s", host, p.Title, host)
		}
	}
	return nil
}

// targetLimit is what a target file allows.
type targetLimit struct {
	rate                  float64
	requests, concurrency int
}

// loopback reports whether a host is this machine without any look-up.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
