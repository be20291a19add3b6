package suites

import (
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// Labels are the words by which a rule can be filtered: "provider:paydia && kind:max", "level:must && !where:body".
// They hold none of the characters that the filter's own language uses.
func Labels(r *contract.Rule) []string {
	labels := []string{
		"provider:" + r.Endpoint.Provider.Provider,
		"service:" + r.Endpoint.Service,
		"endpoint:" + r.Endpoint.Endpoint,
		"where:" + string(r.Where),
		"kind:" + string(r.Kind),
		"basis:" + string(basisOf(r)),
		"level:" + string(levelOf(r)),
		"ref:" + r.Ref,
		"item:" + r.Row.Name,
	}
	switch r.Kind {
	case contract.Max, contract.MinLength, contract.Zone, contract.LengthIs: // all of them are about lengths
		labels = append(labels, "kind:"+string(contract.Length))
	}
	kept := labels[:0]
	for _, l := range labels {
		l = labelText(l)
		if !strings.HasSuffix(l, ":") {
			kept = append(kept, l)
		}
	}
	return kept
}

var labelCharacters = strings.NewReplacer("&", "-", "|", "-", "!", "-", ",", "-", "(", "-", ")", "-", "/", "-")

func labelText(s string) string { return strings.TrimSpace(labelCharacters.Replace(s)) }

func basisOf(r *contract.Rule) contract.Basis {
	if r.Basis == "" {
		return contract.Documented
	}
	return r.Basis
}

func levelOf(r *contract.Rule) contract.Level {
	if r.Level == "" {
		return contract.Must
	}
	return r.Level
}
