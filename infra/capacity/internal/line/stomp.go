package line

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Session is a STOMP session over WebSocket. One goroutine reads, any may write.
type Session struct {
	*Socket
	rest []byte // of the message that was read last, what comes after the last frame
	beat time.Duration
}

// STOMP opens the i-th connection as a STOMP session at a path, which sends and wants a
// heart-beat at least every beat; 0: none. Headers are those of CONNECT beside
// accept-version and heart-beat, each a whole line.
func (t Target) STOMP(ctx context.Context, i int, path string, beat time.Duration, headers ...string) (*Session, error) {
	ws, err := t.Upgrade(ctx, i, path, "v12.stomp")
	if err != nil {
		return nil, err
	}
	s := &Session{Socket: ws, beat: beat}
	if err := s.connect(headers); err != nil {
		s.Close()
		return nil, err
	}
	return s, s.Deadline(time.Time{})
}

func (s *Session) connect(headers []string) error {
	ms := strconv.FormatInt(s.beat.Milliseconds(), 10)
	if err := s.write("CONNECT\naccept-version:1.2\nheart-beat:" + ms + "," + ms + "\n" + strings.Join(headers, "\n") + "\n\n\x00"); err != nil {
		return fmt.Errorf("CONNECT: %w", err)
	}
	f, err := s.Next()
	if err == nil && string(f.Command) != "CONNECTED" {
		err = &FrameError{f.String()}
	}
	if err != nil {
		return fmt.Errorf("CONNECT: %w", err)
	}
	if s.beat > 0 { // the slower of both sides' wishes counts, and the server's are alike
		offers, _, _ := bytes.Cut(f.Header("heart-beat"), []byte(","))
		ms, err := strconv.ParseInt(string(offers), 10, 32)
		if err != nil {
			return fmt.Errorf("CONNECTED: heart-beat %q", f.Header("heart-beat"))
		}
		s.beat = max(s.beat, time.Duration(ms)*time.Millisecond)
	}
	return nil
}

func (s *Session) write(frame string) error { return s.WriteText([]byte(frame)) }

// Subscribe subscribes to a destination and asks for a receipt of the same name as id.
// Headers are those beside, each a whole line.
func (s *Session) Subscribe(id, destination string, headers ...string) error {
	rest := strings.Join(append(headers, ""), "\n")
	return s.write("SUBSCRIBE\nid:" + id + "\nreceipt:" + id + "\ndestination:" + destination + "\n" + rest + "\n\x00")
}

// Send sends a body to a destination and asks for a receipt, unless it is "".
func (s *Session) Send(destination, receipt, body string) error {
	if receipt != "" {
		receipt = "\nreceipt:" + receipt
	}
	return s.write("SEND\ndestination:" + destination + receipt + "\n\n" + body + "\x00")
}

// Pulse sends a heart-beat if one is due by `by`, and says whether the server has been
// silent for three times the interval.
func (s *Session) Pulse(now, by time.Time) (silent bool, err error) {
	if s.beat == 0 {
		return false, nil
	}
	if s.lastWrite().Add(s.beat).Before(by) {
		err = s.write("\n")
	}
	return s.Silent(now, s.beat), err
}

// Frame is one STOMP frame, valid until the next is read. Headers are as they stand
// there: none that we ask for has anything to unescape.
type Frame struct {
	Command, head, Body []byte
}

// Header is the value of the first header of this name, nil if there is none.
func (f Frame) Header(name string) []byte {
	for head := f.head; len(head) > 0; {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if value, found := bytes.CutPrefix(line, []byte(name)); found && len(value) > 0 && value[0] == ':' {
			return value[1:]
		}
		head = rest
	}
	return nil
}

// Number is a header that must be a number, -1 if it is none.
func (f Frame) Number(name string) int64 {
	n, err := strconv.ParseInt(string(f.Header(name)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// String is the frame in one line, for errors.
func (f Frame) String() string { return fmt.Sprintf("%s %s", f.Command, bytes.TrimSpace(f.Body)) }

// FrameError is a frame that ends what was going on.
type FrameError struct{ Frame string }

// Error implements error.
func (e *FrameError) Error() string { return "the server answered " + e.Frame }

// Next reads the next frame; heart-beats are passed over.
func (s *Session) Next() (Frame, error) {
	for {
		s.rest = bytes.TrimLeft(s.rest, "\r\n")
		if len(s.rest) > 0 {
			return s.cut()
		}
		var err error
		if s.rest, err = s.Message(); err != nil {
			return Frame{}, err
		}
	}
}

// cut takes a frame off the rest. Bodies are JSON, in which no NUL is possible.
func (s *Session) cut() (Frame, error) {
	raw, rest, found := bytes.Cut(s.rest, []byte{0})
	if !found {
		return Frame{}, &FrameError{fmt.Sprintf("what is no whole frame: %.100q", s.rest)}
	}
	s.rest = rest
	head, body, found := bytes.Cut(raw, []byte("\n\n"))
	if !found {
		return Frame{}, &FrameError{fmt.Sprintf("what is no frame: %.100q", raw)}
	}
	command, head, _ := bytes.Cut(head, []byte("\n"))
	return Frame{command, head, body}, nil
}
