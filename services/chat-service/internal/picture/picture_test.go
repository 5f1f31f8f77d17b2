package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// secret stands wherever a file may carry what nobody else shall know.
const secret = "52.5200N 13.4050E"

// motif is a picture of 40 x 20 pixels.
func motif() image.Image {
	m := image.NewPaletted(image.Rect(0, 0, 40, 20), color.Palette{color.Black, color.White, color.RGBA{R: 200, A: 255}})
	for i := range m.Pix {
		m.Pix[i] = uint8(i % 3)
	}
	return m
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is a JPEG segment.
func segment(marker byte, body string) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

// exif says in either order of octets how to turn a photo, and where it was taken.
func exif(order binary.AppendByteOrder, turned uint16) string {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint32(order.AppendUint16(b, 42), 8)
	b = order.AppendUint16(b, 2)
	for _, tag := range [][2]uint16{{0x10f, 2}, {0x112, turned}} {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag[0]), 3), 1)
		b = order.AppendUint16(order.AppendUint16(b, tag[1]), 0)
	}
	return "Exif\x00\x00" + string(b) + secret
}

// photo is a JPEG with these segments in front.
func photo(t testing.TB, segments ...[]byte) []byte {
	plain := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, motif(), nil) })
	return slices.Concat(plain[:2], slices.Concat(segments...), plain[2:])
}

func chunk(name, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func pngWith(t testing.TB, chunks ...[]byte) []byte {
	plain := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, motif()) })
	return slices.Concat(plain[:33], slices.Concat(chunks...), plain[33:])
}

func gifWith(t testing.TB, blocks string) []byte {
	m := motif().(*image.Paletted)
	plain := encoded(t, func(b *bytes.Buffer) error {
		return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{m, m}, Delay: []int{10, 20}})
	})
	return slices.Concat(plain[:len(plain)-1], []byte(blocks), plain[len(plain)-1:])
}

func riff(name, body string) string {
	b := string(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))) + body
	return b + strings.Repeat("\x00", len(b)%2)
}

