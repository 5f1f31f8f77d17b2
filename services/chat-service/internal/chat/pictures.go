package chat

import (
	"context"
	"slices"

	"github.com/sixseat/sixseat/pkg/fault"
)

// A picture is kept before its message is stored, so that no message shows what is not there.
// Store.Sending is told before, so that package orphans finds what is not stored then, even if
// this node dies. The journal is asked before that, so that little is kept in vain.

// errRepeated marks a post whose key is known, and is answered only if that was untrue.
var errRepeated = fault.New(fault.Unavailable, "The picture could not be stored now.")

// PictureRemoved is said of a picture that was kept for a message, which then was not stored for
// so long that it was removed.
func PictureRemoved() error {
	return fault.BadField("imageId", "was not sent for too long: upload the picture again")
}

// postPictures is commit for posts of which some have pictures. It waits.
func (s *Service) postPictures(ctx context.Context, posts []Post, committed func()) ([]Stored, error) {
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := s.spare(posts); err != nil {
		return nil, err
	}
	if err := s.gallery.look(looking, posts, s.sending); err != nil {
		return nil, err
	}
	return answerOf(func(done func([]Stored, error)) error {
		return s.commit(posts, committed, func(_ []Post, stored []Stored, err error) { done(stored, err) })
	})
}

func (s *Service) sending(ctx context.Context, p Post) error {
	return s.store.Sending(ctx, p.RoomID, p.Picture.ImageID, s.now())
}

// answerOf waits for what a journal says.
func answerOf(ask func(done func([]Stored, error)) error) (stored []Stored, err error) {
	answered := make(chan struct{})
	if refusal := ask(func(st []Stored, e error) {
		stored, err = st, e
		close(answered)
	}); refusal != nil {
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
	stored, err := answerOf(func(done func([]Stored, error)) error { return s.journal.Append(asked, done) })
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
