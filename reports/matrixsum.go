package reports

import "slices"

// Seen tells whether the own check saw the break. That nothing could be told is no sight of it.
func (b *MatrixBreak) Seen() bool {
	return b.Failure == "" && (b.Verdict == Fail || b.Verdict == Warn)
}

// Stray are the hits that nothing declares.
func (b *MatrixBreak) Stray() []MatrixHit {
	var all []MatrixHit
	for _, h := range b.Hits {
		if h.Tie == "" {
			all = append(all, h)
		}
	}
	return all
}

// Sound tells whether the break was seen by its own check and by no other but those declared.
func (b *MatrixBreak) Sound() bool { return b.Seen() && len(b.Stray()) == 0 }

// Killed tells whether the rule's check is proven: it was broken, and every break was sound.
func (r *MatrixRow) Killed() bool {
	for i := range r.Breaks {
		if !r.Breaks[i].Sound() {
			return false
		}
	}
	return len(r.Breaks) > 0
}

// Flawed tells whether the row needs work.
func (r *MatrixRow) Flawed() bool { return !r.Killed() && !r.Excused }

// Sum works the figures out, and whether the matrix is sound.
func (m *Matrix) Sum() {
	f := MatrixFigures{Providers: len(m.Baselines)}
	m.Sound = len(m.Rows) > 0 && m.Interrupted == ""
	for _, b := range m.Baselines {
		f.Requests += b.Requests
		m.Sound = m.Sound && len(b.Flaws) == 0
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		m.Sound = m.Sound && !r.Flawed()
		switch {
		case r.Excused:
			f.Untouched++
			continue
		case r.Killed():
			f.Killed++
		}
		f.Rules++
		f.Cases += r.Cases
		f.Idle += len(r.Idle)
		for j := range r.Breaks {
			b := &r.Breaks[j]
			f.Breaks++
			if b.Failure == NotReached {
				f.Unreached++
				continue
			}
			f.Providers++
			f.Requests += b.Requests
			f.Stray += len(b.Stray())
			f.Declared += len(b.Hits) - len(b.Stray())
			if b.Seen() {
				f.Seen++
			}
		}
	}
	for _, r := range m.Faults {
		if !slices.Contains(r.Flaws, NotReached) {
			f.Providers++
		}
		f.Requests += r.Requests
		m.Sound = m.Sound && len(r.Flaws) == 0
	}
	for _, r := range m.Styles {
		if !slices.Contains(r.Flaws, NotReached) {
			f.Providers++
		}
		f.Requests += r.Requests
		m.Sound = m.Sound && len(r.Flaws) == 0
	}
	if f.Rules > 0 {
		f.KillRate = 100 * float64(f.Killed) / float64(f.Rules)
	}
	m.Figures = f
}

// Pending tells whether the row has breaks that an interrupt kept from being tried, and nothing else is wrong with it.
func (r *MatrixRow) Pending() bool {
	pending := false
	for i := range r.Breaks {
		b := &r.Breaks[i]
		if b.Failure == NotReached {
			pending = true
		} else if !b.Sound() {
			return false
		}
	}
	return pending
}
