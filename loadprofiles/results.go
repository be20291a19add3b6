package loadprofiles

import (
	"bufio"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/snapcert/snapcert/reports"
)

// The names used in code outside the table of thresholds.
const (
	connectName  = reports.Connect
	tlsName      = reports.TLSHandshake
	responseName = reports.ResponseTime
	delayName    = reports.ScheduleDelay
)

// resultWriter writes requests in vegeta's own result format, in a goroutine of its own. vegeta's own times count from
// when a worker took the request; here the timestamp is the intended send and the latency the response time from it, so
// that what vegeta prints of the file agrees with the report. When the disk cannot keep up, results are left out and
// counted rather than requests held up.
type resultWriter struct {
	queue   chan vegeta.Result
	done    chan error
	dropped atomic.Uint64
}

const resultQueue = 8192

func newResultWriter(to io.Writer) *resultWriter {
	w := &resultWriter{queue: make(chan vegeta.Result, resultQueue), done: make(chan error, 1)}
	go func() {
		buffer := bufio.NewWriterSize(to, 1<<16)
		encoder := vegeta.NewEncoder(buffer)
		var first error
		for r := range w.queue {
			if first == nil {
				first = encoder.Encode(&r)
			}
		}
		if first == nil {
			first = buffer.Flush()
		}
		w.done <- first
	}()
	return w
}

func (w *resultWriter) write(r *vegeta.Result, s *slot, st *stage, seq uint64) {
	sub := st.subjects[s.subject]
	name := st.name
	if st.options.Shard.Count > 1 {
		name = fmt.Sprintf("%s-%d", name, st.options.Shard.Index)
	}
	out := vegeta.Result{
		Attack: name, Seq: seq, Code: uint16(s.status), Timestamp: r.Timestamp.Add(time.Duration(int64(s.ticket.Due) - s.entered)),
		Latency: time.Duration(s.ended - int64(s.ticket.Due)), BytesIn: uint64(s.size), BytesOut: uint64(len(sub.template.Request.Body)),
		Method: sub.template.Request.Method, URL: sub.Base.Scheme + "://" + sub.Base.Host + sub.path,
	}
	switch {
	case s.outcome == unanswered:
		out.Error = string(s.failure) + ": " + s.detail
	case s.outcome == refused && s.hasCode:
		out.Error = codeMember + " " + string(s.code[:])
	case s.outcome == refused:
		out.Error = "no " + codeMember
	}
	select {
	case w.queue <- out:
	default:
		w.dropped.Add(1)
	}
}

func (w *resultWriter) close() error {
	close(w.queue)
	return <-w.done
}
