package loadprofiles

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ticketsOf(t testing.TB, lines string, seed int64) ([]Ticket, *Schedule) {
	t.Helper()
	p, err := Parse("test.yaml", []byte("name: test\nabout: A test.\nstages: [wire]\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSchedule(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	var list []Ticket
	tickets := s.Tickets()
	for ticket, ok := tickets.Next(); ok; ticket, ok = tickets.Next() {
		list = append(list, ticket)
	}
	return list, s
}

// between counts the tickets due within a stretch of time.
func between(list []Ticket, from, to time.Duration) int {
	n := 0
	for _, ticket := range list {
		if ticket.Due >= from && ticket.Due < to {
			n++
		}
	}
	return n
}

func TestEvenArrivals(t *testing.T) {
	list, s := ticketsOf(t, "warm-up: {rate: 10/1s, for: 2s}\nload:\n  - {rate: 50/1s, for: 4s}\n", 1)
	if len(list) != 220 || s.WarmUp() != 2*time.Second || s.Length() != 6*time.Second || s.Peak() != 50 {
		t.Fatalf("%d tickets, warm-up %s, length %s, peak %g", len(list), s.WarmUp(), s.Length(), s.Peak())
	}
	for i, ticket := range list {
		want := 2*time.Second + time.Duration(i-20)*20*time.Millisecond
		if i < 20 {
			want = time.Duration(i) * 100 * time.Millisecond
		}
		if d := (ticket.Due - want).Abs(); d > time.Microsecond || ticket.Measured != (i >= 20) || ticket.N != uint64(i) {
			t.Fatalf("ticket %d: %+v, want it due at %s", i, ticket, want)
		}
	}
	if s.Rate(time.Second) != 10 || s.Rate(3*time.Second) != 50 || s.Rate(7*time.Second) != 0 {
		t.Error("the rate asked is another than the profile's")
	}
}

// On a straight line from 0 to 100 in 10 s, t²·5 requests are due within the first t seconds.
func TestLinearArrivals(t *testing.T) {
	list, _ := ticketsOf(t, "load: [{from: 0/1s, to: 100/1s, for: 10s}]\n", 1)
	if len(list) != 500 {
		t.Errorf("%d tickets, want 500", len(list))
	}
	for seconds := 1; seconds <= 10; seconds++ {
		want := 5 * seconds * seconds
		if got := between(list, 0, time.Duration(seconds)*time.Second); got < want-1 || got > want+1 {
			t.Errorf("%d tickets within %d s, want %d", got, seconds, want)
		}
	}
	down, _ := ticketsOf(t, "load: [{from: 100/1s, to: 0/1s, for: 10s}]\n", 1)
	if got := between(down, 0, 5*time.Second); got < 374 || got > 376 {
		t.Errorf("%d of %d tickets in the first half of the way down, want 375", got, len(down))
	}
}

func TestStairs(t *testing.T) {
	list, _ := ticketsOf(t, "load: [{from: 10/1s, to: 50/1s, steps: 3, for: 6s}]\n", 1)
	for i, want := range []int{20, 60, 100} {
		if got := between(list, time.Duration(2*i)*time.Second, time.Duration(2*i+2)*time.Second); got != want {
			t.Errorf("step %d has %d tickets, want %d", i, got, want)
		}
	}
}

// Poisson arrivals have the asked mean, gaps as spread as they are long, and are the same for the same seed.
func TestPoissonArrivals(t *testing.T) {
	const lines = "arrivals: poisson\nload: [{rate: 200/1s, for: 50s}]\n"
	list, _ := ticketsOf(t, lines, 7)
	if n := float64(len(list)); math.Abs(n-10000) > 5*math.Sqrt(10000) {
		t.Errorf("%g tickets, want about 10000", n)
	}
	var sum, squares float64
	for i := range list[1:] {
		gap := (list[i+1].Due - list[i].Due).Seconds()
		sum += gap
		squares += gap * gap
	}
	n := float64(len(list) - 1)
	mean := sum / n
	if spread := math.Sqrt(squares/n-mean*mean) / mean; spread < 0.95 || spread > 1.05 {
		t.Errorf("the gaps' deviation is %.3f of their mean, want about 1", spread)
	}
	again, _ := ticketsOf(t, lines, 7)
	other, _ := ticketsOf(t, lines, 8)
	if !slices.Equal(list, again) || slices.Equal(list, other) {
		t.Error("the seed does not decide the arrivals")
	}
}

// A pair is due at one instant, costs two arrivals, and there is none in the warm-up.
func TestPairs(t *testing.T) {
	list, _ := ticketsOf(t, "warm-up: {rate: 100/1s, for: 5s}\nload: [{rate: 100/1s, for: 100s}]\nduplicates: 10%\n", 3)
	if len(list) < 10499 || len(list) > 10501 {
		t.Errorf("%d tickets, want 10500: duplicates take the place of others", len(list))
	}
	pairs := 0
	for i, ticket := range list {
		if ticket.Duplicate {
			pairs++
			if before := list[i-1]; !before.Paired || before.Due != ticket.Due || before.Duplicate {
				t.Fatalf("ticket %+v after %+v", ticket, before)
			}
		}
		if !ticket.Measured && (ticket.Paired || ticket.Duplicate) {
			t.Fatalf("a pair in the warm-up: %+v", ticket)
		}
	}
	// Of the tickets that can begin a pair a tenth do.
	if share := float64(pairs) / float64(10000-pairs); share < 0.085 || share > 0.115 {
		t.Errorf("%d pairs in 10000", pairs)
	}
}

// Whatever the profile, tickets come in order, within its length, as many as its rates add up to.
func TestSchedulesAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lines, expected := "load:\n", 0.0
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			from, to := rapid.IntRange(0, 300).Draw(r, "from"), rapid.IntRange(1, 300).Draw(r, "to")
			ms := rapid.IntRange(10, 3000).Draw(r, "length")
			lines += fmt.Sprintf("  - {from: %d/1s, to: %d/1s, for: %dms}\n", from, to, ms)
			expected += float64(from+to) / 2 * float64(ms) / 1000
		}
		list, s := ticketsOf(t, lines, 1)
		if d := math.Abs(float64(len(list)) - expected); d > 1 {
			r.Fatalf("%d tickets, want %.2f", len(list), expected)
		}
		last := time.Duration(0)
		for i, ticket := range list {
			if ticket.Due < last || ticket.Due > s.Length() || ticket.N != uint64(i) {
				r.Fatalf("ticket %d: %+v after %s", i, ticket, last)
			}
			last = ticket.Due
		}
	})
}

