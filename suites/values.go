package suites

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// form is the shape that the values of a row have, read off its own rules. A value of another length has to keep it, or
// it would be wrong in two ways.
type form int

const (
	free form = iota
	digits
	alphanumeric
	phone
	listed // one of a few values: there is none of another length
	mediaType
	timeForm
	email
	address
	document // JSON text in a string
	tokenForm
	signatureForm
)

// errNoSuchValue says that no well-formed value of the length exists, so the case cannot be made.
var errNoSuchValue = errors.New("no well-formed value has that length")

// shape is what is known of a row's values.
type shape struct {
	form  form
	plus  string // further characters allowed
	head  string // beginning that is kept
	where contract.Where
	row   *contract.Row
}

func shapeOf(row *contract.Row, where contract.Where, good string) shape {
	s := shape{row: row, where: where}
	switch row.From {
	case contract.FromTimestamp:
		s.form = timeForm
		return s
	case contract.FromB2BToken, contract.FromCustomerToken:
		s.form, s.head = tokenForm, row.Prefix
		return s
	case contract.FromSignature, contract.FromSeamlessSign:
		s.form = signatureForm
		return s
	case contract.FromExternalID:
		s.form = digits
	case contract.FromPhone:
		s.form, s.head = phone, beginning(good, 2)
	}
	if row.Encoding != "" {
		s.form = document
		return s
	}
	for _, r := range row.Rules {
		switch r.Kind {
		case contract.Charset:
			s.plus = r.Plus
			switch {
			case s.form == phone:
			case r.Is == "digits":
				s.form = digits
			default:
				s.form = alphanumeric
			}
		case contract.Enum:
			s.form = listed
		case contract.Email:
			s.form = email
		case contract.URL:
			s.form = address
		case contract.Prefix:
			for _, p := range r.Values {
				if strings.HasPrefix(good, p) {
					s.head = p
				}
			}
		}
	}
	if s.form != free {
		return s
	}
	switch {
	case where == contract.InHeader && strings.Contains(good, "/"):
		s.form = mediaType
	case isAbsoluteURL(good):
		s.form = address
	case isNumber(good) && good != "" && !drawn(row):
		s.form = digits
	}
	return s
}

// takesWide reports whether characters of more than one byte are well-formed in the row.
func (s shape) takesWide() bool {
	return s.form == free && (s.where == contract.InBody || s.where == contract.InQuery)
}

// ofLength makes a good value of exactly n characters. good is a good value to start from; fresh, when not nil, draws
// characters from an alphabet, for rows whose values must not repeat.
func (s shape) ofLength(good string, n int, wide bool, at time.Time, fresh func(alphabet string, n int) string) (string, error) {
	if n == 0 {
		return "", nil
	}
	have := utf8.RuneCountInString(good)
	switch s.form {
	case digits, alphanumeric:
		alphabet := "0123456789"
		if s.form == alphanumeric {
			alphabet = lettersAndDigits
		}
		if fresh != nil {
			return s.head + fresh(alphabet, max(0, n-len(s.head))), check(n >= len(s.head))
		}
		return cutOrPad(good, n, "7", ""), nil
	case phone:
		return cutOrPad(good, n, "7", ""), check(n > len(s.head))
	case listed:
		return "", errNoSuchValue
	case mediaType:
		const parameter = "; note="
		return good + parameter + strings.Repeat("a", max(0, n-have-len(parameter))), check(n > have+len(parameter))
	case timeForm:
		layout, utc, ok := timeLayout(n)
		if utc {
			at = at.UTC()
		}
		return at.Format(layout), check(ok)
	case email:
		return emailOfLength(n)
	case address:
		return addressOfLength(good, n)
	case document:
		return documentOfLength(s.row.Encoding, good, n)
	case tokenForm, signatureForm:
		return cutOrPad(good, n, "A", s.head), check(n > len(s.head))
	}
	if fresh != nil {
		good = fresh(lettersAndDigits, n)
	}
	text := cutOrPad(good, n, "n", "")
	if wide {
		runes := []rune(text)
		for i := len(runes) / 2; i < len(runes) && i < len(runes)/2+4; i++ {
			runes[i] = 'é'
		}
		text = string(runes)
	}
	return text, nil
}

const lettersAndDigits = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"

func check(ok bool) error {
	if !ok {
		return errNoSuchValue
	}
	return nil
}

func cutOrPad(good string, n int, filler, head string) string {
	runes := []rune(good)
	if len(runes) > n {
		cut := string(runes[:n])
		if strings.HasSuffix(cut, " ") {
			cut = cut[:len(cut)-1] + filler
		}
		return cut
	}
	if len(runes) < len([]rune(head)) {
		good, runes = head, []rune(head)
	}
	return good + strings.Repeat(filler, n-len(runes))
}

// timeLayout finds a way to write a date and time in n characters: seconds, as many decimals as it takes, and an offset
// that is spelled in full if possible.
func timeLayout(n int) (layout string, utc, ok bool) {
	const seconds = "2006-01-02T15:04:05"
	for _, zone := range []string{"-07:00", "-0700", "Z07:00", "-07"} {
		length := len(zone)
		if zone == "Z07:00" {
			length = 1
		}
		decimals := n - len(seconds) - length
		switch {
		case decimals == 0:
			return seconds + zone, length == 1, true
		case decimals >= 2 && decimals <= 10:
			return seconds + "." + strings.Repeat("0", decimals-1) + zone, length == 1, true
		}
	}
	return seconds, false, false
}

// emailOfLength keeps within the limits of the parts of an address: 64 characters before the @, 63 in a label.
func emailOfLength(n int) (string, error) {
	const domain = "example.com"
	if n < len("a@"+domain) || n > 320 {
		return "", errNoSuchValue
	}
	local := min(64, n-1-len(domain))
	rest := n - local - 1 - len(domain)
	var labels strings.Builder
	for rest > 0 {
		size := min(63, rest-1)
		if rest-1-size == 1 { // a lone dot would be left
			size--
		}
		if size < 1 { // one character cannot be a label and its dot: lend one from before the @
			local, rest = local-1, rest+1
			continue
		}
		labels.WriteString(strings.Repeat("d", size) + ".")
		rest -= size + 1
	}
	return strings.Repeat("c", local) + "@" + labels.String() + domain, nil
}

func addressOfLength(good string, n int) (string, error) {
	if !isAbsoluteURL(good) {
		good = "https://partner.example.com/"
	}
	if n < len(good) {
		u, err := url.Parse(good)
		if err != nil {
			return "", fmt.Errorf("good URL: %w", err)
		}
		good = u.Scheme + "://" + u.Host + "/"
	}
	return good + strings.Repeat("a", max(0, n-len(good))), check(n >= len(good))
}

func isAbsoluteURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func beginning(s string, n int) string { return s[:min(n, len(s))] }

// jakarta is the zone of the standard. It has had one offset since 1964, so no zone database is needed.
func jakarta() *time.Location { return time.FixedZone("", 7*60*60) }
