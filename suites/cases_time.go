package suites

import (
	"regexp"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// timeAs is the value of an OpTimeAs change: the run's now, shifted, in a zone and a layout. Month takes the place of the
// two digits of the month.
type timeAs struct {
	Layout string `json:"layout,omitempty"` // the provider's own when empty
	Shift  string `json:"shift,omitempty"`
	Zone   string `json:"zone,omitempty"` // "+08:00"
	Month  string `json:"month,omitempty"`
}

// render writes the moment. What it is given comes from a plan, so a zone or shift that does not parse is left out.
func (t timeAs) render(now time.Time, layout string) string {
	if t.Layout != "" {
		layout = t.Layout
	}
	if d, err := time.ParseDuration(t.Shift); err == nil {
		now = now.Add(d)
	}
	now = now.In(jakarta())
	if z, err := time.Parse("-07:00", t.Zone); err == nil {
		now = now.In(z.Location())
		if _, offset := z.Zone(); offset == 0 {
			now = now.In(time.FixedZone("", 0))
		}
	}
	text := now.Format(layout)
	if t.Month != "" && len(text) >= 7 {
		text = text[:5] + t.Month + text[7:]
	}
	return text
}

// times sends moments: not well-formed ones within the bounds of length, other layouts, zones and ages.
func (a *author) times() {
	r := a.rule
	layout := a.e.Provider.Timestamp.Layout
	timed := func(name string, want Want, t timeAs, words string) {
		a.one(name, want, Change{Op: OpTimeAs, Value: value(t), Text: words})
	}
	switch r.Kind {
	case contract.WellFormedTime:
		if len(r.Refuse) > 0 {
			a.refuse("", "", "")
			return
		}
		timed("space", a.refused(), timeAs{Layout: strings.Replace(layout, "T", " ", 1)}, "a space for the T")
		timed("month-13", a.refused(), timeAs{Month: "13"}, "month 13")
		timed("no-offset", a.refused(), timeAs{Layout: withoutOffset(len(placeholderTime.Format(layout)))}, "no offset")
	case contract.Layouts:
		for _, l := range r.Values {
			if l == layout {
				continue // that is every good request
			}
			timed("as-"+short(placeholderTime.Format(l)[10:]), a.observed(), timeAs{Layout: l}, "written as "+placeholderTime.Format(l))
		}
	case contract.Offset:
		for _, zone := range []string{"+08:00", "+00:00"} {
			if zone != r.Is {
				timed("offset-"+short(zone[1:3]), a.refused(), timeAs{Zone: zone}, "the same moment with offset "+zone)
			}
		}
	case contract.Fresh:
		for _, shift := range r.Values {
			timed("by-"+shiftName(shift), a.observed(), timeAs{Shift: shift}, shift+" away from now")
		}
	}
}

func shiftName(shift string) string {
	if after, ok := strings.CutPrefix(shift, "-"); ok {
		return "minus-" + short(after)
	}
	return "plus-" + short(strings.TrimPrefix(shift, "+"))
}

// withoutOffset is a layout of n characters that ends in decimals of the second in place of the offset.
func withoutOffset(n int) string {
	const seconds = "2006-01-02T15:04:05"
	if n < len(seconds)+2 {
		return seconds
	}
	return seconds + "." + strings.Repeat("0", min(9, n-len(seconds)-1))
}

// identities sends well-formed values of identities that were given to somebody else, or to nobody.
func (a *author) identities() {
	r := a.rule
	words := "a well-formed value that was given to nobody"
	if r.Kind == contract.EqualTo {
		words = "well-formed, but not the " + itemOf(r.Field) + " that is sent"
	}
	want := a.refused()
	if r.Kind == contract.AnyValue {
		want = a.accepted()
	}
	if len(r.Refuse) > 0 {
		a.refuse("", "", "")
		return
	}
	a.one("other", want, Change{Op: OpOther, Text: words})
}

// transport sends the call itself otherwise: another method, another path, a body that is no JSON.
func (a *author) transport() {
	r := a.rule
	method, path := a.e.Method, a.e.Path
	add := func(name string, c Change) { a.add(name, a.step(a.refused(), c)) }
	switch r.Kind {
	case contract.OtherMethod:
		for _, other := range []string{"GET", "POST", "PUT", "DELETE"} {
			if other != method {
				add(strings.ToLower(other), Change{Op: OpMethod, Value: value(other), Text: other + " instead of " + method})
			}
		}
	case contract.OtherPath:
		add("longer", Change{Op: OpPath, Value: value("x"), Text: "a path with one more character"})
	case contract.Version:
		if versionSegment.MatchString(path) {
			add("v9.9", Change{Op: OpPath, Value: value("/v9.9/"), Text: "version v9.9 in the path"})
		}
	case contract.Unparseable:
		if a.good.Body != nil {
			add("no-json", Change{Op: OpSetRaw, Value: value(`{"broken":`), Text: "a body that is no JSON, signed over its bytes"})
		}
	}
}

// versionSegment is the part of a path that names the version: /v1.0/.
var versionSegment = regexp.MustCompile(`/v[0-9]+(\.[0-9]+)*(/|$)`)
