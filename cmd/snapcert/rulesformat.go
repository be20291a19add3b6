package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// ruleFormats are the ways in which rules can be listed.
var ruleFormats = map[string]func(io.Writer, []ruleLine) error{
	"table": rulesTable,
	"json":  rulesJSON,
	"csv":   rulesCSV,
	"md":    rulesMarkdown,
}

var ruleColumns = []string{"ref", "id", "endpoint", "where", "item", "level", "basis", "cite", "state", "reason", "codes", "text"}

func (l ruleLine) cells() []string {
	return []string{l.Ref, l.ID, l.Endpoint, l.Where, l.Item, l.Level, l.Basis, l.Cite, l.State, l.Reason, strings.Join(l.Codes, " "), l.Text}
}

func rulesJSON(w io.Writer, rules []ruleLine) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(rules)
}

func rulesCSV(w io.Writer, rules []ruleLine) error {
	c := csv.NewWriter(w)
	if err := c.Write(ruleColumns); err != nil {
		return err
	}
	for _, r := range rules {
		if err := c.Write(r.cells()); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func rulesMarkdown(w io.Writer, rules []ruleLine) error {
	var b strings.Builder
	b.WriteString("| " + strings.Join(ruleColumns, " | ") + " |\n")
	b.WriteString("|" + strings.Repeat(" --- |", len(ruleColumns)) + "\n")
	escape := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "[", `\[`, "*", `\*`)
	for _, r := range rules {
		b.WriteString("|")
		for _, cell := range r.cells() {
			b.WriteString(" " + escape.Replace(cell) + " |")
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// rulesTable leaves the endpoint and place to the id, which holds both, so that lines stay readable on a screen.
func rulesTable(w io.Writer, rules []ruleLine) error {
	return tabulate(w, "REF\tRULE\tBASIS\tSTATE\tCODES\tCITE\tREASON", rules, func(r ruleLine) []string {
		return []string{r.Ref, r.ID, r.Basis, r.State, strings.Join(r.Codes, " "), r.Cite, r.Reason}
	})
}

// rulesTableWide says the rules themselves as well.
func rulesTableWide(w io.Writer, rules []ruleLine) error {
	return tabulate(w, "REF\tRULE\tLEVEL\tTEXT\tBASIS\tSTATE\tCODES\tCITE\tREASON", rules, func(r ruleLine) []string {
		return []string{r.Ref, r.ID, r.Level, r.Text, r.Basis, r.State, strings.Join(r.Codes, " "), r.Cite, r.Reason}
	})
}

func tabulate(w io.Writer, head string, rules []ruleLine, cells func(ruleLine) []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, head) // errors of t come out of Flush
	for _, r := range rules {
		_, _ = fmt.Fprintln(t, strings.TrimRight(strings.Join(cells(r), "\t"), "\t"))
	}
	return t.Flush()
}

// totals counts rules by endpoint and state.
func totals(rules []ruleLine) string {
	states := []string{string(contract.Checked), string(contract.NeedsAccount), string(contract.NotTestable)}
	counts := map[string]map[string]int{}
	var endpoints []string
	all := map[string]int{}
	for _, r := range rules {
		if counts[r.Endpoint] == nil {
			counts[r.Endpoint] = map[string]int{}
			endpoints = append(endpoints, r.Endpoint)
		}
		counts[r.Endpoint][r.State]++
		all[r.State]++
	}
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name string, of map[string]int) {
		sum := 0
		cells := []string{name}
		for _, s := range states {
			cells = append(cells, strconv.Itoa(of[s]))
			sum += of[s]
		}
		_, _ = fmt.Fprintln(t, strings.Join(append(cells, strconv.Itoa(sum)), "\t"))
	}
	_, _ = fmt.Fprintln(t, "ENDPOINT\t"+strings.ToUpper(strings.Join(states, "\t"))+"\tALL")
	for _, e := range endpoints {
		row(e, counts[e])
	}
	row("all", all)
	_ = t.Flush() // writes to a buffer
	return b.String()
}
