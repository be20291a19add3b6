package reports

import (
	"encoding/base64"
	"testing"
	"time"
)

// Two histograms as HdrHistogram's Go library writes them: n times the value 7919 n³ + 13 for n from 1 to 40, 1 once, and
// 9 minutes twice; from a nanosecond with three digits, and from a microsecond with two.
var histograms = []struct {
	name, text string
	accuracy   float64
	least      time.Duration // all below is one bucket
}{
	{"fine", "HISTFAAAAKh42pJpmSzMwMBQxwABzFCakYGBoXvTyQIG+w9QEaafdkzf9VkmSrM9F+FYyM/1npvnLBffdC6BTnahqRwi71nF/rJK7GaT6meRuc8it5VV4Syz0k5mlbfMaktZNBYya51m0nnLpNfLbLCR2aid2eQvo1k/k8ViJqudTDZnmeyeMjk0MjmdZHS5yuj2kNHjPaPXb0afTia/mUwBMxcysgACAAD//27bLGA=", 0.001, 1},
	{"coarse", "HISTFAAAAIN42pJpmSzMwMAQzQABTBCK+QUDA0P3ppMFDPYfoBLSTFcZWZYzs51m4vjIyLWbkWc5I99CRoF8oXqRaLFYiVQpexlPuVAFcyVTFWs1Rw1DLXUdbT19A1MjXRNZM3kLZStlG3U7bQdZJ3EXcTdpD2kvWR9ZP8WAiSIsgAAAAP//OZ8ZOw==", 0.01, 511},
}

func TestHistogramsOfTheLibraryAreRead(t *testing.T) {
	for _, h := range histograms {
		buckets, err := Distribution{HDR: h.text}.buckets()
		if err != nil || len(buckets) != 42 {
			t.Fatalf("%s: %d buckets, %v", h.name, len(buckets), err)
		}
		if buckets[0] != (bucket{h.least, 1}) {
			t.Errorf("%s: begins with %v", h.name, buckets[0])
		}
		for n := time.Duration(1); n <= 40; n++ {
			value, b := 7919*n*n*n+13, buckets[n]
			if b.count != uint64(n) || b.value < value || float64(b.value) > float64(value)*(1+h.accuracy)+512 {
				t.Errorf("%s: %d times %d reads as %d times %d", h.name, n, value, b.count, b.value)
			}
		}
		if last := buckets[41]; last.count != 2 || last.value < 9*time.Minute || float64(last.value) > 9*float64(time.Minute)*(1+h.accuracy) {
			t.Errorf("%s: ends with %v", h.name, last)
		}
	}
}

// FuzzHistogram: what a file holds never breaks the page or takes more than a bounded time and memory.
func FuzzHistogram(f *testing.F) {
	for _, h := range histograms {
		data, err := base64.StdEncoding.DecodeString(h.text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 3, uint64(1))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 5, uint64(1<<40))
	f.Fuzz(func(t *testing.T, data []byte, digits int, lowest uint64) {
		d := Distribution{HDR: base64.StdEncoding.EncodeToString(data)}
		if buckets, err := d.buckets(); err != nil && buckets != nil {
			t.Error("buckets and an error")
		}
		if digits < 1 || digits > 5 || lowest < 1 || lowest > 1<<40 {
			return
		}
		buckets, err := places(data, digits, lowest)
		for i, b := range buckets {
			if err == nil && (b.value < 0 || i > 0 && b.value <= buckets[i-1].value) {
				t.Errorf("bucket %d is %v after %v", i, b, buckets[max(0, i-1)])
			}
		}
	})
}
