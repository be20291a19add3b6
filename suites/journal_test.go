package suites

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/snapcert/snapcert/fixtures/sandbox"
	"github.com/snapcert/snapcert/fixtures/snap"
)

func writtenJournal(t testing.TB, exchanges int, interrupted string) (*bytes.Buffer, *Evidence) {
	t.Helper()
	var w bytes.Buffer
	j := newJournal(&w, Header{Version: EvidenceVersion, RunID: "r", Seed: 3, Started: time.Unix(1e9, 0).UTC(), PlanDigest: "d",
		Selection: Selection{Rules: []string{"P-028"}}})
	for i := range exchanges {
		j.exchange(&snap.Exchange{ID: ExchangeID("s", i, 0), Endpoint: "a.b", Sent: snap.Sent{Method: "POST", URL: "http://a/", Header: []snap.Field{}},
			Got: &snap.Response{Status: 200, Header: []snap.Field{{Name: "A", Value: "{masked:3:0123456789ab}"}}, Body: "{\"a\":\"\u2028é\"}"}})
	}
	j.note(Note{Kind: NoteSkipped, Endpoint: "a.b", Scenario: "s2", Text: "no account"})
	e, err := j.close(time.Unix(1e9+1, 0).UTC(), interrupted)
	if err != nil {
		t.Fatal(err)
	}
	return &w, e
}

func TestJournalRoundTrip(t *testing.T) {
	for _, interrupted := range []string{"", "the run was interrupted"} {
		w, want := writtenJournal(t, 3, interrupted)
		got, err := ReadJournal(w)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read back\n%+v, want\n%+v", got, want)
		}
	}
}

// A run can be killed at any byte. What was written before counts, and the evidence never passes for complete.
func TestJournalKilledAtAnyByte(t *testing.T) {
	w, _ := writtenJournal(t, 3, "")
	whole := w.String()
	header := strings.IndexByte(whole, '\n')
	for n := range len(whole) {
		e, err := ReadJournal(strings.NewReader(whole[:n]))
		if n < header {
			if err == nil {
				t.Fatalf("cut at %d of the header: no error", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if e.Complete && n < len(whole)-1 {
			t.Fatalf("cut at %d of %d: complete", n, len(whole))
		}
		if got, most := len(e.Exchanges), strings.Count(whole[:n], "\n"); got > most {
			t.Fatalf("cut at %d: %d exchanges from %d lines", n, got, most)
		}
		atEnd := whole[n-1] == '\n' || whole[n] == '\n'
		if e.Torn == atEnd {
			t.Fatalf("cut at %d: torn %v", n, e.Torn)
		}
	}
}

func TestJournalIsReadStrictly(t *testing.T) {
	w, _ := writtenJournal(t, 2, "")
	lines := strings.SplitAfter(strings.TrimSuffix(w.String(), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	with := func(edit func([]string) []string) string {
		return strings.Join(edit(append([]string(nil), lines...)), "")
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "not even a header"},
		{"no header", with(func(l []string) []string { return l[1:] }), "line 1: the first line must be the header"},
		{"two headers", with(func(l []string) []string { return append([]string{l[0]}, l...) }), "line 2: a second header"},
		{"a line lost", with(func(l []string) []string { return append(l[:1:1], l[2:]...) }), "line 4: the footer counts 2 exchanges"},
		{"a line twice", with(func(l []string) []string { return append(l[:2:2], l[1:]...) }), "line 3: exchange s#1 comes a second time"},
		{"after the footer", with(func(l []string) []string { return append(l, l[1]) }), "line 6: something follows the footer"},
		{"a broken line", with(func(l []string) []string { l[1] = l[1][:20] + "\n"; return l }), "line 2: "},
		{"an unknown member", with(func(l []string) []string { l[1] = `{"exchange":{"id":"x","got":{},"what":1}}` + "\n"; return l }), "line 2: "},
		{"nothing on a line", with(func(l []string) []string { l[1] = "{}\n"; return l }), "line 2: 0 of header"},
		{"an answer and a failure", with(func(l []string) []string { l[1] = `{"exchange":{"id":"x"}}` + "\n"; return l }), "either an answer or a failure"},
		{"another version", with(func(l []string) []string { l[0] = strings.Replace(l[0], `"1"`, `"2"`, 1); return l }), `line 1: version "2"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadJournal(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func FuzzReadJournal(f *testing.F) {
	var run bytes.Buffer
	o := standIn(f, sandbox.Options{Clock: newLeapClock()})
	o.Journal = &run
	collect(f, planOf(f, Selection{Rules: []string{"P-028"}}, 1), o)
	f.Add(run.Bytes())
	w, _ := writtenJournal(f, 2, "")
	f.Add(w.Bytes())
	f.Add(w.Bytes()[:w.Len()-7])
	f.Add([]byte(`{"header":{"version":"1"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ReadJournal(bytes.NewReader(data))
		if (e == nil) == (err == nil) {
			t.Fatal("want either evidence or an error")
		}
		if e != nil && e.Complete && (e.Torn || e.Interrupted != "") {
			t.Error("complete evidence that is torn or interrupted")
		}
	})
}
