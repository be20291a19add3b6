package suites

import (
	"regexp"
	"testing"
)

// FuzzTimestamp holds the reading of times against the grammar of ISO 8601 with an offset: nothing else may pass, and
// what is of the form may only fail for a day or an hour that does not exist.
func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{
		"2026-11-21T10:00:00+07:00", "2026-11-21T10:00:00.123+07:00", "2026-11-21T03:00:00Z", "2026-11-21T10:00:00+0700", "2026-11-21T10:00:00+07",
		"2026-11-21T10:00:00,5Z", "2026-11-21 10:00:00+07:00", "2026-11-21T10:00:00", "2026-11-21T1:00:00Z", "2026-02-30T10:00:00Z", "2026-11-21T10:00:60Z",
		"2026-11-21T10:00+07:00", "20261121T100000Z", "2026-11-21T10:00:00WIB", "2026-11-21T24:00:00Z", "1795230000", "",
	} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^\d{4}-(0\d|1[0-2])-[0-3]\d[T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.,]\d+)?(Z|[+-]([01]\d|2[0-4])(:?[0-6]\d)?)$`)
	common := regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-2]):?[0-5]\d)$`)
	f.Fuzz(func(t *testing.T, text string) {
		switch got := isTime(text); {
		case got && !form.MatchString(text):
			t.Errorf("%q passes for a date and time with an offset", text)
		case !got && common.MatchString(text):
			t.Errorf("%q is a date and time with an offset, and does not pass", text)
		}
	})
}
