package loadprofiles

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// unique is a value that is new in every request. Its last free digits hold the ticket's number, those before them a
// number drawn from the run, the stage and the trial; the rest is as the row's own rules made it. Ticket numbers are
// counted over all shards together, so no two requests of a run, or of two runs, are alike.
type unique struct {
	source contract.Source
	name   string
	text   string
	run    []byte // with the run's part in it
	free   []int  // places where any digit keeps the row's rules, last first
}

// ticketDigits holds more requests than any run sends.
const ticketDigits = 10

// fewestDigits leaves three digits to tell runs apart.
const fewestDigits = ticketDigits + 3

const digits = "0123456789"

// layOut finds the free places by looking at many values that keep the row's rules, and writes the run's part.
func (u *unique) layOut(row *contract.Row, lane string) error {
	random := rand.New(rand.NewPCG(7, 7))
	seen := make([]map[byte]bool, len(u.text))
	for i := range seen {
		seen[i] = map[byte]bool{}
	}
	const samples = 2000 // of 62 characters each is then missed once in 10^13 times
	for range samples {
		text := contract.Invent(row, random)
		if len(text) != len(u.text) {
			return fmt.Errorf("%s has no fixed length to put a ticket into", u.name)
		}
		for i := range len(text) {
			seen[i][text[i]] = true
		}
	}
	for i := len(seen) - 1; i >= 0; i-- {
		all := true
		for _, d := range []byte(digits) {
			all = all && seen[i][d]
		}
		if all {
			u.free = append(u.free, i)
		}
	}
	if len(u.free) < fewestDigits {
		return fmt.Errorf("%s has %d free places, and %d are needed to be unique in every request", u.name, len(u.free), fewestDigits)
	}
	// What tells runs apart is drawn once, for at most as many digits as a hash gives.
	sum := sha256.Sum256([]byte(lane))
	text := []byte(u.text)
	for i, at := range u.free[ticketDigits:] {
		word := binary.BigEndian.Uint16(sum[i%(len(sum)-1):])
		text[at] = digits[int(word)%len(digits)]
	}
	u.run = text
	return nil
}

// write appends the value for ticket n.
func (u *unique) write(dst []byte, n uint64) []byte {
	dst = append(dst, u.run...)
	for _, at := range u.free[:ticketDigits] {
		dst[at] = digits[n%10]
		n /= 10
	}
	return dst
}
