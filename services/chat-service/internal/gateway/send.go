package gateway

import (
	"strconv"
	"strings"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

func (s *session) send(f *stomp.Frame) error {
	to := f.Value("destination")
	if to == chatapi.RefreshSession {
		return s.refresh(f)
	}
	roomID, ok := strings.CutPrefix(to, chatapi.ChatPrefix)
	if !ok || roomID == "" {
		return fault.New(fault.Protocol, "There is nothing to send to at %q.", to)
	}
	if err := s.mayPost(roomID); err != nil {
		if breaks(fault.From(err).Kind) {
			return err
		}
		s.refuse(f, err)
		return nil
	}
	if id, given := f.Get("transaction"); given {
		return s.keep(id, f)
	}
	s.post([]*stomp.Frame{f}, f)
	return nil
}

// mayPost asks the store once for each room; whether the member is still inside is
// checked again under the room's lock when the post is committed.
func (s *session) mayPost(roomID string) error {
	if s.inside[roomID] {
		return nil
	}
	ctx, cancel := s.asking()
	defer cancel()
	if err := s.checkStanding(ctx, roomID); err != nil {
		return err
	}
	if len(s.inside) >= maxKnownRooms {
		clear(s.inside)
	}
	s.inside[roomID] = true
	return nil
}

// post hands SENDs to be stored, all or none. What became of them is told when it is
// known: a receipt for each, or one refusal of the frame that asked.
func (s *session) post(sends []*stomp.Frame, asked *stomp.Frame) {
	drafts := make([]chat.Draft, len(sends))
	for i, f := range sends {
		key, hasKey := f.Get(chatapi.HeaderIdempotencyKey)
		drafts[i] = chat.Draft{
			RoomID: strings.TrimPrefix(f.Value("destination"), chatapi.ChatPrefix),
			Body:   f.Body, Key: key, HasKey: hasKey,
		}
	}
	s.slots <- struct{}{}
	err := s.g.chat.Post(*s.member.Load(), drafts, func(posts []chat.Post, stored []chat.Stored, err error) {
		s.answer(sends, asked, posts, stored, err)
		<-s.slots
	})
	if err != nil {
		<-s.slots
		s.refuse(asked, err)
	}
}

// answer runs on the journal's goroutine, after the commit; nothing in it blocks.
func (s *session) answer(sends []*stomp.Frame, asked *stomp.Frame, posts []chat.Post, stored []chat.Stored, err error) {
	if err == nil {
		err = refused(stored)
	}
	if err != nil {
		s.refuse(asked, err)
		return
	}
	for i, f := range sends {
		s.receipt(f, stomp.Header{Name: chatapi.HeaderSeq, Value: strconv.FormatInt(stored[i].Seq, 10)},
			stomp.Header{Name: chatapi.HeaderMessageID, Value: posts[i].ID})
	}
	if asked.Command == stomp.Commit {
		s.receipt(asked)
	}
}

// refused says why posts were not stored: nil when they were.
func refused(stored []chat.Stored) error {
	for _, st := range stored {
		if st.Seq == 0 && st.Standing != chat.Inside {
			return standingFault(st.Standing)
		}
	}
	return nil
}
