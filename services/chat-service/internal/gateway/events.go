package gateway

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// eventsOf takes the room's id out of the destination of its events.
func eventsOf(path string) (roomID string, ok bool) {
	roomID, ok = strings.CutSuffix(path, chatapi.EventsSuffix)
	roomID = roomOf(roomID)
	return roomID, ok && roomID != "" && strings.HasPrefix(path, chatapi.TopicPrefix)
}

// visit makes the member present in the room for as long as the subscription lasts; one
// of events is told them from now on.
func (s *session) visit(ctx context.Context, sub *subscription, roomID string) (*live.Visit, error) {
	if sub.events {
		return s.g.live.Listen(ctx, roomID, s.self(), sub)
	}
	return s.g.live.Visit(roomID, s.self()), nil
}

func (s *session) self() live.Member {
	m := s.member.Load()
	return live.Member{ID: m.ID, Nickname: m.Nickname}
}

// leaves takes a member out of the room, whose LEAVE comes to each of its subscriptions
// without fail. It reports whether that member is the subscriber.
func (sub *subscription) leaves(d *hub.Delivery) (own bool) {
	if own = d.MemberID == sub.s.member.Load().ID; own {
		sub.stop()
		go sub.Fail(chat.Left.Refusal()) // not here, where the room is locked
	}
	sub.s.g.live.Left(d.RoomID, d.MemberID)
	return own
}

// Offer implements live.Listener.
func (sub *subscription) Offer(e live.Event) bool {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	return sub.ended || sub.s.conn.offer(sub.to().encodeEvent(e))
}

// encodeEvent makes the MESSAGE of an event, which has an id because each must.
func (d destination) encodeEvent(e live.Event) []byte {
	body, err := json.Marshal(e)
	if err != nil { // strings and ints always marshal
		panic("gateway: marshal event: " + err.Error())
	}
	return d.message(uuid.NewString(), contentJSON, body)
}

// types shows that the member types. Too many of them are dropped and receipted all the
// same: clients send one with each key.
func (s *session) types(roomID string, f *stomp.Frame) {
	if len(f.Body) > 0 {
		s.refuse(f, fault.BadField("body", "must be empty"))
		return
	}
	s.g.live.Typing(roomID, s.self())
	s.receipt(f)
}

// reads stores how far the member has read. Without a receipt nobody waits for it: it is
// tried until it is stored.
func (s *session) reads(roomID string, f *stomp.Frame) error {
	seq, err := readUpTo(f.Body)
	if err != nil {
		s.refuse(f, err)
		return nil
	}
	if _, asked := f.Get("receipt"); !asked {
		if err := s.g.live.Read(roomID, s.self(), seq, nil); err != nil {
			s.refuse(f, err)
		}
		return nil
	}
	if err := s.takeSlot(); err != nil {
		return err
	}
	f = answerable(f)
	err = s.g.live.Read(roomID, s.self(), seq, func(err error) { // nothing in it blocks
		if err != nil {
			s.refuse(f, err)
		} else {
			s.receipt(f)
		}
		<-s.slots
	})
	if err != nil {
		<-s.slots
		s.refuse(f, err)
	}
	return nil
}

func readUpTo(body []byte) (int64, error) {
	var r chatapi.ReadUpTo
	if err := wire.Decode(body, &r); err != nil {
		return 0, err
	}
	switch {
	case r.Seq == nil:
		return 0, fault.BadField("seq", "is missing")
	case *r.Seq < 0:
		return 0, fault.BadField("seq", "must not be negative")
	}
	return *r.Seq, nil
}
