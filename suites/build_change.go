package suites

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// change makes one edit of the draft.
func (b *bend) change(c Change) error {
	d := b.draft
	switch c.Op {
	case OpKeep:
		return nil
	case OpDrop:
		return d.Drop(c.At)
	case OpSet, OpSetAfter:
		return d.Set(c.At, c.Value)
	case OpSetRaw:
		d.SetRaw([]byte(textOf(c.Value)))
		return nil
	case OpMethod:
		d.Method = textOf(c.Value)
		if d.Method == "GET" {
			d.Body = nil // a GET has none, whatever else is asked of it
		}
		return nil
	case OpPath:
		d.Path = otherPath(d.Path, textOf(c.Value))
		return nil
	case OpCopy, OpCopyCase:
		return b.copyFrom(c)
	case OpShare:
		row, _, ok := b.endpoint.Row(c.At)
		if !ok {
			return errors.New("no row says what its values look like")
		}
		return d.SetText(c.At, contract.Invent(row, b.shared))
	case OpFill:
		return b.fill(c)
	case OpAnswer:
		return b.fromAnswer(c)
	case OpIndent, OpTamper:
		edit := indent
		if c.Op == OpTamper {
			edit = tamper
		}
		body, err := edit(d.Body)
		if err == nil {
			d.SetRaw(body)
		}
		return err
	case OpSeamless:
		return b.bendSeamless(c)
	}
	return b.reform(c)
}

// reform derives the new value from the one that the good request has.
func (b *bend) reform(c Change) error {
	row, where, ok := b.endpoint.Row(c.At)
	if !ok {
		_, name := c.At.Split()
		where, _ = c.At.Split()
		row = &contract.Row{Name: name}
	}
	good := b.good(c.At, row)
	switch c.Op {
	case OpLength:
		var as lengthAs
		if err := json.Unmarshal(c.Value, &as); err != nil {
			return err
		}
		var fresh func(string, int) string
		if drawn(row) {
			fresh = func(alphabet string, n int) string { return draw(b.random, alphabet, n) }
		}
		text, err := shapeOf(row, where, good).ofLength(good, as.Chars, as.Wide, b.now.In(jakarta()), fresh)
		if err != nil {
			return err
		}
		return b.draft.SetText(c.At, text)
	case OpMiddle:
		return b.draft.SetText(c.At, replaceMiddle(good, row.Prefix, textOf(c.Value)))
	case OpTruncate:
		var n int
		if err := json.Unmarshal(c.Value, &n); err != nil {
			return err
		}
		runes := []rune(good)
		return b.draft.SetText(c.At, string(runes[:min(n, len(runes))]))
	case OpBegin:
		var as beginAs
		if err := json.Unmarshal(c.Value, &as); err != nil {
			return err
		}
		return b.draft.SetText(c.At, as.apply(good))
	case OpOther:
		if b.other == "" {
			b.other = otherLike(strings.TrimPrefix(good, row.Prefix), b.random)
		}
		return b.draft.SetText(c.At, row.Prefix+b.other)
	case OpTimeAs:
		var as timeAs
		if err := json.Unmarshal(c.Value, &as); err != nil {
			return err
		}
		return b.draft.SetText(c.At, as.render(b.now, b.endpoint.Provider.Timestamp.Layout))
	case OpSwapCase:
		return b.draft.SetText(c.At, swapCase(good))
	case OpRaw:
		bare, err := bareDocument(row.Encoding, good)
		if err != nil {
			return err
		}
		return b.draft.SetText(c.At, bare)
	case OpMembers:
		return b.onlyMembers(c, row, good)
	case OpEscape:
		raw, ok := b.draft.JSON(c.At)
		if !ok {
			return errors.New("it is not there")
		}
		return b.draft.Set(c.At, escapeJSON(raw))
	}
	return fmt.Errorf("no such change: %s", c.Op)
}

