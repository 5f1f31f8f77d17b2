package chat

import (
	"context"
	"slices"

	"github.com/sixseat/sixseat/pkg/fault"
)

// A picture is kept before its message is stored, so that no message shows what is not there.
// What is not stored then must not stay, since nothing would ever remove it: the journal is
// asked before anything is kept, and what its answer refuses all the same is removed.

// errRepeated marks a post whose key is known, and is answered only if that was untrue.
var errRepeated = fault.New(fault.Unavailable, "The picture could not be stored now.")

// postPictures is commit for posts of which some have pictures. It waits.
func (s *Service) postPictures(ctx context.Context, posts []Post, committed func()) ([]Stored, error) {
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := s.spare(posts); err != nil {
		return nil, err
	}
	kept, err := s.gallery.look(looking, posts)
	if err != nil {
		s.forget(ctx, posts, kept)
		return nil, err
	}
	stored, err := answerOf(func(done func([]Stored, error)) error {
		return s.commit(posts, committed, func(_ []Post, stored []Stored, err error) { done(stored, err) })
	}, func() { s.forget(ctx, posts, kept) })
	if stored != nil { // without it nobody knows whether they are stored: what is kept stays
		s.forget(ctx, posts, slices.DeleteFunc(kept, func(i int) bool { return stored[i].Seq > 0 && !stored[i].Known }))
	}
	return stored, err
}

// answerOf waits for what a journal says. refused is called if it takes nothing at all.
func answerOf(ask func(done func([]Stored, error)) error, refused func()) (stored []Stored, err error) {
	answered := make(chan struct{})
	if refusal := ask(func(st []Stored, e error) {
		stored, err = st, e
		close(answered)
	}); refusal != nil {
		refused()
		return nil, refusal
	}
	<-answered
	return stored, err
}

// spare marks the pictures that need not be looked at: those whose key is known, and all where
// an author is not inside. It asks the journal as the posts will, with a fault in each, so
// that it stores nothing.
func (s *Service) spare(posts []Post) error {
	asked := slices.Clone(posts)
	for i := range asked {
		asked[i].Fault = errRepeated
	}
	stored, err := answerOf(func(done func([]Stored, error)) error { return s.journal.Append(asked, done) }, func() {})
	if err != nil {
		return err
	}
	for i := range posts {
		if outside := slices.IndexFunc(stored, func(st Stored) bool { return st.Standing != Inside }); !posts[i].waits() {
			continue
		} else if outside >= 0 {
			posts[i].Fault = stored[outside].Standing.Refusal()
		} else if stored[i].Known {
			posts[i].Fault = errRepeated
		}
	}
	return nil
}

// forget removes pictures that were kept for these posts, unless a message has them: the same
// SEND may have come twice. Such a one is among the newest.
func (s *Service) forget(ctx context.Context, posts []Post, kept []int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetTimeout)
	defer cancel()
	for _, i := range kept {
		p := posts[i]
		newest, _, err := s.store.Messages(ctx, p.RoomID, Page{Limit: MaxPage})
		shown := slices.ContainsFunc(newest, func(m Message) bool { return m.Image != nil && m.Image.ImageID == p.Picture.ImageID })
		if err == nil && !shown {
			err = s.gallery.pictures.Remove(ctx, p.RoomID, p.Picture.ImageID)
		}
		if err != nil {
			s.gallery.left.Add(1)
		}
	}
}
