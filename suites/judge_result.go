package suites

import (
	"strconv"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// describe is a result as far as the rule alone can tell: everything but the verdict.
func describe(r *contract.Rule, o JudgeOptions) reports.Result {
	codes, _, _ := r.Answers()
	state := r.State
	if state == "" {
		state = contract.Checked
	}
	result := reports.Result{
		ID:       r.ID,
		Ref:      r.Ref,
		Endpoint: r.Endpoint.Name(),
		Where:    string(r.Where),
		Item:     r.Row.Name,
		Kind:     string(r.Kind),
		Text:     r.Sentence(),
		Level:    string(levelOf(r)),
		Basis:    string(basisOf(r)),
		Cite:     r.Row.Cite,
		Note:     r.Note,
		Codes:    codes,
		State:    string(state),
		File:     r.Endpoint.File,
		Line:     r.Line,
	}
	if o.Command != "" {
		result.Repeat = o.Command + " --rule " + r.ID
	}
	return result
}

// expected says what a want asks for. Where that is written is the result's own Cite.
func expected(w Want, e *contract.Endpoint) string {
	switch w.Kind {
	case WantAccept:
		return "accepted" + withCodes(" with ", e.Success)
	case WantRefuse:
		return "refused" + withCodes(" with ", w.Codes) + withGateway(w.Gateway)
	case WantObserve:
		return "accepted, or refused" + withCodes(" with ", w.Codes) + withGateway(w.Gateway)
	case WantOneOf:
		return "exactly one accepted, every other refused" + withCodes(" with ", w.Codes)
	}
	return "any answer"
}

func withCodes(before string, codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = c
		if status := snap.Code(c).HTTP(); status != 0 {
			all[i] = "HTTP " + c[:3] + " " + c
		}
	}
	return before + strings.Join(all, ", or ")
}

func withGateway(statuses []int) string {
	if len(statuses) == 0 {
		return ""
	}
	all := make([]string, len(statuses))
	for i, s := range statuses {
		all[i] = strconv.Itoa(s)
	}
	return ", or before SNAP with HTTP " + strings.Join(all, ", ")
}

// changeText is what a step changed in a good request, in words.
func changeText(s *Scenario, step int) string {
	st := &s.Steps[step]
	var parts []string
	for _, c := range st.Changes {
		text := c.Text
		if text == "" {
			text = string(c.Op)
		}
		if c.At != "" {
			text = string(c.At) + ": " + text
		}
		if !c.With {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		switch {
		case st.Sign.None:
			parts = append(parts, "no signature")
		case st.Sign.Part != "":
			parts = append(parts, "signed wrongly in one part: "+string(st.Sign.Part))
		case st.Variant != "":
			parts = append(parts, "the good request "+st.Variant)
		default:
			parts = append(parts, "a good request")
		}
	}
	text := strings.Join(parts, ", ")
	if st.Copies > 1 {
		text += ", " + strconv.Itoa(st.Copies) + " times at once"
	}
	if len(s.Steps) > 1 {
		text = "request " + strconv.Itoa(step+1) + " of " + strconv.Itoa(len(s.Steps)) + ": " + text
	}
	return text
}
