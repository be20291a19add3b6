package reports

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPhrasebook(t *testing.T) {
	book, err := OpenPhrasebook(Indonesian)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"The member partnerReferenceNo must be a string of at most 64 characters.", "Anggota partnerReferenceNo harus berupa string paling banyak 64 karakter."},
		{"refused with HTTP 400 4000601, or HTTP 400 4000602, or before SNAP with HTTP 400, 415", "ditolak dengan HTTP 400 4000601, atau HTTP 400 4000602, atau sebelum SNAP dengan HTTP 400, 415"},
		{"request 2 of 3: body.state: left out", "permintaan 2 dari 3: body.state: ditiadakan"},
		{"A signature in X-SIGNATURE that is wrong in its key, the path or the timestamp is refused.", "Tanda tangan di X-SIGNATURE yang salah pada kuncinya, path atau timestamp ditolak."},
		{"The member a must match [a-z]{1}.", "Anggota a harus cocok dengan [a-z]{1}."},
		{"words of a contract's own", "words of a contract's own"},
		{"", ""},
	} {
		if got, _ := book.Say(tt.text); got != tt.want {
			t.Errorf("%q is\n%q, want\n%q", tt.text, got, tt.want)
		}
	}
	english, err := OpenPhrasebook(English)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := english.Say("left out"); got != "left out" {
		t.Errorf("English became %q", got)
	}
}

// No text makes it fail, and what it does not know it leaves alone.
func TestPhrasebookOnAnyText(t *testing.T) {
	book, err := OpenPhrasebook(Indonesian)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("refused with accepted, or {1} HTTP 400 \n\x00\xff—"))).Draw(t, "text")
		if said, ok := book.Say(text); !ok && said != text {
			t.Fatalf("%q became %q", text, said)
		}
	})
}
