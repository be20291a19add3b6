package suites

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/snapcert/snapcert/reports"
)

// Register adds the certification of a target to the caller's own Ginkgo suite, one spec a rule:
//
//	var _ = suites.Register(suites.Options{Providers: providers, Targets: targets})
//
// Requests are sent once, before the first spec, also when the suite runs in several processes: the others are handed
// the evidence and judge it for themselves. A suite has room for one set-up of this kind; one that has its own takes
// [NewSuite] instead. The result is always true.
func Register(o Options) bool {
	s := NewSuite(o)
	ginkgo.SynchronizedBeforeSuite(func(ctx ginkgo.SpecContext) []byte {
		evidence, err := s.Collect(ctx)
		if err != nil {
			ginkgo.Fail("collect evidence: " + err.Error())
		}
		return evidence
	}, func(_ ginkgo.SpecContext, evidence []byte) {
		if err := s.Load(evidence); err != nil {
			ginkgo.Fail("read evidence: " + err.Error())
		}
	})
	s.Specs()
	return true
}

// Suite is a certification inside somebody else's Ginkgo suite, for those who call its parts themselves: Specs while the
// tree is built, Collect once in one process, Load with what Collect gave in every process.
type Suite struct {
	options  Options
	plan     *Plan // of what the label filter leaves
	planErr  error
	planned  bool
	evidence *Evidence
	book     *book
}

// NewSuite does nothing yet but keep the options.
func NewSuite(o Options) *Suite {
	s := &Suite{options: o}
	s.book = newBook(func() *judgement { return judgeAll(s.plan, s.evidence, s.options.judging()) })
	return s
}

// Specs adds the specs to the tree that is being built. They depend on the contracts alone; nothing is sent.
func (s *Suite) Specs() {
	ginkgo.Describe("snapcert "+s.options.targetInfo().Name, func() {
		plan, err := NewPlan(s.options.Providers, s.options.Selection, s.options.Seed)
		if err == nil {
			err = distinct(plan)
		}
		if err != nil {
			ginkgo.It("plans what it certifies", func() { ginkgo.Fail(err.Error()) })
			return
		}
		mountRules(plan.Rules, s.book)
	})
}

// narrow plans once, as late as possible: only then has Ginkgo read its flags, and a label filter saves the requests of
// all rules that it leaves out.
func (s *Suite) narrow() (*Plan, error) {
	if s.planned {
		return s.plan, s.planErr
	}
	s.planned = true
	s.plan, s.planErr = NewPlan(s.options.Providers, s.options.Selection, s.options.Seed)
	suite, _ := ginkgo.GinkgoConfiguration()
	if s.planErr != nil || suite.LabelFilter == "" {
		return s.plan, s.planErr
	}
	filter, err := types.ParseLabelFilter(suite.LabelFilter)
	if err != nil {
		s.planErr = fmt.Errorf("label filter %q: %w", suite.LabelFilter, err)
		return nil, s.planErr
	}
	selection := s.options.Selection
	selection.Rules, selection.LabelFilter = nil, ""
	for _, r := range s.plan.Rules {
		if filter(Labels(r)) {
			selection.Rules = append(selection.Rules, r.ID)
		}
	}
	if len(selection.Rules) > 0 { // otherwise the filter is about labels of the caller's
		s.plan, s.planErr = NewPlan(s.options.Providers, selection, s.options.Seed)
		s.options.Selection = selection
	}
	return s.plan, s.planErr
}

// Collect sends the requests and returns the evidence as a journal.
func (s *Suite) Collect(ctx context.Context) ([]byte, error) {
	plan, err := s.narrow()
	if err != nil {
		return nil, err
	}
	var kept bytes.Buffer
	o := s.options.collecting()
	o.Selection = s.options.Selection
	o.Journal = &kept
	if s.options.Journal != nil {
		o.Journal = io.MultiWriter(&kept, s.options.Journal)
	}
	if _, err := Collect(ctx, plan, o); err != nil {
		return nil, err
	}
	return kept.Bytes(), nil
}

// Load takes the evidence that the specs are to judge.
func (s *Suite) Load(journal []byte) error {
	if _, err := s.narrow(); err != nil {
		return err
	}
	evidence, err := ReadJournal(bytes.NewReader(journal))
	if err != nil {
		return err
	}
	if digest := s.plan.Digest(); evidence.PlanDigest != "" && evidence.PlanDigest != digest {
		return fmt.Errorf("the evidence belongs to another plan (%.8s, not %.8s)", evidence.PlanDigest, digest)
	}
	s.evidence = evidence
	return nil
}

// Report sums up what was judged. It is nil before Load.
func (s *Suite) Report() *reports.Report {
	if s.evidence == nil {
		return nil
	}
	return s.options.summary(s.plan, s.evidence, s.book.judgement())
}
