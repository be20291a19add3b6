package reports

// thin joins neighbouring intervals until there are at most n. Counts are added up. Latencies cannot be: the joined
// interval takes the worst of each, so that no peak is lost, and a reader is told so.
func thin(series []Second, n int) []Second {
	if len(series) <= n || n < 1 {
		return series
	}
	each := (len(series) + n - 1) / n
	out := make([]Second, 0, n)
	for i := 0; i < len(series); i += each {
		out = append(out, joined(series[i:min(i+each, len(series))]))
	}
	return out
}

func joined(part []Second) Second {
	all := part[0]
	all.Codes = map[string]uint64{}
	for code, n := range part[0].Codes {
		all.Codes[code] = n
	}
	for _, s := range part[1:] {
		all.Width += s.Width
		all.Asked += s.Asked
		all.Sent += s.Sent
		all.Succeeded += s.Succeeded
		all.Failed += s.Failed
		all.P50, all.P90 = max(all.P50, s.P50), max(all.P90, s.P90)
		all.P99, all.Max = max(all.P99, s.P99), max(all.Max, s.Max)
		for code, n := range s.Codes {
			all.Codes[code] += n
		}
	}
	return all
}

// sound drops what no run of ours writes but a file may hold: intervals without a length or out of order.
func sound(series []Second) []Second {
	out := make([]Second, 0, len(series))
	end := 0
	for _, s := range series {
		if s.Width > 0 && s.At >= end && s.At < 1<<31-s.Width {
			out = append(out, s)
			end = s.At + s.Width
		}
	}
	return out
}

// end is the last second of a series.
func end(series []Second) int {
	if len(series) == 0 {
		return 1
	}
	last := series[len(series)-1]
	return max(1, last.At+last.Width)
}

// perSecond is a count of the interval as a rate.
func (s Second) perSecond(n uint64) float64 { return float64(n) / float64(max(1, s.Width)) }
