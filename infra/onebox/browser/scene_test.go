//go:build integration

package browser

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
	"testing"

	"github.com/sixseat/sixseat/pkg/testclient"
)

// company are the names of those who keep user1 company.
var company = []string{"ada", "민준", "Zoë", "omar", "שירה"}

// conversation is what the pictures show people say.
var conversation = []struct {
	friend int
	text   string
}{
	{0, "Everybody here for the diner scene?"},
	{1, "저는 춤추는 장면이 제일 좋아요 💃"},
	{2, "The watch. It is always the watch."},
	{3, "https://example.org/pulp-fiction-timeline has it in order, if you must."},
}

// play lets all six be there and talk: one shows a picture, and two have read what user1 says.
func (p *page) play(friends []*friend) {
	p.t.Helper()
	for _, f := range friends {
		f.attend(p.t)
	}
	p.holds("all six are here", "document.querySelectorAll('[data-presence=online]').length === 6")
	for _, c := range conversation {
		friends[c.friend].say(p.t, c.text)
	}
	friends[4].show(p.t, dusk(p.t), "On the way to the diner")
	p.holds("the picture is there", "document.querySelector('[data-picture] img')?.naturalWidth > 0")
	p.say("Royale with cheese 🍔")
	seen := p.reads(len(conversation) + 2)
	for _, f := range friends[:2] {
		f.send(p.t, "/pub/read/", fmt.Sprintf(`{"seq":%d}`, seen[len(seen)-1].Seq))
	}
	p.holds("two have read it", "document.querySelectorAll('[data-mark=seen] bdi').length === 2")
}

// attend keeps a friend in the room until the test ends, as an open page does.
func (f *friend) attend(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	socket, err := f.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	subscribe := testclient.Frame{Command: "SUBSCRIBE", Headers: map[string]string{"id": "here", "destination": "/topic/" + f.room}}
	if err := socket.Send(ctx, subscribe); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for { // what is not read holds the server up
			if _, err := socket.Next(ctx); err != nil {
				if ctx.Err() == nil {
					t.Error(f.Nickname, "is in the room no more:", err)
				}
				return
			}
		}
	})
	t.Cleanup(func() { stop(); reading.Wait(); _ = socket.Drop() })
}

// show sends a picture.
func (f *friend) show(t *testing.T, picture []byte, caption string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	id, err := f.Upload(ctx, f.room, "image/png", picture)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Show(ctx, f.room, id, caption); err != nil {
		t.Fatal(err)
	}
}

// dusk is a picture of a road into the evening sun.
func dusk(t *testing.T) []byte {
	t.Helper()
	const width, height, horizon = 480, 200, 128
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromMiddle, down := float64(x-width/2), float64(y-horizon)
			c := mixed(color.RGBA{52, 26, 74, 255}, color.RGBA{250, 146, 84, 255}, float64(y)/horizon)
			switch {
			case y > horizon && math.Abs(fromMiddle) < 4+down/12 && (y-horizon)%18 < 10: // the line in its middle
				c = color.RGBA{240, 205, 120, 255}
			case y > horizon && math.Abs(fromMiddle) < 8+down*1.6:
				c = color.RGBA{44, 36, 52, 255}
			case y > horizon:
				c = color.RGBA{92, 52, 58, 255}
			case math.Hypot(fromMiddle, down+18) < 46:
				c = color.RGBA{255, 226, 150, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mixed is a colour between two: part of the second, the rest of the first.
func mixed(a, b color.RGBA, part float64) color.RGBA {
	between := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*part) }
	return color.RGBA{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B), 255}
}
