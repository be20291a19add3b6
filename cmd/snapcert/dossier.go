package main

import (
	"crypto"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/reports"
	"github.com/snapcert/snapcert/suites"
)

// dossierFlags say how the papers of a run are made.
type dossierFlags struct {
	lang  string
	key   string // file of the key that attests; "" for no attestation
	valid int    // days

	language reports.Lang
	signer   crypto.Signer // nil for no attestation
}

// defaultValid is how many days an attestation is good for when nobody says.
const defaultValid = 90

func (d *dossierFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&d.lang, "lang", "en", "language of the report's own words: en or id")
	flags.StringVar(&d.key, "attest-key", "", "private key in PEM, Ed25519 or ECDSA P-256, to sign the reports with")
	flags.IntVar(&d.valid, "attest-days", defaultValid, "days that the signature is good for, from the end of the run")
}

// check reads what the flags name before anything is sent: a key that does not load must not cost a run.
func (d *dossierFlags) check(out string) error {
	var err error
	if d.language, err = reports.ParseLang(d.lang); err != nil {
		return usage("--lang: %w", err)
	}
	if d.valid < 1 || d.valid > 3660 {
		return usage("--attest-days takes 1 to 3660")
	}
	if d.key == "" {
		return nil
	}
	if inside(out, d.key) {
		return usage("--attest-key: %s is in the report folder, which is given away; keep the key elsewhere", d.key)
	}
	text, err := readText(d.key)
	if err != nil {
		return usage("--attest-key: %w", err)
	}
	if d.signer, err = reports.ParseSigningKey([]byte(text)); err != nil {
		return usage("--attest-key: %s: %w", d.key, err)
	}
	return nil
}

// inside tells whether a file is in a folder or below it.
func inside(dir, file string) bool {
	for _, resolve := range []func(string) (string, error){filepath.Abs, filepath.EvalSymlinks} {
		d, err1 := resolve(dir)
		f, err2 := resolve(file)
		if err1 != nil || err2 != nil {
			continue
		}
		rel, err := filepath.Rel(d, f)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// dossierOf gathers what the papers are made from; evidence is nil when nothing was sent.
func dossierOf(report *reports.Report, plan *suites.Plan, evidence *suites.Evidence, lang reports.Lang, providers string) (*reports.Dossier, error) {
	official, err := fixtures.OfficialForm()
	if err != nil {
		return nil, err
	}
	d := &reports.Dossier{Report: report, Form: suites.Form(plan, official), Lang: lang}
	var flags []string
	if providers != "" {
		flags = []string{"--providers", providers}
	}
	if evidence != nil {
		d.Exchanges = suites.Exchanges(plan, evidence, flags...)
	}
	return d, nil
}

// attest signs a folder whose files are all in place. A run that may not be certified is no fault of the command: the
// reasons are said, and the verdict decides the exit code.
func (a *app) attest(d *dossierFlags, dir string) error {
	if d.signer == nil {
		return nil
	}
	err := reports.Attest(dir, d.signer, reports.AttestOptions{Valid: time.Duration(d.valid) * 24 * time.Hour})
	var refusal *reports.Refusal
	switch {
	case errors.As(err, &refusal):
		a.say("%s", refusal.Error())
		return nil
	case err != nil:
		return fmt.Errorf("attest: %w", err)
	}
	a.note("signed: %s; check it with snapcert report verify %s --key PUBLIC.pem", filepath.Join(dir, reports.AttestationFile), plainOrQuoted(dir))
	return nil
}
