package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/suites"
)

// ruleLine is one rule as listed. The JSON names are a promise.
type ruleLine struct {
	ID       string   `json:"id"`
	Ref      string   `json:"ref"`
	Endpoint string   `json:"endpoint"`
	Where    string   `json:"where"`
	Item     string   `json:"item"`
	Level    string   `json:"level"`
	Basis    string   `json:"basis"`
	Cite     string   `json:"cite"`
	State    string   `json:"state"`
	Reason   string   `json:"reason"`
	Codes    []string `json:"codes"`
	Text     string   `json:"text"` // the rule in one sentence
}

func (a *app) rules() *cobra.Command {
	var selection suites.Selection
	var format, dir string
	command := &cobra.Command{
		Use:   "rules",
		Short: "List every rule: where it is written, which codes answer a breach, or why it cannot be checked",
		Long: `List every rule: where it is written, which codes answer a breach, or why no request can show it. With --verbose the
table says each rule in a sentence and how binding it is, as the other formats do.`,
		GroupID: "look",
		Args:    noArgument("; an endpoint is named with --endpoint ARG, a rule with --rule ARG"),
		Example: "  snapcert rules --endpoint paydia.account-creation\n  snapcert rules --format json",
		RunE: func(*cobra.Command, []string) error {
			write := ruleFormats[format]
			if format == "table" && a.verbose {
				write = rulesTableWide
			}
			if write == nil {
				return usage("--format takes table, json, csv or md, not %q", format)
			}
			providers, err := a.providers(dir)
			if err != nil {
				return err
			}
			rules, err := selectRules(providers, selection)
			if err != nil {
				return err
			}
			if err := write(a.out, rules); err != nil {
				return fmt.Errorf("write rules: %w", err)
			}
			if format == "table" {
				_, err = fmt.Fprint(a.out, "\n"+totals(rules))
				return err
			}
			a.note("%s", strings.TrimRight(totals(rules), "\n"))
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&format, "format", "table", "table, json, csv or md")
	selectionFlags(command, &selection, &dir)
	return command
}

// selectRules lists the chosen rules; without a choice that is every rule there is, those no request can show included.
func selectRules(providers []*contract.Provider, chosen suites.Selection) ([]ruleLine, error) {
	var rules []*contract.Rule
	if chosen.Text() == "" {
		for _, p := range providers {
			for _, e := range p.Endpoints {
				rules = append(rules, e.Rules...)
			}
		}
	} else {
		plan, err := suites.NewPlan(providers, chosen, 1)
		if err != nil {
			return nil, planError(err)
		}
		rules = plan.Rules
	}
	lines := make([]ruleLine, 0, len(rules))
	for _, r := range rules {
		if r.Ref == "" && r.Endpoint.Provider.Reference {
			continue // shapes the standard's imaginary endpoint, and is no statement of the standard
		}
		lines = append(lines, line(r))
	}
	return lines, nil
}

func line(r *contract.Rule) ruleLine {
	codes, _, _ := r.Answers()
	if codes == nil {
		codes = []string{}
	}
	l := ruleLine{
		ID: r.ID, Ref: r.Ref, Endpoint: r.Endpoint.Name(), Where: string(r.Where), Item: r.Row.Name, Level: string(r.Level), Basis: string(r.Basis),
		Cite: r.Row.Cite, State: string(r.State), Codes: codes, Text: r.Sentence(),
	}
	if r.Endpoint.Provider.Reference {
		l.Endpoint = r.Endpoint.Provider.Provider // the standard has no endpoints of its own
	}
	switch r.State {
	case contract.NotTestable:
		l.Reason = r.Untestable
	case contract.NeedsAccount:
		l.Reason = "needs a prepared account: " + r.Needs
	}
	return l
}
