package suites

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/reports"
)

// book is where specs find their verdicts. The judgement is made once, when the first spec asks; every spec takes its
// own rule's part of it, so that what Ginkgo shows and what a report says cannot differ.
type book struct {
	once  sync.Once
	make  func() *judgement
	byID  map[string]*reports.Result
	whole *judgement
	err   error // judging itself broke down

	mu    sync.Mutex
	asked map[string]bool
	tell  func(done int, r *reports.Result)
}

func newBook(judge func() *judgement) *book { return &book{make: judge, asked: map[string]bool{}} }

func (b *book) judgement() *judgement {
	b.once.Do(func() {
		defer func() {
			if p := recover(); p != nil {
				b.err = fmt.Errorf("%w, while judging: %v\n%s", ErrFault, p, debug.Stack())
			}
		}()
		b.whole = b.make()
		b.byID = map[string]*reports.Result{}
		for i := range b.whole.results {
			b.byID[b.whole.results[i].ID] = &b.whole.results[i]
		}
	})
	return b.whole
}

// result is the verdict on a rule. Asking for it is what makes the rule count as run.
func (b *book) result(id string) *reports.Result {
	b.judgement()
	r := b.byID[id]
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked[id] = true
	if b.tell != nil && r != nil {
		b.tell(len(b.asked), r)
	}
	return r
}

// settled are the results, those of specs that Ginkgo did not come to as not run.
func (b *book) settled(why string) *judgement {
	v := b.judgement()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range v.results {
		if r := &v.results[i]; !b.asked[r.ID] {
			r.Verdict, r.Reason, r.Findings, r.Observed, r.Cause = reports.NotRun, why, nil, nil, ""
		}
	}
	return v
}

// mountRules adds one spec a rule to the part of the tree that is being built. It depends on the plan alone.
func mountRules(rules []*contract.Rule, b *book) {
	for _, r := range rules {
		// The place in the contract file stands for the place of the spec: reports point at the row, and Ginkgo keeps the
		// order of the file.
		at := types.CodeLocation{FileName: r.Endpoint.File, LineNumber: r.Line}
		ginkgo.It(specText(r), at, ginkgo.Label(Labels(r)...), func() { judgeSpec(r.ID, b) })
	}
}

// specText names a spec. It is unique, because ids are, and stays when labels or levels change.
func specText(r *contract.Rule) string { return r.ID + " [" + r.Ref + "] " + r.Sentence() }

func judgeSpec(id string, b *book) {
	r := b.result(id)
	if r == nil {
		ginkgo.Fail("harness error: no verdict on " + id)
		return
	}
	// Whatever is handed to Ginkgo ends up in all of its reports, whatever its visibility: ids only.
	for _, f := range r.Findings {
		if f.Exchange != "" {
			ginkgo.AddReportEntry(string(f.Verdict), f.Exchange, ginkgo.ReportEntryVisibilityNever)
		}
	}
	switch r.Verdict {
	case reports.Skip, reports.NotRun:
		reason := r.Reason
		if r.Verdict == reports.NotRun {
			reason = "not run: " + reason
		}
		ginkgo.Skip(reason)
	case reports.Warn, reports.Known:
		ginkgo.AddReportEntry(string(r.Verdict), r.ID)
	}
	gomega.NewGomega(ginkgo.Fail).Expect(r).To(HaveNoViolations())
}
