package loadprofiles

import (
	"syscall"
	"time"
)

func kernel() string { return "" }

func fileLimit() uint64 { return 0 }

// processorTime is what this process has used so far, in user and kernel mode.
func processorTime() time.Duration {
	var created, exited, kernelTime, userTime syscall.Filetime
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	if err := syscall.GetProcessTimes(process, &created, &exited, &kernelTime, &userTime); err != nil {
		return 0
	}
	ticks := func(f syscall.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) }
	return time.Duration(100 * (ticks(kernelTime) + ticks(userTime)))
}

func residentMost() uint64 { return 0 }
