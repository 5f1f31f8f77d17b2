package line

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
)

// Session is a STOMP session over WebSocket. One goroutine reads, any may write.
type Session struct {
	ws   *socket
	rest []byte // of the message that was read last, what comes after the last frame
	beat time.Duration
}

// Connect opens the i-th connection as a session of the member with this token, which
// sends and wants a heart-beat at least every beat; 0: none.
func (t Target) Connect(ctx context.Context, i int, token string, beat time.Duration) (*Session, error) {
	ws, err := t.upgrade(ctx, i, "/chat/ws")
	if err != nil {
		return nil, err
	}
	s := &Session{ws: ws, beat: beat}
	if err := s.connect(token); err != nil {
		s.Close()
		return nil, err
	}
	return s, ws.conn.SetDeadline(time.Time{})
}

func (s *Session) connect(token string) error {
	ms := strconv.FormatInt(s.beat.Milliseconds(), 10)
	if err := s.write("CONNECT\naccept-version:1.2\nhost:sixseat\nheart-beat:" + ms + "," + ms + "\nAuthorization:Bearer " + token + "\n\n\x00"); err != nil {
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

func (s *Session) write(frame string) error { return s.ws.write(opText, []byte(frame)) }

// Subscribe subscribes to a destination and asks for a receipt of the same name as id.
// After is the header last-seq, left out below zero.
func (s *Session) Subscribe(id, destination string, after int64) error {
	lastSeq := ""
	if after >= 0 {
		lastSeq = "\n" + chatapi.HeaderLastSeq + ":" + strconv.FormatInt(after, 10)
	}
	return s.write("SUBSCRIBE\nid:" + id + "\nreceipt:" + id + "\ndestination:" + destination + lastSeq + "\n\n\x00")
}

// Say sends a text to a room and asks for a receipt.
func (s *Session) Say(roomID, receipt, text string) error {
	return s.write("SEND\ndestination:" + chatapi.ChatPrefix + roomID + "\nreceipt:" + receipt +
		"\n\n{\"type\":\"TEXT\",\"comment\":\"" + text + "\"}\x00")
}

// Typing tells a room that the member types.
func (s *Session) Typing(roomID string) error {
	return s.write("SEND\ndestination:" + chatapi.TypingPrefix + roomID + "\n\n\x00")
}

// Pulse sends a heart-beat if one is due by `by`, and says whether the server has been
// silent for three times the interval.
func (s *Session) Pulse(now, by time.Time) (silent bool, err error) {
	if s.beat == 0 {
		return false, nil
	}
	if s.ws.lastWrite().Add(s.beat).Before(by) {
		err = s.write("\n")
	}
	return now.UnixNano()-s.ws.heard.Load() > 3*s.beat.Nanoseconds(), err
}

// Stall makes the buffer behind the line small, for a member who reads no more.
func (s *Session) Stall() error {
	tcp, ok := s.ws.conn.(*net.TCPConn)
	if !ok {
		return nil // TLS has buffers of its own
	}
	return tcp.SetReadBuffer(stalledBuffer)
}

// Close hangs up without a goodbye.
func (s *Session) Close() { s.ws.close() }

// Interrupt makes the reading goroutine return at once.
func (s *Session) Interrupt() { _ = s.ws.conn.SetReadDeadline(time.Now()) } // it may be closed already

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
		if s.rest, err = s.ws.message(); err != nil {
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

// Deadline is when reading ends with an error; zero: never.
func (s *Session) Deadline(at time.Time) error { return s.ws.conn.SetReadDeadline(at) }
