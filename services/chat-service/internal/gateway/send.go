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
	kind, roomID := sendsTo(to)
	if roomID == "" && to != chatapi.RefreshSession {
		return fault.New(fault.Protocol, "There is nothing to send to at '%s'.", to)
	}
	transaction, inside := f.Get("transaction")
	if inside && kind != chatapi.ChatPrefix {
		return fault.New(fault.Protocol, "Only messages can be part of a transaction.")
	}
	if to == chatapi.RefreshSession {
		return s.refresh(f)
	}
	if err := s.mayPost(roomID, kind); err != nil {
		if breaks(fault.From(err).Kind) {
			return err
		}
		if !inside { // a COMMIT finds out, and stores none of its sends
			s.refuse(f, err)
			return nil
		}
	}
	switch {
	case kind == chatapi.TypingPrefix:
		s.types(roomID, f)
		return nil
	case kind == chatapi.ReadPrefix:
		return s.reads(roomID, f)
	case inside:
		return s.keep(transaction, f)
	}
	return s.post([]*stomp.Frame{f}, f)
}

// sendsTo takes a destination apart: what is sent, by its prefix, and to which room.
func sendsTo(path string) (kind, roomID string) {
	for _, kind := range []string{chatapi.ChatPrefix, chatapi.TypingPrefix, chatapi.ReadPrefix} {
		if id, ok := strings.CutPrefix(path, kind); ok {
			return kind, id
		}
	}
	return "", ""
}

// mayPost asks the store once for each room, a subscription's question included, since whether the member is still inside is
// checked again under the room's lock when a message is committed; and from time to time
// for what nobody checks again.
func (s *session) mayPost(roomID, kind string) error {
	seen := s.seenInside(roomID)
	if !seen.IsZero() && (kind == chatapi.ChatPrefix || s.g.now().Sub(seen) < insideFor) {
		return nil
	}
	ctx, cancel := s.asking()
	defer cancel()
	return s.checkStanding(ctx, roomID)
}

// post hands SENDs to be stored, all or none. What became of them is told when it is
// known: a receipt for each, or one refusal of the frame that asked.
func (s *session) post(sends []*stomp.Frame, asked *stomp.Frame) error {
	drafts, answered := make([]chat.Draft, len(sends)), make([]*stomp.Frame, len(sends))
	for i, f := range sends {
		answered[i] = answerable(f)
		key, hasKey := f.Get(chatapi.HeaderIdempotencyKey)
		drafts[i] = chat.Draft{
			RoomID: strings.TrimPrefix(f.Value("destination"), chatapi.ChatPrefix),
			Body:   f.Body, Key: key, HasKey: hasKey,
		}
	}
	if err := s.takeSlot(); err != nil {
		return err
	}
	asked = answerable(asked)
	err := s.g.chat.Post(*s.member.Load(), drafts, s.conn.cork, func(posts []chat.Post, stored []chat.Stored, err error) {
		s.answer(answered, asked, posts, stored, err)
		s.conn.uncork()
		<-s.slots
	})
	if err != nil {
		<-s.slots
		s.refuse(asked, err)
	}
	return nil
}

// takeSlot waits until one more SEND may wait for its commit, or the goodbye is said: then
// nobody is left to tell, and the SEND is not done.
func (s *session) takeSlot() error {
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-s.conn.left():
	case <-s.conn.ctx.Done():
	}
	return errDisconnected
}

// answer runs on the goroutine that tells of commits; nothing in it blocks.
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
