// Package suites says what must be true of a provider, and finds out. A run has four steps, and each can be had alone:
//
//   - [NewPlan] makes scenarios from contract rows: a good request with exactly one change, or a short story where a rule
//     speaks of several requests. It is pure, and sends nothing.
//   - [Collect] sends the scenarios, masks what comes back, and keeps it in a journal as it comes.
//   - [Judge] reads that evidence and gives each rule its verdict. It is pure, so evidence can be judged again at any
//     time, with contracts that have been corrected since.
//   - [Run] does all of it, with one Ginkgo spec a rule, and sums up in a report.
//
// The package knows kinds of situation and no provider, and treats the sandbox like any other.
package suites
