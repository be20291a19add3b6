package reports

import (
	"cmp"
	"fmt"
	"strings"
)

// summary is the line under which a rule's evidence is folded.
func (l *layout) summary(res *Result, shown int) string {
	var parts []string
	if len(res.Cases) > 0 {
		parts = append(parts, l.c.count("cases", len(res.Cases)))
	}
	if shown > 0 {
		parts = append(parts, l.c.count("exchanges", shown))
		if res.Took > 0 {
			parts = append(parts, round(res.Took))
		}
	}
	if len(parts) == 0 {
		return l.c.say("details")
	}
	return strings.Join(parts, " · ")
}

// decisive is the case a row shows: that of the worst finding, else the last that changes something, since cases that fit stand before those that do not.
func decisive(res *Result) (changed, expected, received string) {
	if len(res.Findings) > 0 {
		f := res.Findings[0]
		for _, other := range res.Findings {
			if severity(other.Verdict) < severity(f.Verdict) {
				f = other
			}
		}
		return f.Change, f.Expected, f.Received
	}
	if len(res.Cases) == 0 {
		return "", strings.Join(res.Codes, ", "), ""
	}
	c := res.Cases[0]
	for _, other := range res.Cases {
		if other.Change != "" {
			c = other
		}
	}
	return c.Change, c.Expected, c.Received
}

// timing is the status of an exchange, when it was sent and where its time went.
func (l *layout) timing(x *Exchange) string {
	status := l.c.say("no-answer")
	if x.Status != 0 {
		status = fmt.Sprintf("HTTP %d", x.Status)
	}
	text := fmt.Sprintf("%s · %s · %s", status, x.Started.Format("15:04:05.000"), round(x.Took))
	var parts []string
	for _, p := range []struct {
		name string
		is   string
	}{{"connect", roundSome(x.Connect)}, {"TLS", roundSome(x.TLS)}, {"first-byte", roundSome(x.FirstByte)}, {"receive", roundSome(x.Receive)}} {
		if p.is != "" {
			parts = append(parts, cmp.Or(l.c[p.name], p.name)+" "+p.is)
		}
	}
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}
