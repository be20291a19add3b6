package reports

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

//go:embed report.schema.json
var reportSchema []byte

// JSONSchema is the JSON Schema of report.json.
func JSONSchema() []byte { return slices.Clone(reportSchema) }

// WriteJSON writes report.json: the report as it is, indented, with Schema filled in.
func WriteJSON(w io.Writer, r *Report) error {
	out := *r
	out.Schema = Schema
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(true) // so that a report pasted into a page stays text
	if err := e.Encode(&out); err != nil {
		return fmt.Errorf("writing report.json: %w", err)
	}
	return nil
}

// ReadJSON reads report.json strictly: a member this version does not know, a wrong type, a missing verdict, a doubled
// rule or a pointer to nothing is an error that says where. Only a report of a newer minor version may have further
// members, which are dropped. The name is used in errors.
func ReadJSON(name string, src io.Reader) (*Report, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, decodeError(name, data, err)
	}
	newer, err := checkVersion(head.Schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if !newer {
		d.DisallowUnknownFields()
	}
	r := new(Report)
	if err := d.Decode(r); err != nil {
		return nil, decodeError(name, data, err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// checkVersion tells whether the report is of a newer minor version, and refuses what is no version of ours.
func checkVersion(got *string) (newer bool, err error) {
	if got == nil {
		return false, errors.New(`not a certification report: it has no "schema" member`)
	}
	major, minor, ok := version(*got)
	ours, latest, _ := version(Schema)
	switch {
	case !ok:
		return false, fmt.Errorf(`"schema" is %q, which is no version such as %q`, *got, Schema)
	case major != ours:
		return false, fmt.Errorf("the report has schema %s and this program reads %d.x: use the version that wrote it", *got, ours)
	}
	return minor > latest, nil
}

func version(s string) (major, minor int, ok bool) {
	a, b, found := strings.Cut(s, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, found && err1 == nil && err2 == nil && major >= 0 && minor >= 0
}

// decodeError gives a decoding error its place.
func decodeError(name string, data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s:%s: not JSON: %w", name, position(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s:%s: %q should be %s, not %s", name, position(data, kind.Offset), kind.Field, kind.Type, kind.Value)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		at := int64(bytes.Index(data, []byte(field)))
		return fmt.Errorf("%s:%s: unknown member %s", name, position(data, at+1), field)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// position turns an offset just past a byte into line:column, both from 1.
func position(data []byte, offset int64) string {
	at := min(max(offset-1, 0), int64(len(data)))
	row := bytes.Count(data[:at], []byte("\n")) + 1
	column := at - int64(bytes.LastIndexByte(data[:at], '\n'))
	return fmt.Sprintf("%d:%d", row, column)
}

// check finds what the types alone cannot: unknown verdicts, doubled rules, pointers to causes or rules that are not
// listed. All of it is reported at once.
func (r *Report) check() error {
	var bad []error
	say := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	causes, seen := map[string]bool{}, map[string]int{}
	for _, c := range r.Causes {
		causes[c.ID] = true
	}
	for i := range r.Results {
		res := &r.Results[i]
		at := fmt.Sprintf("results[%d] (%s)", i, line(res.ID))
		if res.ID == "" {
			say("%s: no rule id", at)
		} else if first, twice := seen[res.ID]; twice {
			say("%s: the same rule as results[%d]", at, first)
		}
		seen[res.ID] = i
		if !slices.Contains(Verdicts, res.Verdict) {
			say("%s: verdict %q is none of %v", at, res.Verdict, Verdicts)
		}
		if res.Cause != "" && !causes[res.Cause] {
			say("%s: cause %q is not listed under causes", at, res.Cause)
		}
	}
	for i, c := range r.Causes {
		for _, id := range c.Results {
			if _, ok := seen[id]; !ok {
				say("causes[%d] (%s): no result has rule id %q", i, line(c.ID), id)
			}
		}
	}
	if r.Standing == "" {
		say("no standing")
	}
	return errors.Join(bad...)
}
