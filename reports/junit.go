package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The members of JUnit's XML that CI systems read. The name of a case is its rule id, which is unique, since some systems
// keep only the first of equal names; classname is the endpoint, which is how they fold cases.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name       string          `xml:"name,attr"`
	Class      string          `xml:"classname,attr"`
	File       string          `xml:"file,attr,omitempty"`
	Line       int             `xml:"line,attr,omitempty"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failure    *junitOutcome   `xml:"failure"`
	Error      *junitOutcome   `xml:"error"`
	Skipped    *junitOutcome   `xml:"skipped"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes junit.xml. fail and stale-waiver are failures, error and inconclusive are errors, skip and not-run are
// skipped; warn and known count as passed and say why in system-out. The exact verdict is a property of every case. Waivers
// are a suite of their own.
func WriteJUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: r.Tool.Name, Time: seconds(r.Run.Ended.Sub(r.Run.Started))}
	for _, s := range sections(r) {
		if len(s.Results) == 0 {
			continue
		}
		suite := junitSuite{Name: xmlText(s.Name), Timestamp: r.Run.Started.UTC().Format("2006-01-02T15:04:05"), Properties: junitProperties(
			"standing", string(s.Standing), "service", s.Service, "page", s.Page, "run", r.Run.ID, "target", r.Target.BaseURL, "tool", r.Tool.Version)}
		var took time.Duration
		for _, res := range s.Results {
			c := newJUnitCase(res)
			suite.Tests++
			switch {
			case c.Failure != nil:
				suite.Failures++
			case c.Error != nil:
				suite.Errors++
			case c.Skipped != nil:
				suite.Skipped++
			}
			took += res.Took
			suite.Cases = append(suite.Cases, c)
		}
		suite.Time = seconds(took)
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Skipped += suite.Skipped
		all.Suites = append(all.Suites, suite)
	}
	if waived := waiverCases(r); waived.Tests > 0 {
		all.Tests += waived.Tests
		all.Failures += waived.Failures
		all.Suites = append(all.Suites, waived)
	}
	if err := all.write(w); err != nil {
		return fmt.Errorf("writing junit.xml: %w", err)
	}
	return nil
}

func (all *junitSuites) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newJUnitCase(r *Result) junitCase {
	c := junitCase{Name: xmlText(r.ID), Class: xmlText(r.Endpoint), File: xmlText(r.File), Line: r.Line, Time: seconds(r.Took), Properties: junitProperties(
		"verdict", string(r.Verdict), "ref", r.Ref, "level", r.Level, "basis", r.Basis, "cite", r.Cite, "cause", r.Cause)}
	outcome := &junitOutcome{Message: xmlText(line(r.short())), Type: string(r.Verdict), Text: xmlText(account(r))}
	switch r.Verdict {
	case Fail, StaleWaiver:
		c.Failure = outcome
	case Error, Inconclusive:
		c.Error = outcome
	case Skip, NotRun:
		outcome.Text = ""
		c.Skipped = outcome
	case Warn, Known:
		c.Out = string(r.Verdict) + ": " + outcome.Message + "\n" + outcome.Text
	case Pass:
	}
	return c
}

// account tells one result in full, as plain text.
func account(r *Result) string {
	var b strings.Builder
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, line(value))
		}
	}
	say("rule", r.Text)
	say("why", strings.TrimSpace(r.Level+", "+r.Basis+": "+r.Cite))
	say("reason", r.Reason)
	for _, f := range r.Findings {
		say("finding", f.Text)
		say("sent", f.Change)
		say("expected", f.Expected)
		say("received", f.Received)
		say("exchange", f.Exchange)
	}
	say("repeat", r.Repeat)
	return b.String()
}

// junitProperties makes properties of name and value pairs, leaving out the empty ones.
func junitProperties(pairs ...string) []junitProperty {
	var out []junitProperty
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, junitProperty{Name: pairs[i], Value: xmlText(pairs[i+1])})
		}
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
