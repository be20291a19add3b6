//go:build unix && !linux

package loadprofiles

// residentUnit is what the kernel counts the resident set in; on macOS bytes.
const residentUnit = 1
