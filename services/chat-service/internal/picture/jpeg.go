package picture

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU-T T.81 table B.1), each behind an octet 0xff.
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerCOM  = 0xfe
	markerAPP0 = 0xe0
	markerAPP1 = 0xe1
	markerAPPF = 0xef
)

var (
	exifName = []byte("Exif\x00\x00")
	big      = binary.BigEndian
)

// keptJPEG are the application segments that change how a picture looks: density, colour
// profile, Adobe's colour transform. Exif, XMP, IPTC and all others are left out.
var keptJPEG = map[byte][]byte{
	0xe0: []byte("JFIF\x00"), 0xe2: []byte("ICC_PROFILE\x00"), 0xee: []byte("Adobe"),
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
		if shows(marker, body) {
			rest = append(rest, 0xff, marker, byte(length>>8), byte(length))
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

// shows reports whether a segment is needed to show the picture.
func shows(marker byte, body []byte) bool {
	if marker == markerCOM {
		return false
	}
	if marker < markerAPP0 || marker > markerAPPF {
		return true
	}
	name, kept := keptJPEG[marker]
	return kept && bytes.HasPrefix(body, name)
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
