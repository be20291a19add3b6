//go:build unix

package loadprofiles

import (
	"errors"
	"syscall"
)

// canPeek says whether the fast transport is to be had on this system.
const canPeek = true

// peek looks at what the kernel holds for a connection, and takes nothing.
func peek(descriptor uintptr) glimpse {
	var one [1]byte
	n, _, err := syscall.Recvfrom(int(descriptor), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return nothing
	case err != nil || n == 0:
		return theEnd
	}
	return something
}