// good is the item's text in the good request; that of an item which only signing fills is known beforehand.
func (b *bend) good(at contract.Address, row *contract.Row) string {
	if text, ok := b.draft.Text(at); ok {
		return text
	}
	switch row.From {
	case contract.FromB2BToken:
		return row.Prefix + b.signing.Token
	case contract.FromCustomerToken:
		return row.Prefix + b.signing.CustomerToken
	case contract.FromTimestamp:
		return row.Prefix + b.now.In(jakarta()).Format(b.endpoint.Provider.Timestamp.Layout)
	}
	return ""
}

// copyFrom takes the value an item had in an earlier step.
func (b *bend) copyFrom(c Change) error {
	if c.FromStep >= len(b.story.drafts) || b.story.drafts[c.FromStep] == nil {
		return fmt.Errorf("step %d was not sent", c.FromStep+1)
	}
	value, ok := b.story.drafts[c.FromStep].JSON(c.At)
	if !ok {
		return fmt.Errorf("step %d had no such item", c.FromStep+1)
	}
	if c.Op == OpCopyCase {
		value = json.RawMessage(swapCase(string(value))) // a JSON string without escapes: only drawn values are copied so
	}
	return b.draft.Set(c.At, value)
}

// fill takes the item from another source. A target that lacks one value of a prepared account leaves the item as it is.
func (b *bend) fill(c Change) error {
	text := b.prepared(sourceOf(c))
	if text == "" {
		return nil
	}
	prefix := ""
	if row, _, ok := b.endpoint.Row(c.At); ok {
		prefix = row.Prefix
	}
	return b.draft.SetText(c.At, prefix+text)
}

func sourceOf(c Change) contract.Source { return contract.Source(textOf(c.Value)) }

// errNoMember says that an earlier answer lacks what a step needs: the provider's doing, not ours.
var errNoMember = errors.New("the answer before it carries no such member")

func (b *bend) fromAnswer(c Change) error {
	if c.FromStep >= len(b.story.answers) || b.story.answers[c.FromStep] == nil {
		return errNoMember
	}
	text, ok := memberText(b.story.answers[c.FromStep].Body, textOf(c.Value))
	if !ok {
		return errNoMember
	}
	prefix := ""
	if row, _, ok := b.endpoint.Row(c.At); ok {
		prefix = row.Prefix
	}
	return b.draft.SetText(c.At, prefix+text)
}

// bendSeamless writes the signature in the body anew: by a strange key, or the right one in another spelling.
func (b *bend) bendSeamless(c Change) error {
	how := textOf(c.Value)
	if how == seamlessKey {
		strange, err := b.strange()
		if err != nil {
			return err
		}
		text, ok := b.draft.SeamlessText()
		if !ok {
			return errors.New("there is nothing to sign")
		}
		signature, err := snap.SeamlessSign(strange, text)
		if err != nil {
			return err
		}
		return b.draft.SetText(c.At, signature)
	}
	sent, _ := b.draft.Text(c.At)
	bare, err := url.QueryUnescape(sent)
	if err != nil {
		return err
	}
	if how == seamlessHex {
		raw, err := base64.StdEncoding.DecodeString(bare)
		if err != nil {
			return err
		}
		bare = hex.EncodeToString(raw)
	}
	return b.draft.SetText(c.At, bare)
}

func (b *bend) onlyMembers(c Change, row *contract.Row, good string) error {
	var names []string
	if err := json.Unmarshal(c.Value, &names); err != nil {
		return err
	}
	bare, err := bareDocument(row.Encoding, good)
	if err != nil {
		return err
	}
	kept, err := keepMembers(bare, names)
	if err != nil {
		return err
	}
	if row.Encoding == "" {
		return b.draft.Set(c.At, json.RawMessage(kept))
	}
	return b.draft.SetText(c.At, encodeDocument(row.Encoding, kept))
}

func draw(random *rand.Rand, alphabet string, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}

func textOf(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) != nil {
		return string(v)
	}
	return text
}

func (as beginAs) apply(good string) string {
	rest := strings.TrimPrefix(good, as.From)
	text := as.To + rest
	if !as.Keep {
		return text
	}
	return cutOrPad(text, utf8.RuneCountInString(good), "7", "")
}
