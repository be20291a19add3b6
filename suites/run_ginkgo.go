package suites

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
)

// oneSuite lets runs take turns: Ginkgo keeps its suite in globals.
var oneSuite sync.Mutex

// failer is all that Ginkgo asks of a test.
type failer struct{}

func (failer) Fail() {}

// behindSpecs judges the evidence with one Ginkgo spec a rule, in this process.
func behindSpecs(ctx context.Context, plan *Plan, evidence *Evidence, o Options) (*judgement, error) {
	if err := distinct(plan); err != nil { // Ginkgo would end the process instead of returning an error
		return nil, err
	}
	b := newBook(func() *judgement { return judgeAll(plan, evidence, o.judging()) })
	b.tell = o.tell(len(plan.Rules))

	oneSuite.Lock()
	defer oneSuite.Unlock()
	globals.Reset()
	defer globals.Reset()
	console := formatter.ColorableStdOut
	formatter.ColorableStdOut = io.Discard
	defer func() { formatter.ColorableStdOut = console }()

	ginkgo.Describe("snapcert "+o.targetInfo().Name, func() { mountRules(plan.Rules, b) })
	ginkgo.RunSpecs(failer{}, "snapcert", o.suiteConfig(), o.reporterConfig())
	if !o.KeepSignals {
		signal.Reset(os.Interrupt, syscall.SIGTERM)
	}
	if b.judgement(); b.err != nil {
		return nil, b.err
	}
	if ctx.Err() != nil {
		return b.settled("the run was interrupted before this rule was judged"), nil
	}
	return b.settled("Ginkgo did not run the spec"), nil
}

// suiteConfig is made anew for every run: Ginkgo remembers the last one.
func (o *Options) suiteConfig() types.SuiteConfig {
	c := types.NewDefaultSuiteConfig()
	c.RandomSeed = o.Seed
	c.FailOnEmpty = true
	return c
}

func (o *Options) reporterConfig() types.ReporterConfig {
	c := types.NewDefaultReporterConfig()
	c.NoColor, c.Succinct = true, true
	c.JSONReport, c.JUnitReport = o.GinkgoJSON, o.GinkgoJUnit
	return c
}

// distinct says which two rules have one id; specs must not share a text.
func distinct(plan *Plan) error {
	seen := map[string]bool{}
	for _, r := range plan.Rules {
		if seen[r.ID] {
			return fmt.Errorf("two rules are called %s", r.ID)
		}
		seen[r.ID] = true
	}
	return nil
}
