package gateway

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// masked is a frame as clients send it.
func masked(first byte, payload string) []byte {
	mask := []byte{1, 2, 3, 250}
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, mask...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

// takenApart is what came of octets that were fed in pieces of at most n.
func takenApart(octets []byte, n int) (data string, controls []string, err error) {
	var in incoming
	var all bytes.Buffer
	for p := bytes.Clone(octets); len(p) > 0 && err == nil; {
		piece := p[:min(n, len(p))]
		p = p[len(piece):]
		err = in.feed(piece, func(b []byte) { all.Write(b) }, func(opcode byte, payload []byte) error {
			controls = append(controls, fmt.Sprintf("%d at %d: %s", opcode, all.Len(), payload))
			return nil
		})
	}
	return all.String(), controls, err
}

func TestIncoming_cutAnywhere(t *testing.T) {
	long := strings.Repeat("0123456789", 7_000)
	octets := bytes.Join([][]byte{
		masked(0x81, "short"), masked(0x82, long[:300]), masked(0x81, ""), masked(0x89, ""), masked(0x01, "begun, "),
		masked(0x8a, strings.Repeat("p", 125)), masked(0x00, ""), masked(0x80, "ended"), masked(0x81, long), masked(0x88, "\x03\xe8bye"),
	}, nil)
	data := "short" + long[:300] + "begun, ended" + long
	controls := fmt.Sprint([]string{"9 at 305: ", "10 at 312: " + strings.Repeat("p", 125), fmt.Sprintf("8 at %d: \x03\xe8bye", len(data))})
	for _, n := range []int{1, 2, 3, 7, 13, 14, 15, 4096, len(octets)} {
		got, gotControls, err := takenApart(octets, n)
		if err != nil || got != data || fmt.Sprint(gotControls) != controls {
			t.Errorf("in pieces of %d: %d octets, %q, %v", n, len(got), gotControls, err)
		}
	}
}

// FuzzIncoming: wherever octets are cut, the same comes of them.
func FuzzIncoming(f *testing.F) {
	f.Add(append(masked(0x01, "a"), masked(0x80, "b")...), uint16(1))
	f.Add(masked(0x89, strings.Repeat("x", 126)), uint16(3))
	f.Add([]byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), uint16(2))
	f.Fuzz(func(t *testing.T, octets []byte, cut uint16) {
		data, controls, err := takenApart(octets, len(octets)+1)
		again, controlsAgain, errAgain := takenApart(octets, int(cut)+1)
		if data != again || fmt.Sprint(controls, err) != fmt.Sprint(controlsAgain, errAgain) {
			t.Errorf("whole: %q %q %v\ncut:   %q %q %v", data, controls, err, again, controlsAgain, errAgain)
		}
	})
}