// Endpoints come by their weights; one without a weight never does, and pairs go where they are forbidden.
func TestMix(t *testing.T) {
	subjects := []*subject{{name: "a.a"}, {name: "a.b", repeated: "reference"}, {name: "a.c"}, {name: "a.d", repeated: "reference"}}
	list, err := weights([]Weight{{"a.a", 1}, {"a.b", 2}, {"a.c", 5}}, subjects)
	if err != nil {
		t.Fatal(err)
	}
	m := newMix(subjects, list, 1)
	count := make([]int, len(subjects))
	const n = 80000
	for i := range uint64(n) {
		count[m.pick(Ticket{N: i})]++
		if got := m.pick(Ticket{N: i, Paired: true}); got != 1 || m.pick(Ticket{N: i + 1, Duplicate: true}) != got {
			t.Fatalf("a pair went to %s", subjects[got].name)
		}
	}
	for i, want := range []int{n / 8, n / 4, 5 * n / 8, 0} {
		if d := count[i] - want; d*d > want*25 {
			t.Errorf("%s: %d of %d requests, want %d", subjects[i].name, count[i], n, want)
		}
	}
	if _, err := weights([]Weight{{"a.x", 1}}, subjects); err == nil {
		t.Error("an endpoint that nobody knows is in the mix")
	}
	alone := newMix(subjects[:1], []int{1}, 1)
	if got := alone.settle(Ticket{N: 1, Paired: true}); got.Paired {
		t.Error("a pair where nothing forbids one")
	}
}