// webpWith is one pixel, in the extended format, with these chunks behind.
func webpWith(t testing.TB, chunks ...string) []byte {
	plain, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	vp8x := riff("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	return []byte(riff("RIFF", "WEBP"+vp8x+string(plain[12:])+strings.Join(chunks, "")))
}

func samples(t testing.TB) map[string]struct {
	contentType   string
	data          []byte
	width, height int
} {
	type sample = struct {
		contentType   string
		data          []byte
		width, height int
	}
	return map[string]sample{
		"a plain photo": {"image/jpeg", photo(t), 40, 20},
		"a photo with Exif, XMP, IPTC, a comment and an unknown segment": {"image/jpeg", photo(t, segment(0xe1, exif(binary.BigEndian, 1)),
			segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret), segment(0xed, "Photoshop 3.0\x00"+secret), segment(0xfe, secret), segment(0xe7, secret)), 40, 20},
		"a photo that lies on its side":        {"image/jpeg", photo(t, segment(0xe1, exif(binary.BigEndian, 6))), 20, 40},
		"the same, least octet first":          {"image/jpeg", photo(t, segment(0xe1, exif(binary.LittleEndian, 6))), 20, 40},
		"a photo on its head":                  {"image/jpeg", photo(t, segment(0xe1, exif(binary.LittleEndian, 3))), 40, 20},
		"a photo with another behind it":       {"image/jpeg", append(photo(t), photo(t, segment(0xe1, exif(binary.BigEndian, 1)))...), 40, 20},
		"a photo with fill octets":             {"image/jpeg", photo(t, []byte{0xff, 0xff}, segment(0xfe, secret)), 40, 20},
		"Exif whose directory lies outside":    {"image/jpeg", photo(t, segment(0xe1, "Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff"+secret)), 40, 20},
		"a photo whose JFIF has a thumbnail":   {"image/jpeg", photo(t, segment(0xe0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x06\x01"+secret)), 40, 20},
		"a photo with a long Adobe segment":    {"image/jpeg", photo(t, segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01"+secret)), 40, 20},
		"a PNG with text, time, Exif and more": {"image/png", append(pngWith(t, chunk("tEXt", secret), chunk("iTXt", secret), chunk("eXIf", exif(binary.BigEndian, 1)), chunk("tIME", "1234567"), chunk("prVt", secret)), secret...), 40, 20},
		"a moving GIF with a comment and XMP": {"image/gif", append(gifWith(t, "\x21\xfe\x11"+secret+"\x00"+
			"\x21\xff\x0bXMP DataXMP\x11"+secret+"\x00"), secret...), 40, 20},
		"a GIF whose pause goes on":   {"image/gif", gifWith(t, "\x21\xf9\x04\x00\x01\x00\x00\x11"+secret+"\x00"), 40, 20},
		"a GIF whose loop goes on":    {"image/gif", gifWith(t, "\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\x00\x11"+secret+"\x00"), 40, 20},
		"a WebP with a second header": {"image/webp", webpWith(t, riff("VP8X", strings.Repeat("\x00", 10)+secret)), 1, 1},
		"a WebP with Exif and XMP":    {"image/webp", append(webpWith(t, riff("EXIF", exif(binary.BigEndian, 1)), riff("XMP ", secret), riff("what", secret)), secret...), 1, 1},
	}
}

func TestClean_keepsThePictureAndNothingElse(t *testing.T) {
	for name, s := range samples(t) {
		c, err := Clean(s.contentType, s.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Width != s.width || c.Height != s.height {
			t.Errorf("%s: %d x %d, want %d x %d", name, c.Width, c.Height, s.width, s.height)
		}
		if strings.Contains(string(c.Data), secret) {
			t.Errorf("%s: says where it was taken", name)
		}
		if got, want := pixels(t, s.contentType, c.Data), pixels(t, s.contentType, s.data); !slices.Equal(got, want) {
			t.Errorf("%s: looks different", name)
		}
		again, err := Clean(s.contentType, c.Data)
		if err != nil || !bytes.Equal(again.Data, c.Data) {
			t.Errorf("%s: cleaning it twice changes it, %v", name, err)
		}
	}
}

func TestClean_keepsAGIFMoving(t *testing.T) {
	c, err := Clean("image/gif", gifWith(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(c.Data))
	if err != nil || len(g.Image) != 2 || g.Delay[1] != 20 || g.LoopCount != 0 {
		t.Errorf("%d pictures, loop %d, %v", len(g.Image), g.LoopCount, err)
	}
}

// With JFIF package image looks no further than the frame's header.
func TestClean_keepsNoMarkerOfNobodys(t *testing.T) {
	plain := photo(t, segment(0xe0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x00\x00"))
	scan := bytes.Index(plain, []byte{0xff, 0xda})
	c, err := Clean("image/jpeg", slices.Concat(plain[:scan], segment(0xf0, secret), segment(0xc8, secret), segment(0xfd, secret), plain[scan:]))
	if err != nil || !bytes.Equal(c.Data, plain) {
		t.Errorf("got %q, %v", c.Data, err)
	}
}

func TestClean_keepsTheLoopOfAGIF(t *testing.T) {
	loop := "\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\x00\x00"
	c, err := Clean("image/gif", gifWith(t, loop))
	if err != nil || !strings.HasSuffix(string(c.Data), loop+";") {
		t.Errorf("ends with %q, %v", c.Data[len(c.Data)-30:], err)
	}
}

// A frame of a moving WebP has chunks of its own; package webp reads none of those.
func TestClean_looksIntoTheFramesOfAWebP(t *testing.T) {
	still := webpWith(t)
	frame := riff("ANMF", strings.Repeat("\x00", 16)+riff("EXIF", secret)+riff("ANMF", secret)+string(still[30:])+riff("what", secret))
	clean := riff("ANMF", strings.Repeat("\x00", 16)+string(still[30:]))
	anim := riff("ANIM", "\x00\x00\x00\x00\x05\x00")
	c, err := Clean("image/webp", webpWith(t, riff("ANIM", "\x00\x00\x00\x00\x05\x00"+secret), frame))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(c.Data), secret) || !strings.HasSuffix(string(c.Data), anim+clean) {
		t.Errorf("%q", c.Data)
	}
	if _, err := Clean("image/webp", webpWith(t, riff("ANMF", "short"))); err == nil {
		t.Error("a frame without its place is taken")
	}
}

// pixels are the colours of a picture, row by row.
func pixels(t *testing.T, contentType string, data []byte) (all []color.Color) {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", contentType, err)
	}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			all = append(all, m.At(x, y))
		}
	}
	return all
}

func TestClean_refuses(t *testing.T) {
	huge := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, motif()) })
	binary.BigEndian.PutUint32(huge[16:], 100_000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for _, c := range []struct {
		what, contentType string
		data              []byte
		says              string
	}{
		{"a type that is not taken", "image/svg+xml", []byte("<svg/>"), "not taken"},
		{"a page that says it is a photo", "image/jpeg", []byte("<!doctype html><script>"), "is no image/jpeg"},
		{"a PNG that says it is a photo", "image/jpeg", pngWith(t), "is no image/jpeg"},
		{"a photo that says it is a GIF", "image/gif", photo(t), "is no image/gif"},
		{"nothing", "image/png", nil, "is no image/png"},
		{"magic bytes alone", "image/jpeg", []byte{0xff, 0xd8, 0xff}, "is no image/jpeg"},
		{"half a photo", "image/jpeg", photo(t)[:400], "image/jpeg"},
		{"a photo without its end", "image/jpeg", photo(t)[:len(photo(t))-2], "damaged"},
		{"half a GIF", "image/gif", gifWith(t, "")[:150], "damaged"},
		{"a PNG without its end", "image/png", pngWith(t)[:len(pngWith(t))-12], "damaged"},
		{"a PNG of 100,000 pixels on a side", "image/png", huge, "100000 x 20"},
		{"a PNG with a position behind its density", "image/png", pngWith(t, chunk("pHYs", "\x00\x00\x00\x01\x00\x00\x00\x01\x00"+secret)), "damaged"},
		{"a PNG with a position behind its background", "image/png", pngWith(t, chunk("bKGD", "\x01"+secret)), "damaged"},
		{"a PNG with a position at its end", "image/png", slices.Concat(pngWith(t)[:len(pngWith(t))-12], chunk("IEND", secret)), "damaged"},
		{"a WebP with a second header that is too short", "image/webp", webpWith(t, riff("VP8X", "")), "damaged"},
		{"a WebP that is shorter than it says", "image/webp", webpWith(t)[:40], "image/webp"},
	} {
		if _, err := Clean(c.contentType, c.data); err == nil || !strings.Contains(err.Error(), c.says) && !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: got %v, want it to say %q", c.what, err, c.says)
		}
	}
}

// FuzzClean: whatever comes in, what comes out is shown as a picture of its type, carries no
// more than went in, and is clean.
func FuzzClean(f *testing.F) {
	types := []string{"image/jpeg", "image/png", "image/webp", "image/gif"}
	for _, s := range samples(f) {
		f.Add(slices.Index(types, s.contentType), s.data)
	}
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		if kind < 0 || kind >= len(types) {
			return
		}
		c, err := Clean(types[kind], data)
		if err != nil {
			return
		}
		const orientation = 36 // the segment that may be new
		if c.Width < 1 || c.Height < 1 || len(c.Data) > len(data)+orientation {
			t.Fatalf("%d x %d, %d octets of %d", c.Width, c.Height, len(c.Data), len(data))
		}
		if again, err := Clean(types[kind], c.Data); err != nil || !bytes.Equal(again.Data, c.Data) {
			t.Fatalf("not clean: %v", err)
		}
	})
}
