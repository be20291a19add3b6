package reports

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Verification is what an attestation says and whether it can be believed.
type Verification struct {
	Problems   []string // every file that was changed, is missing or was added, and every fault of the attestation itself
	Files      int      // files that are as they were signed
	Standing   Standing
	Target     string
	Embedded   bool // the target was the sandbox that comes with the tool
	Build      string
	Endpoints  []string // with the standing of each
	Run        string
	Tool       string
	Started    time.Time
	Ended      time.Time
	ValidUntil time.Time
	Passed     int
	Warned     int
	Waived     int
	Untested   int
}

// OK tells whether nothing is wrong.
func (v *Verification) OK() bool { return len(v.Problems) == 0 }

// Verify checks the attestation of a directory with a public key: the signature, then the digest of every file, naming
// each that was changed, removed or added. It needs no network. The error is for what kept it from checking at all.
func Verify(dir string, key crypto.PublicKey, now time.Time) (*Verification, error) {
	data, err := os.ReadFile(filepath.Join(dir, AttestationFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not signed: it holds no %s", dir, AttestationFile)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the attestation: %w", err)
	}
	v := new(Verification)
	s := v.open(data, key)
	if s == nil {
		return v, nil
	}
	v.Standing, v.Target, v.Embedded, v.Build, v.Run = s.Predicate.Standing, s.Predicate.Target.Host, s.Predicate.Target.Embedded, s.Predicate.Target.Build, s.Predicate.Run
	v.Tool = s.Predicate.Tool.Name + " " + s.Predicate.Tool.Version
	v.Started, v.Ended, v.ValidUntil = s.Predicate.Started, s.Predicate.Ended, s.Predicate.ValidUntil
	v.Passed, v.Warned, v.Waived, v.Untested = len(s.Predicate.PassedTests), len(s.Predicate.WarnedTests), len(s.Predicate.WaivedTests), len(s.Predicate.UntestedTests)
	for _, e := range s.Predicate.Endpoints {
		v.Endpoints = append(v.Endpoints, line(e.Name)+" ("+e.Standing.words()+")")
	}
	if now.After(v.ValidUntil) {
		v.say("the attestation was valid until %s", v.ValidUntil.Format("2006-01-02 15:04 MST"))
	}
	return v, v.files(dir, s)
}

func (v *Verification) say(format string, args ...any) {
	v.Problems = append(v.Problems, line(fmt.Sprintf(format, args...)))
}

// open checks the envelope and gives its statement, or nil when nothing in it can be believed.
func (v *Verification) open(data []byte, key crypto.PublicKey) *statement {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		v.say("%s was changed: it is no envelope (%v)", AttestationFile, err)
		return nil
	}
	if len(e.Signatures) != 1 || e.PayloadType != payloadType {
		v.say("%s was changed: it is no in-toto statement with one signature", AttestationFile)
		return nil
	}
	payload, err1 := base64.StdEncoding.Strict().DecodeString(e.Payload)
	signature, err2 := base64.StdEncoding.Strict().DecodeString(e.Signatures[0].Sig)
	if err1 != nil || err2 != nil {
		v.say("%s was changed: it is not in base64", AttestationFile)
		return nil
	}
	if !signed(key, pae(payload), signature) {
		v.say("%s is not signed by this key, or was changed since", AttestationFile)
		return nil
	}
	if !bytes.Equal(seal(e), data) {
		v.say("%s was changed outside of what is signed", AttestationFile)
	}
	s := new(statement)
	if err := json.Unmarshal(payload, s); err != nil || s.Type != statementType || s.PredicateType != predicateType {
		v.say("%s is signed by this key, but is no test result", AttestationFile)
		return nil
	}
	return s
}

// files compares the directory with the statement.
func (v *Verification) files(dir string, s *statement) error {
	found, err := digests(dir)
	if err != nil {
		return fmt.Errorf("checking %s: %w", dir, err)
	}
	now := map[string]string{}
	for _, f := range found {
		now[f.Name] = f.Digest["sha256"]
	}
	for _, f := range s.Subject {
		is, here := now[f.Name]
		delete(now, f.Name)
		switch {
		case !here:
			v.say("%s is missing", f.Name)
		case is != f.Digest["sha256"]:
			v.say("%s was changed: its SHA-256 is %s, signed was %s", f.Name, is, f.Digest["sha256"])
		default:
			v.Files++
		}
	}
	for _, f := range found {
		if _, left := now[f.Name]; left {
			v.say("%s was added after signing", f.Name)
		}
	}
	return nil
}

// digests are the files of a directory and of those below it, but for the attestation, by name with slashes.
func digests(dir string) ([]resource, error) {
	var out []resource
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if name == AttestationFile {
			return nil
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file, and only those can be attested", name)
		}
		sum, err := digest(path)
		out = append(out, resource{name, map[string]string{"sha256": sum}})
		return err
	})
	slices.SortFunc(out, func(a, b resource) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

func digest(path string) (sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// WriteText says what was found, in words.
func (v *Verification) WriteText(w io.Writer) error {
	var b strings.Builder
	if v.Run != "" {
		target := line(v.Target)
		if v.Embedded {
			target += " (the sandbox that comes with the tool)"
		}
		fmt.Fprintf(&b, "run %s of %s against %s", line(v.Run), line(v.Tool), strings.TrimSpace(target+" "+line(v.Build)))
		fmt.Fprintf(&b, "\n%s to %s, valid until %s", v.Started.Format(time.RFC3339), v.Ended.Format(time.RFC3339), v.ValidUntil.Format("2006-01-02"))
		fmt.Fprintf(&b, "\n%s", strings.Join(v.Endpoints, ", "))
		fmt.Fprintf(&b, "\n%s: %d rules held, %d warned, %d waived, %d not tested\n", v.Standing.words(), v.Passed, v.Warned, v.Waived, v.Untested)
	}
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "WRONG: %s\n", p)
	}
	if v.OK() {
		fmt.Fprintf(&b, "verified: the signature is good and all %d files are as they were signed\n", v.Files)
	} else {
		b.WriteString("NOT VERIFIED\n")
	}
	fmt.Fprintf(&b, "%s\n", Meaning)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the verification: %w", err)
	}
	return nil
}
