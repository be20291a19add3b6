package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A provider chooses what stands in an answer, so every rendering treats evidence as hostile. This file is the one place
// that decides how such text is made harmless; each format has its function here and none of its own.

// visible shows what would act instead of being read: control characters, ANSI escapes, bidirectional overrides,
// zero-width characters and bytes that are no UTF-8 appear as <U+202E> or <0xFF>. Line breaks and tabs stay when keep is
// set, with CRLF as one break. Everything that is printable is left as it is.
func visible(s string, keep bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[i])
		case keep && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case keep && r == '\r' && strings.HasPrefix(s[i:], "\r\n"):
			b.WriteByte('\n')
			size = 2
		case acts(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// plain is the quick way out for the bulk of evidence, which is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// acts tells whether a rune does something other than stand there.
func acts(r rune) bool {
	switch {
	case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0:
		return true
	case unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
		return true
	case r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef: // noncharacters; XML 1.0 forbids two of them
		return true
	}
	return false
}

// line is text for one line of a terminal or a table: nothing in it moves the cursor or starts a new row.
func line(s string) string {
	if strings.ContainsAny(s, "\n\t") {
		s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", " "), "\n", " "), "\t", " ")
	}
	return visible(s, false)
}

// cut shortens text to at most n characters and says so by an ellipsis.
func cut(s string, n int) string {
	if n <= 0 || utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// prose is text for running Markdown: no mark-up, no HTML, no link, no mention takes effect, and a table row stays a row.
func prose(s string) string {
	text := []rune(line(s))
	var b strings.Builder
	for i, r := range text {
		next := ' '
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#': // a mention or an issue link: an invisible joiner of our own breaks it
			b.WriteRune(r)
			b.WriteString("&#8288;")
		case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '!', '|', '~', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '+', '-', '=', '.': // a list or a heading, but only where a line or a number could begin one
			if i == 0 || next == ' ' && unicode.IsDigit(text[i-1]) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case ':': // an address would become a link, an emoji code a picture
			b.WriteRune(r)
			if next != ' ' {
				b.WriteString("&#8288;")
			}
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www&#46;")
}

// code is text for a Markdown code span inside a table: shown as it is, whatever backticks or pipes it has.
func code(s string) string {
	s = line(s)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	if strings.Contains(s, "|") {
		// Inside a table a pipe ends the cell even in a code span, and only there the backslash before it is eaten; an
		// HTML code element reads the same in and out of tables.
		return "<code>" + prose(s) + "</code>"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.HasPrefix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// xmlText is text that XML 1.0 may hold. What it forbids (most control characters, two noncharacters) is shown.
func xmlText(s string) string { return visible(s, true) }

// cell is text for a spreadsheet cell: it never begins a formula, not even after it was saved as CSV and opened again, and
// it fits the limit of 32,767 characters.
func cell(s string) string {
	s = visible(s, true)
	if t := strings.TrimLeft(s, " \t\n\u00a0"); t != "" && strings.ContainsRune("=+-@＝＋－＠|%", rune1(t)) || strings.HasPrefix(s, "\t") {
		s = "'" + s
	}
	const most, note = 32_000, "\n… (cut; all of it is in exchanges.har and the journal)"
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + note
	}
	return s
}

func rune1(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
