package main

import (
	"strconv"
	"strings"

	"github.com/snapcert/snapcert/suites"
)

// meter turns the collector's and the judge's words into n of m.
func meter(show progress, plan *suites.Plan) func(suites.Progress) {
	collected := map[string]int{}
	sum := 0
	return func(p suites.Progress) { // never called twice at once
		if p.Stage == suites.StageJudge {
			show.at("judging", p.Done, p.Total, p.Endpoint)
			return
		}
		sum += p.Done - collected[p.Endpoint]
		collected[p.Endpoint] = p.Done
		show.at("collecting", sum, len(plan.Scenarios), p.Endpoint)
	}
}

// command is what repeats this run, without the choice of rules: results add their own.
func (f *certifyFlags) command() string {
	words := []string{"snapcert", "certify"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag, plainOrQuoted(value))
		}
	}
	add("--target", f.target)
	add("--providers", f.providers)
	if f.seed != defaultSeed {
		add("--seed", strconv.FormatInt(f.seed, 10))
	}
	if f.selection.Copies != suites.DefaultCopies {
		add("--copies", strconv.Itoa(f.selection.Copies))
	}
	if f.strict {
		words = append(words, "--strict")
	}
	return strings.Join(words, " ")
}

// plainOrQuoted leaves simple words as they are.
func plainOrQuoted(s string) string {
	simple := strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,", r)
	}) < 0
	if simple {
		return s
	}
	return shellQuote(s)
}
