package loadprofiles

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// tripper is what vegeta sends through. It takes the ticket's number off the request, and that is all that is left of
// vegeta's own: the request that goes out is the subject's, signed here, and the answer is read and judged here. vegeta
// gets an empty answer, so that nothing of the real one is kept.
type tripper struct {
	ring      *ring
	subjects  []*subject
	transport http.RoundTripper // nil: answered at once
	hard      context.Context   // ends the requests under way
	watch     *watchdog
	sample    *sampler
	busy      atomic.Int64
	most      atomic.Int64 // the most requests under way at once
	reply     *http.Response
	forgotten atomic.Int64 // when a token was last given up
}

// seqHeader is what vegeta numbers its requests with.
const seqHeader = "X-Vegeta-Seq"

func (t *tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	entered := t.ring.since()
	value := r.Header[seqHeader]
	if len(value) == 0 {
		return nil, errors.New("the request has no number")
	}
	seq, err := strconv.ParseUint(value[0], 10, 64)
	if err != nil {
		return nil, err
	}
	s := t.ring.at(seq)
	if s == nil {
		return nil, errors.New("the request has no ticket")
	}
	s.entered = entered
	if busy := t.busy.Add(1); busy > t.most.Load() {
		t.most.Store(busy) // a lost race makes it one less, which nobody will miss
	}
	t.fly(s)
	t.busy.Add(-1)
	return t.reply, nil
}

func (t *tripper) fly(s *slot) {
	sub := t.subjects[s.subject]
	token := ""
	if sub.Tokens != nil {
		var err error
		if token, err = sub.Tokens.Token(t.hard); err != nil {
			s.fail(snap.FailureRequest, "no access token: "+err.Error(), t.ring.since())
			return
		}
	}
	f, err := sub.take(t.hard, t.ring, t.watch)
	if err != nil {
		s.fail(snap.FailureRequest, err.Error(), t.ring.since())
		return
	}
	f.sign(s.ticket, token)
	if t.transport == nil {
		s.signed = t.ring.since()
		s.ended, s.outcome = s.signed, succeeded
		f.written.Store(true)
		f.put(true)
		return
	}
	err = f.load()
	s.signed = t.ring.since()
	if err != nil {
		s.fail(snap.FailureRequest, sub.Masker.Text(err.Error()), s.signed)
		f.put(false)
		return
	}
	f.deadline.Store(s.signed + int64(t.watch.timeout))
	whole := t.call(f, s, sub)
	if sub.refusals[string(s.code[:])] && s.hasCode {
		t.forget(sub, token, s.ended)
	}
	if t.sample.wants(s.ticket) {
		s.exchange = exchangeOf(f, s, t.sample.began)
	}
	f.put(whole)
}

// call sends, reads and judges. It reports whether the answer was read to its end.
func (t *tripper) call(f *flight, s *slot, sub *subject) (whole bool) {
	got, err := f.send(t.transport, t.sample.wants(s.ticket))
	s.ended = t.ring.since()
	s.conn, s.wrote, s.first = f.conn.Load(), f.wrote.Load(), f.first.Load()
	s.called = true
	if err != nil {
		kind, detail := failureOf(f.request.Context(), err, got.begun)
		s.fail(kind, f.subject.Masker.Text(detail), s.ended)
		return false
	}
	s.status, s.header, s.size = got.status, got.header, len(f.answer)
	s.code, s.hasCode = scanCode(f.answer)
	s.outcome = refused
	if s.hasCode {
		s.outcome = sub.judge(s.ticket, s.status, string(s.code[:]))
	}
	return true
}

// forgetEvery bounds how often a refused token is fetched anew, or a provider that refuses everything would get its token
// call under load too.
const forgetEvery = int64(5e9)

func (t *tripper) forget(sub *subject, token string, now int64) {
	last := t.forgotten.Load()
	if sub.Tokens != nil && (last == 0 || now-last > forgetEvery) && t.forgotten.CompareAndSwap(last, now) {
		sub.Tokens.Forget(token)
	}
}

func (s *slot) fail(kind snap.FailureKind, detail string, now int64) {
	s.outcome, s.failure, s.detail, s.ended = unanswered, kind, detail, now
	if s.signed == 0 {
		s.signed = now
	}
}
