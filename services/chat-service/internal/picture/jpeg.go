package picture

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU-T T.81 table B.1), each behind an octet 0xff.
const (
	markerSOF0 = 0xc0
	markerDHT  = 0xc4
	markerSOF2 = 0xc2
	markerDQT  = 0xdb
	markerDRI  = 0xdd
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP0 = 0xe0
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
	markerAPPE = 0xee
)

var (
	exifName = []byte("Exif\x00\x00")
	big      = binary.BigEndian
)

// keptJPEG are the segments without which a picture cannot be shown: frames (those that
// browsers show), tables, restarts, scans.
var keptJPEG = map[byte]bool{
	markerSOF0: true, markerSOF0 + 1: true, markerSOF2: true, markerDHT: true, markerSOS: true, markerDQT: true, markerDRI: true,
}

// cleanJPEG ends at the end of the picture: telephones put further pictures behind it, with
// Exif of their own. Of Exif only the orientation stays, in a segment that is made anew.
func cleanJPEG(data []byte) ([]byte, error) {
	r := &reader{rest: data}
	out := append(make([]byte, 0, len(data)), r.take(2)...)
	if r.broken || out[0] != 0xff || out[1] != markerSOI {
		return nil, errDamaged
	}
	var rest []byte
	turned := uint16(1)
	for !r.broken {
		marker := nextMarker(r)
		if marker == markerEOI && !r.broken {
			out = append(out, orientationSegment(turned)...)
			return append(append(out, rest...), 0xff, markerEOI), nil
		}
		length := r.uint16(big)
		body := r.take(length - 2)
		if r.broken {
			break
		}
		if marker == markerAPP1 {
			turned = max(turned, exifOrientation(body))
		}
		if body = shown(marker, body); body != nil {
			rest = append(rest, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
			rest = append(rest, body...)
		}
		if marker == markerSOS {
			rest = append(rest, r.take(scanLength(r.rest))...)
		}
	}
	return nil, errDamaged
}

// nextMarker reads a marker behind any number of fill octets. What has no length cannot
// stand here, and breaks the reader.
func nextMarker(r *reader) byte {
	if r.byte() != 0xff {
		r.take(-1)
	}
	marker := r.byte()
	for marker == 0xff {
		marker = r.byte()
	}
	if marker <= 0x01 || marker >= 0xd0 && marker <= markerSOI {
		r.take(-1)
	}
	return marker
}

// shown is what of a segment is needed to show the picture, nil for nothing. Of applications'
// segments that is the density, without JFIF's thumbnail; the colour profile; and Adobe's
// colour transform.
func shown(marker byte, body []byte) []byte {
	switch {
	case keptJPEG[marker]:
		return body
	case marker == markerAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14:
		return append(bytes.Clone(body[:12]), 0, 0) // no columns and no rows of a thumbnail
	case marker == markerAPP2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		return body
	case marker == markerAPPE && bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12:
		return body[:12]
	}
	return nil
}

// scanLength is how long the coded data is that begins here: up to a marker other than the
// restarts, and a 0xff in it is followed by 0.
func scanLength(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		if data[i] == 0xff && data[i+1] != 0 && data[i+1] != 0xff && (data[i+1] < 0xd0 || data[i+1] > 0xd7) {
			return i
		}
	}
	return -1
}

// exifOrientation is how a photo is to be turned, 1 to 8; 0 where it is not said. Exif is
// a TIFF file whose first directory has it as tag 0x112.
func exifOrientation(segment []byte) uint16 {
	tiff, ok := bytes.CutPrefix(segment, exifName)
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := order.Uint32(tiff[4:])
	if int64(at) > int64(len(tiff)) {
		return 0
	}
	r := &reader{rest: tiff[at:]}
	for n := r.uint16(order); n > 0 && !r.broken; n-- {
		entry := r.take(12)
		if entry == nil || order.Uint16(entry) != 0x112 {
			continue
		}
		if v := order.Uint16(entry[8:]); v >= 1 && v <= 8 {
			return v
		}
	}
	return 0
}

// orientationSegment is Exif that says nothing but how to turn the picture.
func orientationSegment(turned uint16) []byte {
	if turned <= 1 {
		return nil
	}
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(turned), 0, 0, 0, 0, 0, 0}
	body := append(bytes.Clone(exifName), tiff...)
	return append([]byte{0xff, markerAPP1, 0, byte(len(body) + 2)}, body...)
}

// jpegOrientation is what orientationSegment said, in a file that was cleaned.
func jpegOrientation(clean []byte) uint16 {
	if len(clean) < 6 || clean[3] != markerAPP1 {
		return 1
	}
	return exifOrientation(clean[6:])
}
