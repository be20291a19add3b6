package loadprofiles

import (
	"math"
	"sort"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/snapcert/snapcert/reports"
)

// The range of every histogram: one microsecond of resolution would hide signing, so values are nanoseconds, kept to
// three significant digits up to ten minutes. The many that stand beside each other, one for every code and interval,
// are coarser: a microsecond and two digits.
const (
	lowest         = int64(1)
	highest        = int64(10 * time.Minute)
	significant    = 3
	coarseLowest   = int64(time.Microsecond)
	coarseAccuracy = 2
)

func newHistogram() *hdr.Histogram { return hdr.New(lowest, highest, significant) }

func newCoarse() *hdr.Histogram { return hdr.New(coarseLowest, highest, coarseAccuracy) }

// record keeps a value, within what the histogram takes.
func record(h *hdr.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, h.LowestTrackableValue()), highest)) // in range, so it cannot fail
}

// distribution renders a histogram for a report.
func distribution(name string, h *hdr.Histogram) reports.Distribution {
	d := reports.Distribution{Name: name, Count: uint64(h.TotalCount())}
	if d.Count == 0 {
		return d
	}
	d.Min, d.Max = time.Duration(h.Min()), time.Duration(h.Max())
	d.Mean, d.StdDev = time.Duration(math.Round(h.Mean())), time.Duration(math.Round(h.StdDev()))
	for i, v := range h.ValueAtPercentilesSlice(reportedPercentiles) {
		d.Percentiles = append(d.Percentiles, reports.Percentile{P: reportedPercentiles[i], Value: time.Duration(v)})
	}
	d.HDR = encode(h)
	return d
}

// reportedPercentiles are dense towards the end, for the plot by percentile.
var reportedPercentiles = []float64{0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100}

// encode is HdrHistogram's compressed form in base64.
func encode(h *hdr.Histogram) string {
	if h == nil || h.TotalCount() == 0 {
		return ""
	}
	encoded, err := h.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return "" // it writes to memory
	}
	return string(encoded)
}

// decode reads what encode wrote into a histogram of the same shape.
func decode(into *hdr.Histogram, text string) error {
	if text == "" {
		return nil
	}
	h, err := hdr.Decode([]byte(text))
	if err != nil {
		return err
	}
	into.Merge(h)
	return nil
}

// sortedCodes renders the codes, most frequent first.
func (m *measures) sortedCodes() []reports.CodeCount {
	list := []reports.CodeCount{}
	for key, t := range m.codes {
		list = append(list, reports.CodeCount{
			Code: key.code, Status: key.status, Endpoint: m.subjects[key.subject], Count: t.count, Success: t.success,
			P50: time.Duration(t.times.ValueAtQuantile(50)), P99: time.Duration(t.times.ValueAtQuantile(99)),
		})
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		switch {
		case a.Count != b.Count:
			return a.Count > b.Count
		case a.Endpoint != b.Endpoint:
			return a.Endpoint < b.Endpoint
		case a.Code != b.Code:
			return a.Code < b.Code
		}
		return a.Status < b.Status
	})
	return list
}
