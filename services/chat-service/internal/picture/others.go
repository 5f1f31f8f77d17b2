package picture

import (
	"bytes"
	"encoding/binary"
	"math"
)

// keptPNG are the chunks that change how a picture looks or moves (PNG, third edition,
// table 6) and the most octets that each of them has, by its section 11. Texts, times and
// Exif are left out.
var keptPNG = map[string]int{
	"IHDR": 13, "PLTE": 3 * 256, "IDAT": math.MaxInt32, "IEND": 0, "tRNS": 256, "cHRM": 32, "gAMA": 4, "iCCP": math.MaxInt32, "sBIT": 4,
	"sRGB": 1, "cICP": 4, "mDCV": 24, "cLLI": 8, "bKGD": 6, "pHYs": 9, "acTL": 8, "fcTL": 26, "fdAT": math.MaxInt32,
}

// cleanPNG ends with IEND: what stands behind it is nothing that is shown.
func cleanPNG(data []byte) ([]byte, error) {
	r := &reader{rest: data}
	out := append(make([]byte, 0, len(data)), r.take(8)...)
	for !r.broken {
		chunk := r.rest
		length := r.uint32(binary.BigEndian)
		name := string(r.take(4))
		r.take(length)
		r.take(4) // its checksum
		most, kept := keptPNG[name]
		if r.broken || kept && length > most {
			break
		}
		if kept {
			out = append(out, chunk[:length+12]...)
		}
		if name == "IEND" {
			return out, nil
		}
	}
	return nil, errDamaged
}

// keptWebP are the chunks of the format (RFC 9649) but EXIF and XMP, and unknown ones.
var keptWebP = map[string]bool{
	"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true,
}

// keptFrame are those of them that a frame may have.
var keptFrame = map[string]bool{"VP8 ": true, "VP8L": true, "ALPH": true}

// webpMetadata are the flags of VP8X that announce Exif and XMP.
const webpMetadata = 0x08 | 0x04

// cleanWebP ends where the file says that it does.
func cleanWebP(data []byte) ([]byte, error) {
	r := &reader{rest: data}
	out := append(make([]byte, 0, len(data)), r.take(4)...)
	size := r.uint32(binary.LittleEndian)
	body := &reader{rest: r.take(size)}
	out = append(append(out, 0, 0, 0, 0), body.take(4)...)
	if r.broken || body.broken {
		return nil, errDamaged
	}
	if out = webpChunks(out, body, keptWebP); body.broken {
		return nil, errDamaged
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

// animLength is the background and the number of repeats in ANIM, frameLength a frame's place
// and time in ANMF, before its own chunks (RFC 9649 section 2.7.1.1), vp8xLength the flags and
// the size in VP8X.
const (
	animLength  = 6
	frameLength = 16
	vp8xLength  = 10
)

// webpChunks appends what is kept of the chunks in body, and of those in its frames.
func webpChunks(out []byte, body *reader, kept map[string]bool) []byte {
	for len(body.rest) > 0 {
		name := string(body.take(4))
		length := body.uint32(binary.LittleEndian)
		data := body.take(length)
		if length%2 == 1 && len(body.rest) > 0 {
			body.take(1) // chunks begin at even places; some leave out the last octet
		}
		if body.broken {
			return nil
		}
		if !kept[name] {
			continue
		}
		at := len(out)
		out = append(append(out, name...), 0, 0, 0, 0)
		inner := &reader{rest: data}
		switch name {
		case "ANMF":
			out = append(out, inner.take(frameLength)...)
			out = webpChunks(out, inner, keptFrame)
		case "ANIM":
			out = append(out, inner.take(animLength)...)
		case "VP8X":
			out = append(out, inner.take(vp8xLength)...)
		default:
			out = append(out, data...)
		}
		if inner.broken {
			body.take(-1)
			return nil
		}
		if name == "VP8X" {
			out[at+8] &^= webpMetadata
		}
		size := len(out) - at - 8
		binary.LittleEndian.PutUint32(out[at+4:], uint32(size))
		if size%2 == 1 {
			out = append(out, 0)
		}
	}
	return out
}

// Blocks of GIF (GIF89a, appendix A).
const (
	gifExtension   = 0x21
	gifImage       = 0x2c
	gifTrailer     = 0x3b
	gifControl     = 0xf9 // how long a picture stays
	gifApplication = 0xff
)

// loops are the applications that say how often a picture is repeated, in one block of
// three octets.
var loops = map[string]bool{"NETSCAPE2.0": true, "ANIMEXTS1.0": true}

// cleanGIF leaves out comments, texts and what applications wrote, but for the loop.
func cleanGIF(data []byte) ([]byte, error) {
	r := &reader{rest: data}
	taken := func() []byte { return data[:len(data)-len(r.rest)] }
	header := r.take(13)
	if header == nil {
		return nil, errDamaged
	}
	r.take(colours(header[10]))
	out := append(make([]byte, 0, len(data)), taken()...)
	for !r.broken {
		block, kept := r.rest, true
		switch r.byte() {
		case gifTrailer:
			return append(out, gifTrailer), nil
		case gifImage:
			if descriptor := r.take(9); descriptor != nil {
				r.take(colours(descriptor[8]) + 1) // and the size of its codes
			}
		case gifExtension:
			switch r.byte() {
			case gifControl:
				out = append(out, oneBlock(block, r.rest, 4)...)
			case gifApplication:
				if name := r.take(int(r.byte())); loops[string(name)] {
					out = append(out, oneBlock(block, r.rest, 3)...)
				}
			}
			kept = false
		default:
			return nil, errDamaged
		}
		for n := r.byte(); n > 0 && !r.broken; n = r.byte() {
			r.take(int(n))
		}
		if kept && !r.broken {
			out = append(out, block[:len(block)-len(r.rest)]...)
		}
	}
	return nil, errDamaged
}

// oneBlock is an extension with the first of its data blocks alone, which has n octets: block
// begins with the extension, and rest with that data block. It is nil for any other.
func oneBlock(block, rest []byte, n int) []byte {
	if len(rest) <= n || int(rest[0]) != n {
		return nil
	}
	return append(bytes.Clone(block[:len(block)-len(rest)+1+n]), 0)
}

// colours is how long the table of colours is that a descriptor announces.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
