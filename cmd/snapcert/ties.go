package main

import (
	"slices"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// tie says why a break of one rule may show in the check of another, "" when it may not: because a contract declares the
// two as tied, or because of how answers are read, whatever the contract.
func tie(s *stage, broken *contract.Rule, mode string, other *contract.Rule) string {
	if reason := declared(broken, other); reason != "" {
		return reason
	}
	return declared(other, broken)
}

func declared(one, other *contract.Rule) string {
	i := slices.IndexFunc(one.Tied, func(t contract.Tie) bool { return t.Ref == other.Ref })
	if i < 0 {
		return ""
	}
	return one.Tied[i].Reason
}
