package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// targetTemplate is a target file for one provider, with everything it may hold and why. What the provider's contracts
// do not use is left out.
func targetTemplate(p *contract.Provider) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	variable := func(what string) string {
		return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(p.Provider + "_" + what))
	}
	host := "sandbox.example.co.id"
	if len(p.Hosts.Sandbox) > 0 {
		host = p.Hosts.Sandbox[0]
	}
	uses := sources(p)

	put("# A target for snapcert certify --target. Secrets are named, never written here: {env: VARIABLE} or {file: PATH},")
	put("# with paths beside this file. The format: snapcert schema target")
	put("provider: %s", p.Provider)
	put("name: %s sandbox", p.Provider)
	put("")
	put("# What is deployed there, and whom the reports and the official form name. Free text.")
	put("# build: 2.14.0")
	put("# parties:")
	put("#   provider: the firm that offers the endpoints")
	put("#   user: the firm that calls them")
	put("#   tester: who runs the tests and signs")
	put("#   role: that person's position")
	put("")
	put("# Scheme and host, and a path if one stands before every endpoint's own.")
	put("base-url: https://%s", host)
	put("# token-base-url: https://%s   # where the access-token call lives on another host", host)
	put("")
	put("# Endpoints to certify; all of them when this is left out.")
	put("endpoints:")
	for _, e := range p.Endpoints {
		if !e.Token {
			put("  - %s   # %s", e.Endpoint, e.Title)
		}
	}
	put("")
	put("# Paths, where yours differ from these.")
	put("# paths:")
	for _, e := range p.Endpoints {
		note := ""
		if e.PathNote != "" {
			note = "   # the published page prints no path: please confirm yours"
		}
		put("#   %s: %s%s", e.Endpoint, e.Path, note)
	}
	put("")
	put("credentials:")
	for _, id := range []struct {
		source contract.Source
		key    string
	}{{contract.FromPartnerID, "partner-id"}, {contract.FromMerchantID, "merchant-id"}, {contract.FromChannelID, "channel-id"}, {contract.FromDevice, "device-id"}} {
		if uses[id.source] {
			put("  %s: {env: %s}   # or the value itself, in quotes", id.key, variable(id.key))
		}
	}
	put("  client-key: {env: %s}", variable("client-key"))
	put("  client-secret: {env: %s}   # key of the symmetric signature", variable("client-secret"))
	put("  private-key: {file: %s.pem}   # RSA, 2048 bits at least; chmod 600", p.Provider)
	put("")
	put("# Accounts prepared at the provider. Rules that need one that is missing are skipped, and the result is partial.")
	if !uses[contract.FromAccountID] && !uses[contract.FromCustomerToken] && !uses[contract.FromPhone] && len(needs(p)) == 0 {
		put("# This provider's rules need none.")
	} else {
		putAccounts(put, variable, uses, needs(p))
	}
	put("")
	put("limits:")
	put("  concurrency: 4      # requests at once")
	put("  rate: 10            # requests a second")
	put("  timeout: 30s        # of one request")
	put("  # max-wait: 20m     # how long one situation may wait, as for a token to run out; without it such rules are skipped")
	put("  # max-requests: 2000")
	put("")
	put("# tls:")
	put("#   ca-file: ca.pem   # certificates trusted besides the system's")
	put("")
	put("# Good requests of your own, where the built-in ones do not suit your account: snapcert schema target")
	put("# requests:")
	for _, e := range p.Endpoints {
		if !e.Token {
			put("#   %s: %s.json", e.Endpoint, e.Endpoint)
		}
	}
	put("")
	put("# Failures that are known and accepted until a day. A waiver that no longer applies fails the run.")
	put("# waivers:")
	put("#   - rule: %s", exampleRule(p))
	put("#     owner: name of a person")
	put("#     reason: why it is accepted")
	put("#     ticket: where it is written down")
	put("#     expires: 2027-01-31")
	return b.String()
}

func putAccounts(put func(string, ...any), variable func(string) string, uses map[contract.Source]bool, needs []string) {
	byID := uses[contract.FromAccountID] || slices.Contains(needs, "inactive")
	live := ""
	if !byID && !uses[contract.FromCustomerToken] {
		live = "# " // nothing that a good request cannot do without
	}
	put("%saccounts:", live)
	put("%s  active:", live)
	if byID {
		put("    account-id: {env: %s}", variable("ACCOUNT_ID"))
	}
	if uses[contract.FromCustomerToken] {
		put("    customer-token: {env: %s}", variable("CUSTOMER_TOKEN"))
	}
	if uses[contract.FromPhone] {
		put("#     phone: {env: %s}   # instead of the good request's own", variable("PHONE"))
	}
	if slices.Contains(needs, "inactive") {
		put("#   inactive:")
		put("#     account-id: {env: %s}", variable("INACTIVE_ACCOUNT_ID"))
		put("#     customer-token: {env: %s}", variable("INACTIVE_CUSTOMER_TOKEN"))
	}
	if slices.Contains(needs, "unregistered") {
		put("#   unregistered:")
		if uses[contract.FromPartnerID] && !slices.Contains(needs, anyPartner) {
			put("#     partner-id: {env: %s}", variable("UNREGISTERED_PARTNER_ID"))
		}
		if uses[contract.FromMerchantID] {
			put("#     merchant-id: {env: %s}", variable("UNREGISTERED_MERCHANT_ID"))
		}
		if uses[contract.FromCustomerToken] {
			put("#     customer-token: {env: %s}   # of a customer of that merchant", variable("UNREGISTERED_CUSTOMER_TOKEN"))
		}
	}
	if slices.Contains(needs, "expired-token") {
		put("#   expired-token: {env: %s}   # an access token that was issued to you and has run out", variable("EXPIRED_TOKEN"))
	}
	put("#   foreign-token: {env: %s}   # a good access token of another partner of yours", variable("FOREIGN_TOKEN"))
}

// sources are all that the provider's good requests, variants included, take from outside.
func sources(p *contract.Provider) map[contract.Source]bool {
	found := map[contract.Source]bool{}
	for _, e := range p.Endpoints {
		for _, rows := range [][]contract.Row{e.Header, e.Query, e.Body} {
			for i := range rows {
				found[rows[i].From] = true
			}
		}
		for _, v := range e.Variants {
			for _, source := range v.Fill {
				found[source] = true
			}
		}
	}
	return found
}

// anyPartner is among the needs of a provider that takes any partner id: it tells no merchant from another.
const anyPartner = "any-partner"

// needs lists the prepared accounts that the provider's rules ask for.
func needs(p *contract.Provider) []string {
	var found []string
	for _, e := range p.Endpoints {
		for _, r := range e.Rules {
			need := r.Needs
			if r.Kind == contract.AnyValue && r.Row.From == contract.FromPartnerID {
				need = anyPartner
			}
			if need != "" && !slices.Contains(found, need) {
				found = append(found, need)
			}
		}
	}
	return found
}

func exampleRule(p *contract.Provider) string {
	for _, e := range p.Endpoints {
		if !e.Token && len(e.Rules) > 0 {
			return e.Rules[len(e.Rules)/2].ID
		}
	}
	return p.Provider + ".endpoint.body.item.kind"
}

func realNames(providers []*contract.Provider) string {
	var names []string
	for _, p := range providers {
		if !p.Reference {
			names = append(names, p.Provider)
		}
	}
	return strings.Join(names, ", ")
}
