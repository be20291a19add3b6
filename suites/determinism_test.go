package suites

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
)

// The same contracts, selection and seed give the same plan to the byte, also from contracts that were read anew.
func TestPlanIsTheSameToTheByte(t *testing.T) {
	one, two := builtin(t), builtin(t)
	var names, rules []string
	for _, p := range one {
		for _, e := range p.Endpoints {
			if e.Token || p.Reference {
				continue
			}
			names = append(names, e.Name())
			for _, r := range e.Rules {
				if r.Ref != "" {
					rules = append(rules, r.ID)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Selection{Copies: rapid.IntRange(2, 12).Draw(t, "copies")}
		if rapid.Bool().Draw(t, "endpoints only") {
			s.Endpoints = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, -1, rapid.ID[string]).Draw(t, "endpoints")
		} else {
			s.Rules = rapid.SliceOfNDistinct(rapid.SampledFrom(rules), 1, 9, rapid.ID[string]).Draw(t, "rules")
		}
		seed := rapid.Int64().Draw(t, "seed")
		var texts [2][]byte
		for i, providers := range [][]*contract.Provider{one, two} {
			p, err := NewPlan(providers, s, seed)
			if err != nil {
				t.Fatal(err)
			}
			if texts[i], err = json.Marshal(p.Scenarios); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(texts[0], texts[1]) {
			t.Fatal("two plans of one seed differ")
		}
	})
}

// patchy breaks a rule of every class of judgement.
func patchy() sandbox.Options {
	o := sandbox.Options{Clock: newLeapClock()}
	for _, id := range []string{
		"paydia.account-creation.body.partnerReferenceNo.unique", "paydia.account-creation.body.email.required",
		"paydia.account-creation.body.partnerReferenceNo.max",
	} {
		o.Break = append(o.Break, sandbox.Break{Rule: id})
	}
	return o
}

func verdictsOf(t testing.TB, journal string, p *Plan) ([]reports.Result, []reports.Cause) {
	t.Helper()
	e, err := ReadJournal(strings.NewReader(journal))
	if err != nil {
		t.Fatal(err)
	}
	return Judge(p, e, JudgeOptions{Waivers: []fixtures.Waiver{{Rule: "paydia.account-creation.body.email.required", Expires: "2099-12-31"}}})
}

// Judging a journal again says the same, whatever the order in which its lines came.
func TestOrderOfTheJournalDoesNotMatter(t *testing.T) {
	for name, provider := range map[string]func(*CollectOptions){
		"patchy": func(*CollectOptions) {},
		"dies": func(o *CollectOptions) {
			dead := &deadAfter{RoundTripper: o.Transport}
			dead.left.Store(200)
			o.Transport = dead
		},
		"flaky": func(o *CollectOptions) { *o = standIn(t, sandbox.Options{Clock: newLeapClock(), Fault: "flaky"}) },
	} {
		t.Run(name, func(t *testing.T) {
			var journal bytes.Buffer
			o := standIn(t, patchy())
			provider(&o)
			o.Journal = &journal
			p := planOf(t, Selection{}, 5)
			collect(t, p, o)
			shuffle(t, journal.String(), p)
		})
	}
}

func shuffle(t *testing.T, journal string, p *Plan) {
	t.Helper()
	results, causes := verdictsOf(t, journal, p)
	if !slices.ContainsFunc(results, func(r reports.Result) bool { return r.Verdict != reports.Pass && r.Verdict != reports.Skip }) {
		t.Fatal("everything passes: this proves nothing")
	}
	lines := strings.SplitAfter(strings.TrimSuffix(journal, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for n := range 4 {
		seed := rand.Uint64()
		again := slices.Clone(lines)
		if inner := again[1 : len(again)-1]; n > 0 { // the first time as it is
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(inner), func(i, j int) { inner[i], inner[j] = inner[j], inner[i] })
		}
		got, gotCauses := verdictsOf(t, strings.Join(again, ""), p)
		for i := range results {
			if !reflect.DeepEqual(results[i], got[i]) {
				t.Fatalf("shuffled with seed %d: %s is\n%+v, was\n%+v", seed, results[i].ID, got[i], results[i])
			}
		}
		if !reflect.DeepEqual(causes, gotCauses) {
			t.Fatalf("shuffled with seed %d: causes\n%+v, were\n%+v", seed, gotCauses, causes)
		}
	}
}

// How many requests are under way at once changes no verdict.
func TestConcurrencyDoesNotMatter(t *testing.T) {
	for name, o := range map[string]func() sandbox.Options{"good": sandboxOptions, "patchy": patchy} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, Selection{}, rand.Int64())
			var first []reports.Result
			for _, concurrency := range []int{1, 4, 32} {
				c := standIn(t, o())
				c.Concurrency = concurrency
				results, _ := Judge(p, collect(t, p, c), JudgeOptions{})
				if first == nil {
					first = results
				}
				for i, r := range results {
					was := first[i]
					if r.Verdict != was.Verdict || len(r.Findings) != len(was.Findings) || r.Reason != was.Reason {
						t.Errorf("seed %d, %d at once: %s is %s %q %+v, one at a time it was %s %q %+v",
							p.Seed, concurrency, r.ID, r.Verdict, r.Reason, r.Findings, was.Verdict, was.Reason, was.Findings)
					}
				}
			}
		})
	}
}
