package loadprofiles

import (
	"fmt"
	"sort"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// render is a stage as reported.
func (m *measures) render(demands []demand) reports.LoadStage {
	stage := reports.LoadStage{
		Name: m.stage, Started: m.own.started, Duration: m.length, Planned: m.planned, Sent: m.sent, Succeeded: m.succeeded,
		RateAsked: float64(m.planned) / m.length.Seconds(), Charge: m.charge,
		Codes: m.sortedCodes(), Series: m.series.rows(), Sampled: m.sampled, Validity: m.validity(demands), MostUnderWay: m.own.mostBusy,
	}
	stage.RateAchieved = stage.RateAsked * m.achieved()
	for _, name := range distributionNames {
		if h := m.histograms[name]; h.TotalCount() > 0 {
			stage.Distributions = append(stage.Distributions, distribution(name, h))
		}
	}
	for i, t := range m.endpoints {
		stage.Endpoints = append(stage.Endpoints, reports.LoadEndpoint{
			Name: m.subjects[i], Sent: t.count, Succeeded: t.succeeded,
			P50: time.Duration(t.times.ValueAtQuantile(50)), P99: time.Duration(t.times.ValueAtQuantile(99)),
		})
	}
	for _, f := range m.failures {
		stage.Failures = append(stage.Failures, *f)
	}
	sort.Slice(stage.Failures, func(i, j int) bool { return stage.Failures[i].Kind < stage.Failures[j].Kind })
	signing, path := m.histograms[reports.Signing].Mean(), m.histograms[reports.RequestPath].Mean()
	if signing+path > 0 {
		stage.SigningShare = signing / (signing + path)
	}
	if d := m.duplicates; d.Pairs > 0 || len(m.pending) > 0 {
		d.Unclear += uint64(len(m.pending)) // the other half was never sent
		d.Pairs += uint64(len(m.pending))
		stage.Duplicates = &d
	}
	return stage
}

// demandsOf parses a profile's thresholds.
func demandsOf(p Profile) ([]demand, error) {
	var list []demand
	for _, text := range p.Thresholds {
		d, err := parseDemand(text)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// thresholds holds the profile's demands against the last stage, the one nearest to the target: those before it are the
// yardstick. Two demands need no writing down: a deliberate duplicate is taken once, and sampled answers keep the rules
// that certification fails a provider for.
func (m *measures) thresholds(demands []demand, validity []reports.Check) []reports.Threshold {
	var list []reports.Threshold
	for _, d := range demands {
		actual, kept := d.holds(m)
		if d.of == reports.ScheduleDelay && d.percentile == 99 && m.sent > 0 { // judged with the generator, where chance is allowed for
			kept = validity[0].Verdict == reports.Pass
		}
		list = append(list, reports.Threshold{Text: d.text, Stage: m.stage, Actual: actual, Kept: kept})
	}
	if len(demands) == 0 {
		return nil
	}
	if d := m.duplicates; d.Pairs > 0 && m.stage != StageSigning {
		list = append(list, reports.Threshold{
			Text: "no deliberate duplicate is taken twice", Stage: m.stage,
			Actual: fmt.Sprintf("%d of %d pairs were", d.Twice, d.Pairs), Kept: d.Twice == 0,
		})
	}
	if s := m.sampled; s != nil && s.Judged > 0 {
		var broken uint64
		for _, v := range s.Violations {
			if v.Verdict == reports.Fail {
				broken++
			}
		}
		list = append(list, reports.Threshold{
			Text: "sampled answers keep the rules of certification", Stage: m.stage,
			Actual: fmt.Sprintf("%d rules broken in %d answers", broken, s.Judged), Kept: broken == 0,
		})
	}
	return list
}
