// Package stomp turns bytes into STOMP frames and frames into bytes, and nothing else:
// it knows no socket, no session and no room. Versions 1.0, 1.1 and 1.2 as in the
// specifications (stomp.github.io); where they are silent, the comment says what we do.
//
// The gateway is its only caller.
package stomp

import (
	"strings"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Version of the protocol. It decides how headers are escaped.
type Version int

// The versions, in rising order. Before CONNECTED no version is agreed, and the zero
// value escapes nothing, as the specifications ask of CONNECT and CONNECTED.
const (
	V10 Version = iota
	V11
	V12
)

// String is the version as it stands in headers.
func (v Version) String() string { return [...]string{"1.0", "1.1", "1.2"}[v] }

// Versions is what we speak, as the version header of an ERROR lists it (STOMP 1.2,
// Protocol Negotiation).
const Versions = "1.0,1.1,1.2"

// Commands of clients.
const (
	Connect     = "CONNECT"
	Stomp       = "STOMP" // the same as CONNECT
	Send        = "SEND"
	Subscribe   = "SUBSCRIBE"
	Unsubscribe = "UNSUBSCRIBE"
	Ack         = "ACK"
	Nack        = "NACK"
	Begin       = "BEGIN"
	Commit      = "COMMIT"
	Abort       = "ABORT"
	Disconnect  = "DISCONNECT"
)

// Commands of the server.
const (
	Connected = "CONNECTED"
	Message   = "MESSAGE"
	Receipt   = "RECEIPT"
	Error     = "ERROR"
)

// Header is one header of a frame.
type Header struct{ Name, Value string }

// Frame is one frame. Of repeated headers only the first is kept (STOMP 1.2, Repeated
// Header Entries).
type Frame struct {
	Command string
	Headers []Header
	Body    []byte
}

// Get returns a header's value and whether it was given.
func (f *Frame) Get(name string) (string, bool) {
	for _, h := range f.Headers {
		if h.Name == name {
			return h.Value, true
		}
	}
	return "", false
}

// Value returns a header's value, or "".
func (f *Frame) Value(name string) string {
	v, _ := f.Get(name)
	return v
}

// Size is how many octets the frame holds in memory, its headers included.
func (f *Frame) Size() int {
	n := len(f.Command) + len(f.Body)
	for _, h := range f.Headers {
		n += len(h.Name) + len(h.Value)
	}
	return n
}

// Trimmed is f without blanks around names and values, which the examples of 1.0 pad.
// The Decoder trims by itself; this is for a CONNECT, whose version is known only once
// it was read.
func (f *Frame) Trimmed() *Frame {
	t := &Frame{Command: f.Command, Body: f.Body}
	for _, h := range f.Headers {
		if name := strings.TrimSpace(h.Name); name != "" {
			t.add(name, strings.TrimSpace(h.Value))
		}
	}
	return t
}

// add appends a header, unless it repeats one.
func (f *Frame) add(name, value string) {
	if _, repeated := f.Get(name); !repeated {
		f.Headers = append(f.Headers, Header{name, value})
	}
}

func malformed(format string, args ...any) error { return fault.New(fault.Protocol, format, args...) }

func tooLarge(format string, args ...any) error { return fault.New(fault.TooLarge, format, args...) }
