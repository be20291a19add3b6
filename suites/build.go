package suites

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/snapcert/snapcert/fixtures"
	"github.com/snapcert/snapcert/fixtures/contract"
	"github.com/snapcert/snapcert/fixtures/snap"
)

// maker turns steps of a plan into signed requests for one target.
type maker struct {
	target   *fixtures.Target
	run      string // id of the run: values of two runs never meet
	seed     int64
	seamless *contract.SeamlessCache
	strange  func() (*rsa.PrivateKey, error) // a private key that belongs to nobody
}

// story is what a scenario has sent and got so far.
type story struct {
	scenario *Scenario
	drafts   []*contract.Draft // as sent, by step; the first of copies
	answers  []*snap.Answer    // unmasked, in memory only
	token    string            // B2B token of the steps
}

// request materialises one copy of a step: the good request with fresh values, the step's changes, and a signature that
// is right but for what the step bends.
func (m *maker) request(st *story, e *contract.Endpoint, index, copyIndex int, now time.Time) (*snap.Request, *contract.Draft, error) {
	step := &st.scenario.Steps[index]
	random := m.random(st.scenario.ID, index, copyIndex)
	values := contract.Values{Known: m.known(), Fresh: func(row *contract.Row) string { return contract.Invent(row, random) }}
	draft, err := e.Draft(values, step.Variant)
	if err != nil {
		return nil, nil, err
	}
	b := &bend{
		maker: m, story: st, endpoint: e, step: step, draft: draft, now: now, random: random,
		shared: m.random(st.scenario.ID, index, -1),
		signing: contract.Signing{
			Secret: []byte(m.target.ClientSecret.Reveal()), Key: m.target.PrivateKey, ClientKey: m.target.ClientKey,
			Token: st.token, CustomerToken: m.target.Active.CustomerToken.Reveal(), At: now, Seamless: m.seamless,
		},
	}
	request, err := b.make()
	if err != nil {
		return nil, nil, err
	}
	return request, b.draft, nil
}

// known are the values of a good request that the target supplies.
func (m *maker) known() map[contract.Source]string {
	t := m.target
	return map[contract.Source]string{
		contract.FromPartnerID:     t.PartnerID,
		contract.FromClientKey:     t.ClientKey,
		contract.FromMerchantID:    t.MerchantID,
		contract.FromChannelID:     t.ChannelID,
		contract.FromDevice:        t.DeviceID,
		contract.FromCustomerToken: t.Active.CustomerToken.Reveal(),
		contract.FromAccountID:     t.Active.AccountID,
		contract.FromPhone:         t.Active.Phone,
	}
}

// fillsOf are the sources from which a variant of the good request takes items, by address.
func fillsOf(e *contract.Endpoint, variant string) map[string]contract.Source {
	for i := range e.Variants {
		if e.Variants[i].Name == variant {
			return e.Variants[i].Fill
		}
	}
	return nil
}

// lacksFor says what of the target the scenario's variants of the good request take and the target does not have. A
// request that names an account in another way than every other does is not to be had of every partner.
func (m *maker) lacksFor(e *contract.Endpoint, s *Scenario) string {
	known := m.known()
	for i := range s.Steps {
		for _, source := range fillsOf(e, s.Steps[i].Variant) {
			if value, supplied := known[source]; supplied && value == "" {
				return "the target has no " + string(source) + ", which the good request " + s.Steps[i].Variant + " takes"
			}
		}
	}
	return ""
}

// prepared is the value of a prepared account's source; empty when the target has none.
func (m *maker) prepared(s contract.Source) string {
	t := m.target
	switch s {
	case fromInactiveAccount:
		return t.Inactive.AccountID
	case fromInactiveCustomer:
		return t.Inactive.CustomerToken.Reveal()
	case fromUnregisteredPartner:
		return t.Unregistered.PartnerID
	case fromUnregisteredMerchant:
		return t.Unregistered.MerchantID
	case fromUnregisteredAccount:
		return t.Unregistered.AccountID
	case fromUnregisteredCustomer:
		return t.Unregistered.CustomerToken.Reveal()
	case fromExpiredToken:
		return t.ExpiredToken.Reveal()
	case fromForeignToken:
		return t.ForeignToken.Reveal()
	}
	return m.known()[s]
}

// random is the source of everything drawn for one request. It hangs on nothing but what is written here, so shards and
// repeated runs draw different values and a request can be made again.
func (m *maker) random(scenario string, step, copyIndex int) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%d\x00%d", m.run, m.seed, scenario, step, copyIndex))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

// lacks says which prepared account a scenario needs and the target does not have.
func (m *maker) lacks(s *Scenario) string {
	switch s.Needs {
	case "":
		return ""
	case needsInactive:
		for _, step := range s.Steps {
			for _, c := range step.Changes {
				if c.Op == OpFill && m.prepared(sourceOf(c)) == "" {
					return "the target has no inactive account with what this needs (" + string(sourceOf(c)) + ")"
				}
			}
		}
		return ""
	case needsUnregistered:
		for _, step := range s.Steps {
			for _, c := range step.Changes {
				if c.Op == OpFill && m.prepared(sourceOf(c)) != "" {
					return ""
				}
			}
		}
		return "the target names no merchant that is not registered by what identifies one here"
	case needsExpiredToken:
		if m.target.ExpiredToken.Empty() {
			return "the target has no expired token"
		}
		return ""
	case needsForeignToken:
		if m.target.ForeignToken.Empty() {
			return "the target has no token of another partner"
		}
		return ""
	case needsAccountID:
		if m.target.Active.AccountID == "" {
			return "the active account of the target has no account-id"
		}
		return ""
	}
	return "the target cannot supply " + s.Needs
}
