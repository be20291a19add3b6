package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/snapcert/snapcert/fixtures"
)

var (
	statusSeen = regexp.MustCompile(`(?m)^HTTP/[0-9.]+ ([0-9]{3})`)
	codeSeen   = regexp.MustCompile(`"responseCode":\s*"?([0-9]+)`)
	tokenSeen  = regexp.MustCompile(`"accessToken":\s*"([^"]+)"`)
)

// replayed is what the test reads of an exchange in a HAR.
type replayed struct {
	ID       string `json:"_exchange"`
	Curl     string `json:"_curl"`
	Page     string `json:"pageref"`
	Response struct {
		Status  int `json:"status"`
		Content struct {
			Text string `json:"text"`
		} `json:"content"`
	} `json:"response"`
}

// replay runs command lines of a report in a shell, with the secrets of a target file in the environment, and wants the
// same kind of answer as the run got: replay HAR TARGET COUNT. Of each case of the same name one line is run. Lines that
// say they cannot repeat everything, or ask for a value that was made up for the change, are left out.
func replay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replay HAR TARGET COUNT")
	}
	var har struct{ Log struct{ Entries []replayed } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &har))
	target, err := fixtures.OpenTarget(ts.MkAbs(args[1]), func(string) (string, bool) { return "", false })
	ts.Check(err)
	ts.Setenv("SNAP_CLIENT_SECRET", target.ClientSecret.Reveal())
	ts.Setenv("SNAP_PRIVATE_KEY", ts.ReadFile(strings.TrimSuffix(args[1], ".yaml")+".pem"))
	ts.Setenv("SNAP_CLIENT_KEY", target.ClientKey)
	ts.Setenv("SNAP_CUSTOMER_TOKEN", target.Active.CustomerToken.Reveal())
	ts.Setenv("SNAP_ACCOUNT_ID", target.Active.AccountID)
	ts.Setenv("SNAP_PHONE", target.Active.Phone)
	ts.Setenv("SNAP_DEVICE_ID", target.DeviceID)

	again := func(e *replayed) (answer, want, got string) {
		ts.Check(ts.Exec("sh", "-c", e.Curl))
		answer = ts.ReadFile("stdout")
		kind := func(status, body string) string { return status + " " + first(codeSeen, body) }
		return answer, kind(fmt.Sprint(e.Response.Status), e.Response.Content.Text), kind(first(statusSeen, answer), answer)
	}
	seen := map[string]bool{}
	sent := 0
	for i := range har.Log.Entries {
		e := &har.Log.Entries[i]
		name := e.ID[strings.LastIndexByte(e.ID, '/')+1:]
		isToken := strings.HasSuffix(e.Page, ".access-token")
		switch {
		case strings.Contains(e.Curl, "_CHANGED:?"), strings.HasPrefix(e.Curl, "#"), seen[name], fmt.Sprint(sent) == args[2]:
			continue
		case isToken && e.Response.Status != 200, !isToken && len(seen) == 0:
			continue // the token comes first
		}
		seen[name] = true
		answer, want, got := again(e)
		if got != want {
			ts.Fatalf("%s was answered %s, its command line %s:\n%s", e.ID, want, got, e.Curl)
		}
		if token := first(tokenSeen, answer); token != "" && isToken {
			ts.Setenv("SNAP_TOKEN", token)
		}
		sent++
	}
	if fmt.Sprint(sent) != args[2] {
		ts.Fatalf("only %d lines to run", sent)
	}
}

func first(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
