package loadprofiles

import (
	"context"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
	"github.com/snapcert/snapcert/reports"
)

// rsaRounds and rsaTime bound the measurement of RSA signing.
const (
	rsaRounds = 200
	rsaTime   = 500 * time.Millisecond
)

// measureRSA times what token calls and seamless signatures cost in RSA. It is no part of the hot path: tokens are
// fetched beside it, and a seamless signature is made once.
func measureRSA(ctx context.Context, site Site) *reports.RSA {
	for _, s := range site.Subjects {
		key := s.Signing.Key
		if key == nil {
			continue
		}
		h := newHistogram()
		for began := time.Now(); h.TotalCount() < rsaRounds && time.Since(began) < rsaTime && ctx.Err() == nil; {
			at := time.Now()
			if _, err := snap.SeamlessSign(key, "seamless"); err != nil {
				return nil
			}
			record(h, int64(time.Since(at)))
		}
		return &reports.RSA{Bits: key.N.BitLen(), Distribution: distribution(reports.RSASigning, h)}
	}
	return nil
}
