//go:build unix

package loadprofiles

import (
	"errors"
	"syscall"
)

// canPeek says whether the fast transport is to be had on this system.
const canPeek = true

// peek looks at what the kernel holds for the connection, and takes nothing.
func (l *link) peek(descriptor uintptr) bool {
	var one [1]byte
	n, _, err := syscall.Recvfrom(int(descriptor), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		l.seen = nothing
	case err != nil || n == 0:
		l.seen = theEnd
	default:
		l.seen = something
	}
	return true
}
