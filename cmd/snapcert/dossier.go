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
	form  string // file of the form's rows; "" for the built-in ones
	key   string // file of the key that attests; "" for no attestation
	valid int    // days

	language reports.Lang
	official *fixtures.Form
	signer   crypto.Signer // nil for no attestation
}

// defaultValid is how many days an attestation is good for when nobody says.
const defaultValid = 90

func (d *dossierFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&d.lang, "lang", "en", "language of the report's own words: en or id")
	flags.StringVar(&d.form, "form", "", "YAML file with the rows of the functional-test form, instead of the built-in ones")
	flags.StringVar(&d.key, "attest-key", "", "private key in PEM, Ed25519 or ECDSA P-256, to sign the reports with")
	flags.IntVar(&d.valid, "attest-days", defaultValid, "days that the signature is good for, from the end of the run")
}

// check reads what the flags name before anything is sent: a key that does not load must not cost a run.
func (d *dossierFlags) check(out string) error {
	var err error
	if d.language, err = reports.ParseLang(d.lang); err != nil {
		return usage("--lang: %w", err)
	}
	if d.form == "" {
		d.official, err = fixtures.OfficialForm()
	} else {
		d.official, err = fixtures.OpenForm(d.form)
	}
	if err != nil {
		return withCode(exitUsage, err)
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

// dossier gathers what the papers are made from; evidence is nil when nothing was sent.
func (d *dossierFlags) dossier(report *reports.Report, plan *suites.Plan, evidence *suites.Evidence, providers string) *reports.Dossier {
	out := &reports.Dossier{Report: report, Form: suites.Form(plan, d.official), Lang: d.language}
	var flags []string
	if providers != "" {
		flags = []string{"--providers", providers}
	}
	if evidence != nil {
		out.Exchanges = suites.Exchanges(plan, evidence, flags...)
	}
	return out
}

// dossierOf is a dossier with the built-in form.
func dossierOf(report *reports.Report, plan *suites.Plan, evidence *suites.Evidence, lang reports.Lang, providers string) (*reports.Dossier, error) {
	official, err := fixtures.OfficialForm()
	if err != nil {
		return nil, err
	}
	d := dossierFlags{language: lang, official: official}
	return d.dossier(report, plan, evidence, providers), nil
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
