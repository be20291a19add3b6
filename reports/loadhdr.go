package reports

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"time"
)

// bucket is a value of a histogram and how often it, or what its accuracy cannot tell from it, was seen.
type bucket struct {
	value time.Duration // the highest that counts as the same
	count uint64
}

var errHistogram = errors.New("it is no histogram in the compressed V2 encoding")

// The marks at the start of HdrHistogram's V2 encoding, compressed and plain. The digit that the mask hides is a word size,
// which means nothing here.
const (
	cookieCompressed = 0x1c849304
	cookiePlain      = 0x1c849303
	cookieMask       = 0xffffff0f
)

// mostHistogram bounds what a file can make us unpack, in bytes, and how many places it can skip.
const mostHistogram = 1 << 20

// buckets reads a distribution's histogram, so that the plot by percentile shows all of it and not a handful of points.
// Only the format is known here, by its published description; the library that writes it stays with those who measure.
func (d Distribution) buckets() ([]bucket, error) {
	packed, err := base64.StdEncoding.DecodeString(d.HDR)
	if err != nil || len(packed) < 8 || binary.BigEndian.Uint32(packed)&cookieMask != cookieCompressed {
		return nil, errHistogram
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[8:]))
	if err != nil {
		return nil, errHistogram
	}
	data, err := io.ReadAll(io.LimitReader(z, mostHistogram))
	const head = 40
	if err != nil || len(data) < head || binary.BigEndian.Uint32(data)&cookieMask != cookiePlain {
		return nil, errHistogram
	}
	length, digits, lowest := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[12:]), binary.BigEndian.Uint64(data[16:])
	if digits < 1 || digits > 5 || lowest < 1 || lowest > 1<<40 || uint64(length) > uint64(len(data)-head) {
		return nil, errHistogram
	}
	return places(data[head:head+int(length)], int(digits), lowest)
}

// places walks the counts: zig-zag numbers of variable length, where a negative one skips so many empty places.
func places(data []byte, digits int, lowest uint64) ([]bucket, error) {
	resolution := 2
	for range digits {
		resolution *= 10
	}
	subBits := bits.Len(uint(resolution - 1)) // places of a bucket, as a power of two
	unit := bits.Len64(lowest) - 1            // the lowest value's magnitude
	half := 1 << (subBits - 1)                // places that a bucket adds to the ones before
	var out []bucket
	for at := 0; len(data) > 0; {
		n, size := zigzag(data)
		if size == 0 {
			return nil, errHistogram
		}
		data = data[size:]
		if n < 0 {
			if n < -mostHistogram || at > mostHistogram {
				return nil, errHistogram
			}
			at -= int(n)
			continue
		}
		if n > 0 {
			power, sub := at/half-1, at%half+half
			if power < 0 {
				power, sub = 0, at
			}
			shift := power + unit
			if shift > 62-subBits {
				return nil, errHistogram
			}
			out = append(out, bucket{time.Duration((int64(sub)+1)<<shift - 1), uint64(n)})
		}
		at++
	}
	return out, nil
}

// zigzag reads a number of at most nine bytes; the ninth has eight bits of it.
func zigzag(data []byte) (n int64, size int) {
	var u uint64
	for i := 0; i < 9 && i < len(data); i++ {
		if i == 8 {
			u |= uint64(data[i]) << 56
			return int64(u>>1) ^ -int64(u&1), 9
		}
		u |= uint64(data[i]&0x7f) << (7 * i)
		if data[i] < 0x80 {
			return int64(u>>1) ^ -int64(u&1), i + 1
		}
	}
	return 0, 0
}
