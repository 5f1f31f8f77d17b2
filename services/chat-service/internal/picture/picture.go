// Package picture looks at what members upload: whether it is what it says, how large it
// is shown, and what of it others may have. It decodes no pixels.
//
// A photo tells where it was taken, when and with what. Clean keeps what is needed to show
// it, by lists of what is known to be that, and leaves out all else, without touching a
// pixel: no second compression, and milliseconds for the largest file.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"
)

// formats are the types that are taken, each by the name that package image has for it.
var formats = map[string]struct {
	name  string
	clean func([]byte) ([]byte, error)
}{
	"image/jpeg": {"jpeg", cleanJPEG},
	"image/png":  {"png", cleanPNG},
	"image/webp": {"webp", cleanWebP},
	"image/gif":  {"gif", cleanGIF},
}

// Cleaned is a picture that may be shown.
type Cleaned struct {
	Data          []byte
	Width, Height int // as it is shown: a photo that lies on its side is turned
}

// errDamaged is said of a file that ends too early or contradicts itself.
var errDamaged = errors.New("is a damaged file")

// Clean returns the picture without what need not be known of it. Its errors say what is
// wrong, in words that go behind the name of a field.
func Clean(contentType string, data []byte) (Cleaned, error) {
	format, ok := formats[contentType]
	if !ok {
		return Cleaned{}, fmt.Errorf("has the type %q, which is not taken", contentType)
	}
	if _, name, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || name != format.name {
		return Cleaned{}, fmt.Errorf("is no %s, though it says so", contentType)
	}
	clean, err := format.clean(data)
	if err != nil {
		return Cleaned{}, err
	}
	// The size is that of what is shown, not of what was sent.
	shown, name, err := image.DecodeConfig(bytes.NewReader(clean))
	if err != nil || name != format.name {
		return Cleaned{}, errDamaged
	}
	if shown.Width < 1 || shown.Height < 1 || shown.Width > maxSide || shown.Height > maxSide || shown.Width*shown.Height > maxPixels {
		return Cleaned{}, fmt.Errorf("has %d x %d pixels: at most %d on a side and %d in all are taken", shown.Width, shown.Height, maxSide, maxPixels)
	}
	c := Cleaned{clean, shown.Width, shown.Height}
	if contentType == "image/jpeg" && jpegOrientation(clean) > 4 {
		c.Width, c.Height = c.Height, c.Width
	}
	return c, nil
}

// reader takes a file apart. After the first piece that is not there it is broken, and
// gives nothing any more.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.broken, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16(order binary.ByteOrder) int {
	if b := r.take(2); b != nil {
		return int(order.Uint16(b))
	}
	return 0
}

func (r *reader) uint32(order binary.ByteOrder) int {
	if b := r.take(4); b != nil {
		return int(order.Uint32(b))
	}
	return 0
}
