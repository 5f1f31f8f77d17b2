package box_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// A picture goes from one member to the other five, through the load balancer and past it,
// and the page is allowed to do the same.
func TestPictures_onEmbeddedStores(t *testing.T) {
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, stores)
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	members, roomID := six(t, ctx, b.URL(), pick(t, ctx, b.URL())[0], "user")
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}

	imageID, err := members[0].Upload(ctx, roomID, "image/png", picture.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := members[0].Show(ctx, roomID, imageID, "look"); err != nil {
		t.Fatal(err)
	}

	for _, m := range members[1:] {
		history, err := m.History(ctx, roomID)
		if err != nil {
			t.Fatal(err)
		}
		last := history[len(history)-1]
		if last.Type != chatapi.Image || last.Image == nil || last.Image.ImageID != imageID || last.Image.Width != 40 {
			t.Fatalf("%s sees %+v", m.Nickname, last)
		}
		if got, err := m.Picture(ctx, roomID, imageID); err != nil || !bytes.Equal(got, picture.Bytes()) {
			t.Errorf("%s gets %d octets, %v", m.Nickname, len(got), err)
		}
	}
	page, err := http.Get(b.URL() + "/match/")
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close() // its header is all
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' "+stores.Files.URL+";") {
		t.Errorf("the page may not reach %s: %s", stores.Files.URL, policy)
	}
}

// six are members who waited for a film and have entered the room, called name0 to name5.
func six(t *testing.T, ctx context.Context, base, film, name string) (members [matchapi.Seats]*testclient.Member, roomID string) {
	t.Helper()
	var rooms [matchapi.Seats]string
	g, ctx := errgroup.WithContext(ctx)
	for i := range members {
		g.Go(func() (err error) {
			if members[i], err = testclient.SignIn(ctx, base, fmt.Sprint(name, i)); err != nil {
				return err
			}
			state, err := members[i].Match(ctx, film)
			if err != nil {
				return err
			}
			rooms[i] = state.Room.RoomID
			_, err = members[i].Enter(ctx, state.Ticket)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return members, rooms[0]
}
