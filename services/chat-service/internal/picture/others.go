package picture

import (
	"encoding/binary"
)

// keptPNG are the chunks that change how a picture looks or moves (PNG, third edition,
// table 6). Texts, times and Exif are left out.
var keptPNG = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true,
	"sRGB": true, "cICP": true, "mDCV": true, "cLLI": true, "bKGD": true, "pHYs": true, "acTL": true, "fcTL": true, "fdAT": true,
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
		if r.broken {
			break
		}
		if keptPNG[name] {
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
	for len(body.rest) > 0 {
		chunk := body.rest
		name := string(body.take(4))
		length := body.uint32(binary.LittleEndian)
		body.take(length)
		if length%2 == 1 && len(body.rest) > 0 {
			body.take(1) // chunks begin at even places; some leave out the last octet
		}
		if body.broken {
			return nil, errDamaged
		}
		if !keptWebP[name] {
			continue
		}
		at := len(out)
		out = append(out, chunk[:8+length]...)
		if length%2 == 1 {
			out = append(out, 0)
		}
		if name == "VP8X" && length > 0 {
			out[at+8] &^= webpMetadata
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

// Blocks of GIF (GIF89a, appendix A).
const (
	gifExtension   = 0x21
	gifImage       = 0x2c
	gifTrailer     = 0x3b
	gifControl     = 0xf9 // how long a picture stays
	gifApplication = 0xff
)

// loops are the applications that say how often a picture is repeated.
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
			case gifApplication:
				kept = len(r.rest) > 11 && loops[string(r.rest[1:12])]
			default:
				kept = false
			}
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

// colours is how long the table of colours is that a descriptor announces.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
