package suites

import "github.com/snapcert/snapcert/fixtures/snap"

// NewLeapClock is the clock of this package's tests, for those outside the package.
func NewLeapClock() snap.Clock { return newLeapClock() }
