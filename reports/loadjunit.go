package reports

import (
	"fmt"
	"io"
	"strings"
)

// WriteLoadJUnit writes load-junit.xml: a case for each threshold and one for each check of the generator itself. A
// crossed threshold is a failure; a generator that was the limit is an error, because nothing was learned of the target.
func WriteLoadJUnit(w io.Writer, l *Load) error {
	took := l.Run.Ended.Sub(l.Run.Started)
	suite := junitSuite{
		Name: "load", Time: seconds(took), Timestamp: l.Run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: junitProperties("verdict", string(l.Verdict), "run", l.Run.ID, "target", l.Target.BaseURL, "tool", l.Tool.Version),
	}
	for _, t := range l.Thresholds {
		c := junitCase{Name: xmlText(t.Text), Class: xmlText("threshold." + t.Stage), Time: "0"}
		if !t.Kept {
			suite.Failures++
			c.Failure = &junitOutcome{Message: xmlText("it was " + t.Actual), Type: "threshold", Text: xmlText(t.Text + ": " + t.Actual)}
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, s := range l.Stages {
		for _, v := range s.Validity {
			c := junitCase{Name: xmlText(v.Name), Class: xmlText("generator." + s.Name), Time: "0"}
			if v.Verdict == Fail {
				suite.Errors++
				c.Error = &junitOutcome{Message: xmlText(v.Text), Type: "generator-limited", Text: xmlText(v.Hint)}
			}
			suite.Cases = append(suite.Cases, c)
		}
	}
	c := junitCase{Name: "the run is whole", Class: "run", Time: seconds(took)}
	if l.Verdict == LoadInvalid || l.Verdict == LoadPartial {
		suite.Errors++
		c.Error = &junitOutcome{Message: string(l.Verdict), Type: string(l.Verdict), Text: xmlText(strings.Join(l.Reasons, "\n"))}
	}
	suite.Cases = append(suite.Cases, c)
	suite.Tests = len(suite.Cases)
	all := junitSuites{
		Name: l.Tool.Name, Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Time: suite.Time, Suites: []junitSuite{suite},
	}
	if err := all.write(w); err != nil {
		return fmt.Errorf("writing load-junit.xml: %w", err)
	}
	return nil
}
