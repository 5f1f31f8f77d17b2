package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

// PictureTypes are the types of pictures that are taken: what every browser shows.
var PictureTypes = []string{"image/jpeg", "image/png", "image/webp", "image/gif"}

// Gallery is where members put their pictures, and where they find each other's.
type Gallery struct {
	pictures Pictures
	pace     Pace
	places   chan struct{} // for those that are looked at now
	ctx      context.Context
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex     // guards what follows
	waiting int            // pictures whose SEND has no answer yet
	each    map[string]int // the same by member; who has none is not in it
	closed  bool
}

// NewGallery makes one. pace keeps members to a number of uploads.
func NewGallery(pictures Pictures, pace Pace) *Gallery {
	g := &Gallery{pictures: pictures, pace: pace, places: make(chan struct{}, maxLooking), each: map[string]int{}}
	g.ctx, g.stop = context.WithCancel(context.Background())
	return g
}

// Close refuses what waits still, and returns when all is answered. The journal must
// outlive it.
func (g *Gallery) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.stop()
	g.running.Wait()
}

// Waiting is how many pictures wait for the answer to their SEND.
func (g *Gallery) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}

// admit has the pictures of posts looked at, beside all else, by work, which ends with the
// posts' answer. Its own error says that they are refused at once.
func (g *Gallery) admit(posts []Post, work func(context.Context)) error {
	by, n := posts[0].MemberID, 0 // all are one member's
	for _, p := range posts {
		if p.waits() {
			n++
		}
	}
	if n > maxWaitingEach {
		return fault.BadField("imageId", fmt.Sprintf("comes %d times in one transaction, which takes %d pictures", n, maxWaitingEach))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return fault.New(fault.Stopping, "This node stops.")
	case g.waiting+n > maxWaiting:
		g.pictures.Late(n)
		return fault.New(fault.Unavailable, "Too many pictures wait to be looked at.").WithRetry(time.Second)
	case g.each[by]+n > maxWaitingEach:
		return fault.New(fault.TooMany, "Too many of your pictures wait to be looked at.").WithRetry(time.Second)
	}
	g.waiting += n
	g.each[by] += n
	g.running.Go(func() {
		work(g.ctx)
		g.mu.Lock()
		g.waiting -= n
		if g.each[by] -= n; g.each[by] == 0 {
			delete(g.each, by)
		}
		g.mu.Unlock()
	})
	return nil
}

// look fills in what the pictures show; before is called for each that will be kept. A picture
// that is refused is, as a bad body is, the Post's Fault where it has a key: if that is known,
// its first receipt is the answer.
func (g *Gallery) look(ctx context.Context, posts []Post, before func(context.Context, Post) error) error {
	for i := range posts {
		p := &posts[i]
		if !p.waits() {
			continue
		}
		picture, err := g.one(ctx, *p, before)
		switch {
		case err == nil:
			p.Picture = &picture
		case p.Key == "":
			return err
		default:
			p.Fault = err
		}
	}
	return nil
}

func (g *Gallery) one(ctx context.Context, p Post, before func(context.Context, Post) error) (chatapi.Picture, error) {
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
		return g.pictures.Accept(ctx, p.RoomID, p.MemberID, p.Picture.ImageID, func(ctx context.Context) error { return before(ctx, p) })
	case <-ctx.Done():
		g.pictures.Late(1)
		return chatapi.Picture{}, fault.New(fault.Unavailable, "The picture could not be looked at in time.").Wrap(ctx.Err())
	}
}

// waits reports whether a post has a picture that nobody looked at yet.
func (p Post) waits() bool { return p.Type == chatapi.Image && p.Fault == nil }

// Offer gives a member who is inside of a room a place to upload one picture to.
func (s *Service) Offer(ctx context.Context, roomID string, member token.Member, p chatapi.NewPicture) (chatapi.Offer, error) {
	if err := s.inside(ctx, roomID, member); err != nil {
		return chatapi.Offer{}, err
	}
	var bad []fault.Field
	if !slices.Contains(PictureTypes, p.ContentType) {
		bad = append(bad, fault.Field{Field: "contentType", Reason: "must be one of " + strings.Join(PictureTypes, ", ")})
	}
	if p.Bytes < 1 || p.Bytes > MaxPicture {
		bad = append(bad, fault.Field{Field: "bytes", Reason: fmt.Sprintf("must be from 1 to %d", MaxPicture)})
	}
	if len(bad) > 0 {
		return chatapi.Offer{}, fault.BadFields(bad)
	}
	if err := s.gallery.pace.Take(member.ID, 1); err != nil {
		return chatapi.Offer{}, err
	}
	return s.gallery.pictures.Offer(ctx, roomID, member.ID, p)
}

// Picture leads a member who is inside of a room to one of its pictures, for a short time.
func (s *Service) Picture(ctx context.Context, roomID, imageID string, member token.Member) (url string, err error) {
	if err := s.inside(ctx, roomID, member); err != nil {
		return "", err
	}
	if !isID(imageID) {
		return "", NoSuchPicture()
	}
	return s.gallery.pictures.Link(ctx, roomID, imageID)
}

// NoSuchPicture is said of a picture that is not kept for the room.
func NoSuchPicture() error {
	return fault.New(fault.NotFound, "There is no such picture in this room.")
}

// isID reports whether an id can be one of ours at all: nothing else is part of a name in
// any store.
func isID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}

// NoPictures is the Pictures of a system that keeps none.
type NoPictures struct{}

var errNoPictures = fault.New(fault.Unavailable, "There is no place for pictures here.")

// Offer implements Pictures.
func (NoPictures) Offer(context.Context, string, string, chatapi.NewPicture) (chatapi.Offer, error) {
	return chatapi.Offer{}, errNoPictures
}

// Accept implements Pictures.
func (NoPictures) Accept(context.Context, string, string, string, func(context.Context) error) (chatapi.Picture, error) {
	return chatapi.Picture{}, errNoPictures
}

// Late implements Pictures.
func (NoPictures) Late(int) {}

// Link implements Pictures.
func (NoPictures) Link(context.Context, string, string) (string, error) { return "", errNoPictures }
