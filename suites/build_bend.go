package suites

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// bend makes one request: changes before signing, the signature, changes after it.
type bend struct {
	*maker
	story    *story
	endpoint *contract.Endpoint
	step     *Step
	draft    *contract.Draft
	signing  contract.Signing
	now      time.Time
	random   *rand.Rand // this copy's own
	shared   *rand.Rand // the same for all copies of the step
	other    string     // the value of OpOther, the same for every item it is put into
}

// stage says when a change is made: before the signature inside the body, after it, or after the whole is signed.
type stage int

const (
	beforeSeamless stage = iota
	beforeSignature
	afterSignature
)

func (b *bend) stageOf(c Change) stage {
	switch c.Op {
	case OpSetAfter, OpTamper, OpIndent, OpSwapCase:
		return afterSignature
	case OpSetRaw, OpSeamless:
		return beforeSignature
	case OpDrop:
		return beforeSeamless
	}
	row, _, ok := b.endpoint.Row(c.At)
	switch {
	case ok && row.From == contract.FromSignature:
		return afterSignature
	case ok && row.From == contract.FromSeamlessSign && c.Op != OpSet:
		return beforeSignature
	}
	return beforeSeamless
}

func (b *bend) apply(s stage) error {
	for _, c := range b.step.Changes {
		if b.stageOf(c) != s {
			continue
		}
		if err := b.change(c); err != nil {
			return fmt.Errorf("change %s of %s: %w", c.Op, c.At, err)
		}
	}
	return nil
}

func (b *bend) make() (*snap.Request, error) {
	if err := b.apply(beforeSeamless); err != nil {
		return nil, err
	}
	p, err := b.draft.Prepare(b.signing)
	if err != nil {
		return nil, err
	}
	b.draft = p.Draft
	if err := b.apply(beforeSignature); err != nil {
		return nil, err
	}
	signature, err := b.sign(p)
	if err != nil {
		return nil, err
	}
	if b.step.Sign.None {
		signature = ""
	}
	if err := p.Seal(signature); err != nil {
		return nil, err
	}
	if err := b.apply(afterSignature); err != nil {
		return nil, err
	}
	return p.Request(), nil
}

// sign makes the signature, wrong in the part that the step says and in nothing else.
func (b *bend) sign(p *contract.Prepared) (string, error) {
	s, q := b.signing, *p
	text := ""
	switch b.step.Sign.Part {
	case contract.PartKey:
		s.Secret = []byte(s.ClientKey)
		if b.endpoint.Token {
			strange, err := b.strange()
			if err != nil {
				return "", err
			}
			s.Key = strange
		}
	case contract.PartMethod:
		q.Draft = p.Draft.Clone()
		q.Draft.Method = "PUT"
	case contract.PartPath:
		q.Draft = p.Draft.Clone()
		q.Draft.Path += "/"
	case contract.PartToken:
		q.Token = otherLast(p.Token)
	case contract.PartTimestamp:
		q.Timestamp = b.now.Add(-time.Second).In(jakarta()).Format(b.endpoint.Provider.Timestamp.Layout)
	case contract.PartHashCase:
		hash := snap.BodyHash(p.Scheme, p.Draft.Body)
		text = strings.Replace(p.Text(), ":"+hash+":", ":"+strings.ToUpper(hash)+":", 1)
	case contract.PartEmptyHash:
		q.Scheme.EmptyBody = "{}"
		if p.Scheme.EmptyBody == "{}" {
			q.Scheme.EmptyBody = ""
		}
	case contract.PartQuery:
		q.Scheme.Query = !p.Scheme.Query
	}
	if text == "" {
		text = q.Text()
	}
	return p.Signature(s, text)
}

// otherLast replaces the last character by another of its kind.
func otherLast(s string) string {
	if s == "" {
		return "A"
	}
	last := byte('A')
	if s[len(s)-1] == last {
		last = 'B'
	}
	return s[:len(s)-1] + string(last)
}

// tamper replaces the last decimal digit by its successor; 9 becomes 0.
func tamper(body []byte) ([]byte, error) {
	i := bytes.LastIndexAny(body, "0123456789")
	if i < 0 {
		return nil, errors.New("the body has no digit that could be changed")
	}
	out := bytes.Clone(body)
	out[i] = '0' + (out[i]-'0'+1)%10
	return out, nil
}

// indent spreads the body over lines; its minified form stays what was signed.
func indent(body []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
