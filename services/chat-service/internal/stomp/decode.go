package stomp

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decoder reads frames from a stream of octets that may be cut anywhere: inside a
// header, an escape, a CR LF or a character. It keeps what it has of a frame and no
// more, and checks each length before it takes memory for it.
type Decoder struct {
	version Version
	budget  int // octets the peer may still send before it is connected; -1: no longer counted

	in    []byte // input not looked at yet; belongs to the caller of Feed
	state state
	line  []byte // the line so far
	cr    bool   // the octet before was a CR
	frame *Frame // the frame so far
	count int    // its headers, repeated ones included
	size  int    // its octets
	left  int    // octets of body to come; -1: up to the first NUL
}

type state int

const (
	between state = iota // before a frame: EOLs and stray NULs are padding
	command
	header
	body
)

// NewDecoder makes a Decoder for a peer that has not connected yet.
func NewDecoder() *Decoder { return &Decoder{budget: MaxBeforeConnected} }

// Connected sets the version that the next frames are in and lifts the limit for strangers.
func (d *Decoder) Connected(v Version) { d.version, d.budget = v, -1 }

// Feed hands over the next octets. They must stay as they are until Next has returned
// nil.
func (d *Decoder) Feed(p []byte) {
	if len(d.in) == 0 {
		d.in = p
		return
	}
	d.in = append(bytes.Clone(d.in), p...)
}

// Next returns the next frame, or nil when there is none before more input. Its error
// is a fault of kind Protocol or TooLarge, and comes with what was read of its frame, if
// anything: the answer names its receipt. After one the Decoder is of no more use.
func (d *Decoder) Next() (*Frame, error) {
	for len(d.in) > 0 {
		frame, err := d.step()
		if err != nil {
			return d.frame, err
		}
		if frame != nil {
			return frame, nil
		}
	}
	d.in = nil // an empty rest would hold on to the caller's buffer
	return nil, nil
}

// step consumes some input, and returns the frame that it completes.
func (d *Decoder) step() (*Frame, error) {
	if d.state == body {
		return d.readBody()
	}
	if n := d.run(); n > 0 {
		d.line = append(d.line, d.in[:n]...)
		d.in = d.in[n:]
		return nil, d.account(n)
	}
	c := d.in[0]
	d.in = d.in[1:]
	if err := d.account(1); err != nil {
		return nil, err
	}
	if d.state == between {
		return nil, d.startFrame(c)
	}
	return nil, d.readLine(c)
}

// run is how much of the input is the inside of a line, within all limits: nothing but the
// octet behind it needs a closer look. Tokens are long lines.
func (d *Decoder) run() int {
	room := maxLine
	switch d.state {
	case between:
		return 0
	case command:
		room = maxCommand
	}
	if d.cr {
		return 0
	}
	if room = min(room-len(d.line), MaxFrame-d.size, len(d.in)); d.budget >= 0 {
		room = min(room, d.budget)
	}
	rest := d.in[:max(0, room)]
	for _, special := range []byte{'\n', '\r', 0} {
		if n := bytes.IndexByte(rest, special); n >= 0 {
			rest = rest[:n]
		}
	}
	return len(rest)
}

// account counts n octets against the frame and against a stranger's budget.
func (d *Decoder) account(n int) error {
	if err := d.allows(n); err != nil {
		return err
	}
	if d.budget >= 0 {
		d.budget -= n
	}
	if d.state != between {
		d.size += n
	}
	return nil
}

// allows reports whether n more octets are within the limits.
func (d *Decoder) allows(n int) error {
	if d.budget >= 0 && n > d.budget {
		return tooLarge("Before CONNECTED at most %d octets are taken.", MaxBeforeConnected)
	}
	if d.state != between && d.size+n > MaxFrame {
		return tooLarge("A frame may have at most %d octets.", MaxFrame)
	}
	return nil
}

// startFrame skips padding. A CR must be followed by LF here as everywhere.
func (d *Decoder) startFrame(c byte) error {
	switch {
	case c == '\n', c == 0 && !d.cr:
		d.cr = false
		return nil
	case d.cr:
		return malformed("A CR must be followed by LF.")
	case c == '\r':
		d.cr = true
		return nil
	}
	d.state, d.frame, d.line, d.count, d.size = command, &Frame{}, d.line[:0], 0, 1
	d.line = append(d.line, c)
	return nil
}

func (d *Decoder) readLine(c byte) error {
	switch {
	case c == '\n':
		d.cr = false
		return d.endLine()
	case d.cr:
		return malformed("A CR must be followed by LF.")
	case c == '\r':
		d.cr = true
		return nil
	case c == 0:
		return malformed("A NUL octet stands in the headers of the frame.")
	case d.state == command && len(d.line) >= maxCommand:
		return malformed("The command is too long.")
	case len(d.line) >= maxLine:
		return tooLarge("A header line may have at most %d octets.", maxLine)
	}
	d.line = append(d.line, c)
	return nil
}

func (d *Decoder) endLine() error {
	switch {
	case d.state == command:
		d.frame.Command = string(d.line)
		d.state = header
	case len(d.line) == 0:
		return d.startBody()
	default:
		if err := d.addHeader(string(d.line)); err != nil {
			return err
		}
	}
	d.line = d.line[:0]
	return nil
}

func (d *Decoder) addHeader(line string) error {
	if d.count++; d.count > maxHeaders {
		return tooLarge("A frame may have at most %d headers.", maxHeaders)
	}
	// Only the first colon counts: clients of 1.0, and webstomp-client, escape none.
	name, value, found := strings.Cut(line, ":")
	if !found {
		return malformed("A header line must be name:value.")
	}
	if !utf8.ValidString(line) {
		return malformed("A header is not valid UTF-8.")
	}
	var err error
	if name, err = d.unescape(name); err != nil {
		return err
	}
	if value, err = d.unescape(value); err != nil {
		return err
	}
	if name == "" {
		return malformed("A header line must be name:value.")
	}
	d.frame.add(name, value)
	return nil
}

func (d *Decoder) startBody() error {
	d.state, d.left = body, -1
	value, given := d.frame.Get("content-length")
	if !given {
		return nil
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return malformed("content-length must be a decimal number of octets.")
	}
	d.left = int(min(n, MaxFrame)) // what is beyond any number is beyond the limit
	return d.allows(d.left + 1)
}

// readBody takes what the input has of the body, and the frame is complete at its NUL.
func (d *Decoder) readBody() (*Frame, error) {
	n := bytes.IndexByte(d.in, 0)
	if d.left >= 0 {
		n = min(d.left, len(d.in))
	} else if n < 0 {
		n = len(d.in)
	}
	if err := d.account(n); err != nil {
		return nil, err
	}
	d.frame.Body = append(d.frame.Body, d.in[:n]...)
	d.in = d.in[n:]
	if d.left > 0 {
		d.left -= n
	}
	if len(d.in) == 0 || d.left > 0 {
		return nil, nil
	}
	if d.in[0] != 0 {
		return nil, malformed("The body is longer than its content-length, or no NUL follows it.")
	}
	return d.endFrame()
}

func (d *Decoder) endFrame() (*Frame, error) {
	if err := d.account(1); err != nil {
		return nil, err
	}
	frame := d.frame
	d.in, d.state, d.frame = d.in[1:], between, nil
	if cap(d.line) > maxKeptLine {
		d.line = nil
	}
	return frame, nil
}
