package loadprofiles

import (
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/snapcert/snapcert/reports"
)

// environment describes the machine. What an operating system does not tell stays empty.
func environment() reports.Environment {
	return reports.Environment{
		Cores: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0), Kernel: kernel(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Go: runtime.Version(), LoadBefore: loadAverage(), FileLimit: fileLimit(),
	}
}

// loadAverage is the machine's, over 1, 5 and 15 minutes.
func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(data))[:3], " ")
}

// cpuMeter measures the processor time of the measured part.
type cpuMeter struct {
	began time.Time
	used  time.Duration
	took  time.Duration
	from  time.Duration
}

func (c *cpuMeter) begin() { c.began, c.from = time.Now(), processorTime() }

func (c *cpuMeter) end() {
	if !c.began.IsZero() {
		c.took, c.used = time.Since(c.began), processorTime()-c.from
	}
}

// share is the part of this process's quota that was used: Go sets GOMAXPROCS to the cores that it may use, a
// container's limit included.
func (c *cpuMeter) share() float64 {
	if c.took <= 0 {
		return 0
	}
	return c.used.Seconds() / c.took.Seconds() / float64(runtime.GOMAXPROCS(0))
}
