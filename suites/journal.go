package suites

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/snapcert/snapcert/fixtures/snap"
)

// A journal is evidence as lines of JSON, each an object with exactly one of the members below: the header first, then
// exchanges and notes as they happen, the footer last. A line is written with one call, so a run that is killed leaves
// whole lines and at most one torn one at the end.
type journalLine struct {
	Header   *Header        `json:"header,omitempty"`
	Exchange *snap.Exchange `json:"exchange,omitempty"`
	Note     *Note          `json:"note,omitempty"`
	Footer   *footer        `json:"footer,omitempty"`
}

type footer struct {
	Ended       time.Time `json:"ended"`
	Complete    bool      `json:"complete"`
	Interrupted string    `json:"interrupted,omitempty"`
	Exchanges   int       `json:"exchanges"`
	Notes       int       `json:"notes"`
}

// journalLineLimit bounds one line, so that no file can exhaust memory. An exchange is far smaller: bodies are cut.
const journalLineLimit = 64 << 20

// journal appends to w and, at the same time, to the evidence in memory. It is safe for concurrent use. The first write
// error stays: evidence that is not on disk must not pass for complete.
type journal struct {
	mu       sync.Mutex
	w        io.Writer
	err      error
	evidence *Evidence
}

func newJournal(w io.Writer, h Header) *journal {
	j := &journal{w: w, evidence: &Evidence{Header: h, Exchanges: map[string]*snap.Exchange{}}}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.write(journalLine{Header: &h})
	return j
}

func (j *journal) exchange(x *snap.Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.evidence.Exchanges[x.ID] = x
	j.write(journalLine{Exchange: x})
}

func (j *journal) note(n Note) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.evidence.Notes = append(j.evidence.Notes, n)
	j.write(journalLine{Note: &n})
}

func (j *journal) close(ended time.Time, interrupted string) (*Evidence, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.evidence
	e.Ended, e.Interrupted, e.Complete = ended, interrupted, interrupted == ""
	j.write(journalLine{Footer: &footer{ended, e.Complete, interrupted, len(e.Exchanges), len(e.Notes)}})
	if j.err != nil {
		e.Complete = false
		if e.Interrupted == "" {
			e.Interrupted = "the journal could not be written: " + j.err.Error()
		}
	}
	return e, j.err
}

// get returns an exchange that was kept, or nil.
func (j *journal) get(id string) *snap.Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.evidence.Exchanges[id]
}

func (j *journal) failed() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// write is called with the lock held.
func (j *journal) write(line journalLine) {
	if j.w == nil || j.err != nil {
		return
	}
	text, err := json.Marshal(line)
	if err == nil {
		_, err = j.w.Write(append(text, '\n'))
	}
	if err != nil {
		j.err = fmt.Errorf("journal: %w", err)
	}
}

// ReadJournal reads evidence back. It is strict: an unknown member, a line out of place, an exchange that comes twice or
// a count that does not add up is an error that names the line. A last line that was cut off in writing is left out and
// reported as [Evidence].Torn; without a footer the evidence is incomplete.
func ReadJournal(r io.Reader) (*Evidence, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var e *Evidence
	done := false
	for number := 1; ; number++ {
		text, err := readLine(in)
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return nil, fmt.Errorf("journal line %d: %w", number, err)
		}
		if ended && len(text) == 0 {
			break
		}
		line, err := parseLine(text)
		switch {
		case err != nil && ended && e != nil && !done:
			e.Torn = true
		case err != nil:
			return nil, fmt.Errorf("journal line %d: %w", number, err)
		case e == nil:
			if line.Header == nil {
				return nil, fmt.Errorf("journal line %d: the first line must be the header", number)
			}
			if line.Header.Version != EvidenceVersion {
				return nil, fmt.Errorf("journal line %d: version %q is not known here, only %q is", number, line.Header.Version, EvidenceVersion)
			}
			e = &Evidence{Header: *line.Header, Exchanges: map[string]*snap.Exchange{}, Interrupted: "the journal has no footer: the run was killed"}
		case done:
			return nil, fmt.Errorf("journal line %d: something follows the footer", number)
		default:
			if err := e.take(line); err != nil {
				return nil, fmt.Errorf("journal line %d: %w", number, err)
			}
			done = line.Footer != nil
		}
		if ended {
			break
		}
	}
	if e == nil {
		return nil, errors.New("journal: empty, not even a header")
	}
	return e, nil
}

func (e *Evidence) take(line *journalLine) error {
	switch {
	case line.Header != nil:
		return errors.New("a second header")
	case line.Exchange != nil:
		x := line.Exchange
		if x.ID == "" {
			return errors.New("an exchange without id")
		}
		if (x.Got == nil) == (x.Failure == nil) {
			return fmt.Errorf("exchange %s must have either an answer or a failure", x.ID)
		}
		if e.Exchanges[x.ID] != nil {
			return fmt.Errorf("exchange %s comes a second time", x.ID)
		}
		e.Exchanges[x.ID] = x
	case line.Note != nil:
		e.Notes = append(e.Notes, *line.Note)
	case line.Footer != nil:
		f := line.Footer
		if f.Exchanges != len(e.Exchanges) || f.Notes != len(e.Notes) {
			return fmt.Errorf("the footer counts %d exchanges and %d notes, the lines before it are %d and %d: lines are missing",
				f.Exchanges, f.Notes, len(e.Exchanges), len(e.Notes))
		}
		if f.Complete != (f.Interrupted == "") {
			return errors.New("the footer is complete and interrupted, or neither")
		}
		e.Ended, e.Complete, e.Interrupted = f.Ended, f.Complete, f.Interrupted
	}
	return nil
}

func parseLine(text []byte) (*journalLine, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var line journalLine
	if err := dec.Decode(&line); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value on the line")
	}
	members := 0
	for _, there := range []bool{line.Header != nil, line.Exchange != nil, line.Note != nil, line.Footer != nil} {
		if there {
			members++
		}
	}
	if members != 1 {
		return nil, fmt.Errorf("%d of header, exchange, note and footer where one is due", members)
	}
	return &line, nil
}

// readLine returns a line without its newline; at the end of the input it returns what is left, with io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > journalLineLimit {
			return nil, fmt.Errorf("longer than %d bytes", journalLineLimit)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == nil {
			line = line[:len(line)-1]
		}
		return line, err
	}
}
