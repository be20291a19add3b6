package loadprofiles

// canPeek says whether the fast transport is to be had on this system. Here it is not: nothing tells whether an idle
// connection is still good without sending a request on it.
const canPeek = false

func peek(uintptr) glimpse { return theEnd }
