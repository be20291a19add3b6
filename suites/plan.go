package suites

import (
	"encoding/json"
	"time"

	"github.com/snapcert/snapcert/fixtures/contract"
)

// Plan is everything a run will send, in order and without any value that only exists at run time: the same contracts,
// selection and seed give the same plan.
type Plan struct {
	Seed      int64
	Endpoints []*contract.Endpoint // selected, token calls not counted
	Rules     []*contract.Rule     // one verdict each, in contract order, the standard's last
	Scenarios []Scenario

	contracts []*contract.Provider // all that it was selected from
}

// Phase orders scenarios within one endpoint: controls bracket the main part, and Last waits until every endpoint's
// closing controls are done (tests that move or await the clock).
type Phase int

// The phases.
const (
	Opening Phase = iota // positive controls before
	Main
	Closing // positive controls after
	Last
)

// Scenario is one story, sent as a whole by one worker: a case is a scenario of one step.
type Scenario struct {
	ID       string   // rule id and a short name: "paydia.account-creation.body.partnerReferenceNo.max/over"
	Endpoint string   // provider.endpoint
	Rules    []string // ids of the rules its evidence is for; empty for controls, which serve response rules
	Phase    Phase
	Needs    string        // prepared account it cannot do without, as in the rule
	Wait     time.Duration // how long it will have to wait in all; the collector skips it when that is over the limit
	Steps    []Step
}

// Step is one request, or Copies equal ones at once.
type Step struct {
	Name     string // "1", "again", "over"
	Endpoint string // the scenario's, or the provider's token call
	Variant  string // good request to start from; "" is the base
	Changes  []Change
	Sign     SignAs
	Copies   int           // 0 and 1 mean one
	Pause    time.Duration // before it is sent, on the run's clock
	PauseFor string        // "before-expiry" or "after-expiry": wait relative to the lifetime of the token obtained in this scenario
	OwnToken bool          // use a token fetched for this scenario alone
	Want     Want
}

// Change is one edit of the good request. Exactly one of the ways is meant by Op.
type Change struct {
	At       contract.Address
	Op       Op
	Value    json.RawMessage // Set: JSON value; for headers and parameters a JSON string
	FromStep int             // Copy: index of the step whose value is taken, masked or not
	Text     string          // in words, for the report: "65 characters instead of 36"
	With     bool            // belongs to the change before it: the two are one change in meaning
}

// Op is what a change does.
type Op string

// The changes. All are made before signing but Tamper and SetAfter.
const (
	OpDrop     Op = "drop"
	OpSet      Op = "set"
	OpCopy     Op = "copy"      // the value the item had in an earlier step
	OpCopyCase Op = "copy-case" // the same with the case of its letters swapped
	OpSetRaw   Op = "set-raw"   // the whole body, byte for byte (Value is a JSON string that holds it)
	OpIndent   Op = "indent"    // the body re-indented after signing its minified form
	OpSetAfter Op = "set-after" // like Set, after signing
	OpTamper   Op = "tamper"    // after signing: the last decimal digit in the body becomes its successor
	OpMethod   Op = "method"    // Value: the method sent and signed
	OpPath     Op = "path"      // Value: the path sent and signed
	OpFill     Op = "fill"      // Value: a contract.Source the item is filled from instead
	OpSwapCase Op = "swap-case" // after signing: letters of the item change case
	OpTimeAs   Op = "time-as"   // Value: Go layout and optional shift and zone as {"layout","shift","zone"}
	OpRaw      Op = "bare"      // encoded item: sent as its bare document
	OpTruncate Op = "truncate"  // Value: number of characters kept
	OpLength   Op = "length"    // Value: {"chars","wide"}: a good value of that many characters, made by the row's own rules
	OpMiddle   Op = "middle"    // Value: the character that takes the place of the one in the middle
	OpBegin    Op = "begin"     // Value: {"from","to","keep"}: another beginning; keep holds the length
	OpOther    Op = "other"     // another well-formed value, that nobody was given; the same one for all changes of a step
	OpMembers  Op = "members"   // Value: names of the members that stay in the document
	OpEscape   Op = "escape"    // the same JSON text, spelled with escapes that a parser undoes
	OpSeamless Op = "seamless"  // Value: how the signature in the body is bent: "key", "hex", "bare"
	OpKeep     Op = "keep"      // nothing: the good request is already the case
	OpShare    Op = "share"     // one fresh value for all copies of the step, instead of one for each
	OpAnswer   Op = "answer"    // Value: path of the member in the answer of FromStep that the item is taken from
)

// Sources of prepared values, for OpFill beside those of the contract. Where the target has none, the item stays as it is.
const (
	fromInactiveAccount      contract.Source = "inactive.account-id"
	fromInactiveCustomer     contract.Source = "inactive.customer-token"
	fromUnregisteredPartner  contract.Source = "unregistered.partner-id"
	fromUnregisteredMerchant contract.Source = "unregistered.merchant-id"
	fromUnregisteredAccount  contract.Source = "unregistered.account-id"
	fromUnregisteredCustomer contract.Source = "unregistered.customer-token"
	fromExpiredToken         contract.Source = "expired-token"
	fromForeignToken         contract.Source = "foreign-token"
)

// What a scenario can need of the target, see Scenario.Needs.
const (
	needsInactive     = "inactive"
	needsUnregistered = "unregistered"
	needsExpiredToken = "expired-token"
	needsForeignToken = "foreign-token"
	needsAccountID    = "account-id"
)

// Values of Step.PauseFor.
const (
	beforeExpiry = "before-expiry"
	afterExpiry  = "after-expiry"
)

// SignAs bends the signature in one part; the zero value signs rightly.
type SignAs struct {
	Part contract.Part `json:"part,omitempty"`
	None bool          `json:"none,omitempty"` // no signature header at all
}

// WantKind is what a step should bring.
type WantKind string

// The wants.
const (
	WantAccept  WantKind = "accept"
	WantRefuse  WantKind = "refuse"
	WantObserve WantKind = "observe"       // success, Codes or Gateway are all right
	WantNothing WantKind = "any"           // set-up: no judgement by itself
	WantOneOf   WantKind = "one-of-copies" // of Copies at once exactly one success, the others Codes
)

// Want is the answer a step should bring. Codes are resolved ("xx" replaced), best first.
type Want struct {
	Kind    WantKind
	Codes   []string
	Gateway []int
	Equal   bool           `json:",omitempty"` // no code answers better than another
	Basis   contract.Basis `json:",omitempty"` // how firmly acceptance, or the codes of a refusal, stand where that is less firmly than the rule
	Taken   contract.Basis `json:",omitempty"` // how firmly it stands that the request must not be accepted, where that is less firmly than the rule
}
