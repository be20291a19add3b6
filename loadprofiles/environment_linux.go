package loadprofiles

// residentUnit is what the kernel counts the resident set in.
const residentUnit = 1024
