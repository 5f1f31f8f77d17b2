//go:build e2e

package integration

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// A picture goes to S3 by one node's signature and name, and comes back by any other's.
func TestPictures(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	film := newFilms(t, 1)[0]
	var members [matchapi.Seats]*testclient.Member
	var rooms [matchapi.Seats]string
	g, all := errgroup.WithContext(ctx)
	for i := range members {
		g.Go(func() (err error) {
			if members[i], err = signIn(all); err != nil {
				return err
			}
			if _, err := join(all, members[i], film); err != nil {
				return err
			}
			state, err := matched(all, members[i], nil)
			if err != nil {
				return err
			}
			rooms[i] = state.Room.RoomID
			_, err = enter(all, members[i], state)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	ada, roomID := members[0], rooms[0]
	imageID, err := ada.Upload(ctx, roomID, "image/png", picture.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := ada.Show(ctx, roomID, imageID, "look"); err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if got, err := m.Picture(ctx, roomID, imageID); err != nil || !bytes.Equal(got, picture.Bytes()) {
			t.Errorf("%s gets %d octets, %v", m.Nickname, len(got), err)
		}
	}
}
