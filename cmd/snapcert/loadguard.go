package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

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
	schedule, err := loadprofiles.NewSchedule(p, f.seed)
	if err != nil {
		return p, err
	}
	length, rate := schedule.Length()-schedule.WarmUp(), schedule.Peak()
	if f.duration > 0 {
		length = f.duration
	}
	if f.asked > 0 {
		rate = f.asked
	}
	p.Load = []loadprofiles.Step{{Rate: loadprofiles.Rate(fmt.Sprintf("%g/1s", rate)), For: loadprofiles.Duration(length.String())}}
	if f.asked > 0 && p.WarmUp != nil {
		if warm, err := p.WarmUp.Rate.PerSecond(); err == nil && warm > rate {
			p.WarmUp.Rate = p.Load[0].Rate
		}
	}
	return p, nil
}

// guard refuses to put a host under load that was not meant. It returns how many requests may go to the target.
func (f *loadFlags) guard(p *loadprofiles.Profile, base *url.URL, provider *contract.Provider, limit targetLimit) (most uint64, err error) {
	host := strings.ToLower(base.Hostname())
	most = f.maxRequests
	if limit.requests > 0 && (most == 0 || uint64(limit.requests) < most) {
		most = uint64(limit.requests)
	}
	ceiling := f.most
	if limit.rate > 0 && (ceiling == 0 || limit.rate < ceiling) {
		ceiling = limit.rate
	}
	if !loopback(host) {
		named := func(list []string) bool {
			return slices.ContainsFunc(list, func(h string) bool { return strings.EqualFold(h, host) })
		}
		switch {
		case !named(f.allowed):
			return 0, usage("%s is not this machine: if its owner agrees to load, name it with --allow-host %s", host, host)
		case f.most == 0 || f.maxRequests == 0:
			return 0, usage("load on %s needs ceilings: --max-rate and --max-requests", host)
		case named(provider.Hosts.Production) && !named(f.production):
			return 0, usage("%s is a production host of %s; say so with --i-know-this-is-production %s", host, provider.Title, host)
		}
	}
	if limit.concurrency > 0 && p.Workers.Most > limit.concurrency {
		p.Workers.Most = limit.concurrency
		p.Workers.Start = min(p.Workers.Start, limit.concurrency)
	}
	if p.Breakpoint != nil {
		if highest, err := p.Breakpoint.Ceiling.PerSecond(); err == nil && ceiling > 0 && highest > ceiling {
			p.Breakpoint.Ceiling = loadprofiles.Rate(fmt.Sprintf("%g/1s", ceiling))
		}
		return most, nil
	}
	schedule, err := loadprofiles.NewSchedule(*p, f.seed)
	if err != nil {
		return 0, err
	}
	if peak := schedule.Peak(); ceiling > 0 && peak > ceiling {
		return 0, usage("the profile sends up to %g requests a second, and %g are allowed (--max-rate, or the target file's rate)", peak, ceiling)
	}
	if all, _ := schedule.Count(); most > 0 && all > most {
		return 0, usage("the profile sends %d requests, and %d are allowed (--max-requests, or the target file's)", all, most)
	}
	return most, nil
}

// targetLimit is what a target file allows.
type targetLimit struct {
	rate                  float64
	requests, concurrency int
	timeout               time.Duration
}

// loopback reports whether a host is this machine without any look-up.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
