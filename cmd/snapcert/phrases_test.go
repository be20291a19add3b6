package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// quoted is a change that is nothing but the value sent.
var quoted = regexp.MustCompile(`^[a-z]+\.\S+: "[^"]*"$`)

// english are words that give away a sentence of which only a part was known.
var english = regexp.MustCompile(`(?i)\b(the|and|or|is|are|was|of|with|must|not|by|which|that)\b`)

// An Indonesian report says in Indonesian what the tool says: every rule, every change, what was expected, why something
// was not tested. Only what is quoted from a page or an answer stays as it is.
func TestIndonesianHasAPhraseForEverySentence(t *testing.T) {
	providers, err := fixtures.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.New(sandbox.Options{Providers: providers, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	report, err := suites.Run(context.Background(), suites.Options{
		Providers: providers, Targets: s.Targets("http://127.0.0.1"), Transport: s.Transport(), Seed: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	book, err := reports.OpenPhrasebook(reports.Indonesian)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	want := func(what, text string) {
		if text == "" || asked[text] || quoted.MatchString(text) {
			return
		}
		asked[text] = true
		if said, ok := book.Say(text); !ok || said == text {
			t.Errorf("no Indonesian for the %s %q", what, text)
		} else if english.MatchString(said) {
			t.Errorf("the %s %q is only half Indonesian: %q", what, text, said)
		}
	}
	for _, r := range report.Results {
		want("rule", r.Text)
		want("reason", r.Reason)
		for _, c := range r.Cases {
			want("change", c.Change)
			want("expectation", c.Expected)
		}
		for _, f := range r.Findings {
			want("finding", f.Text)
		}
	}
	if len(asked) < 300 {
		t.Errorf("only %d sentences were asked for", len(asked))
	}
}
