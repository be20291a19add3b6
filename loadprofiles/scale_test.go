package loadprofiles

import (
	"math"
	"testing"
	"time"
)

// Whatever the shape of a profile, another peak and another length keep it.
func TestScaledKeepsTheShape(t *testing.T) {
	for _, name := range []string{"steady", "ramp", "spike", "smoke", "soak"} {
		p, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		scaled, err := p.Scaled(7, 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		was, is := loadOf(t, p), loadOf(t, scaled)
		if math.Abs(is.Peak()-7) > 1e-9 || is.Length() != 20*time.Second {
			t.Errorf("%s: peak %g, length %s", name, is.Peak(), is.Length())
		}
		for i := range 20 {
			share := float64(i)/20 + 0.01
			at := func(s *Schedule) float64 { return s.Rate(time.Duration(share*float64(s.Length()))) / s.Peak() }
			if math.Abs(at(was)-at(is)) > 0.01 {
				t.Errorf("%s: at %.2f of the length %.3f of the peak, was %.3f", name, share, at(is), at(was))
			}
		}
		if w, err := scaled.WarmUp.Rate.PerSecond(); err != nil || w > 7 {
			t.Errorf("%s: warms up with %g a second, %v", name, w, err)
		}
		same, err := p.Scaled(0, 0)
		if err != nil || same.Load[0] != p.Load[0] || *same.WarmUp != *p.WarmUp {
			t.Errorf("%s: nothing asked, and it changed: %+v, %v", name, same, err)
		}
	}
}

func loadOf(t *testing.T, p Profile) *Schedule {
	t.Helper()
	s, err := NewSchedule(Profile{Load: p.Load}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
