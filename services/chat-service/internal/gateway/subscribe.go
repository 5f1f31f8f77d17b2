package gateway

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unique"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

const contentJSON = "application/json"

// destination is where a session subscribed, and how it named it. Sessions with equal
// destinations get the same bytes.
type destination struct {
	version stomp.Version
	path    string // as subscribed
	id      string // of the subscription; "" only in 1.0
	acks    bool   // an ack mode of 1.2 in which MESSAGE carries ack
}

// message makes a MESSAGE with the headers that each must have, and more.
func (d destination) message(id, contentType string, body []byte, more ...stomp.Header) []byte {
	headers := []stomp.Header{{Name: "destination", Value: d.path}, {Name: chatapi.HeaderMessageID, Value: id}, {Name: "content-type", Value: contentType}}
	if d.id != "" {
		headers = append(headers, stomp.Header{Name: "subscription", Value: d.id})
	}
	if d.acks {
		headers = append(headers, stomp.Header{Name: "ack", Value: id})
	}
	return textMessage(d.version, &stomp.Frame{Command: stomp.Message, Headers: append(headers, more...), Body: body})
}

// asked is the SUBSCRIBE without its receipt, which was given long ago when something
// ends the subscription.
func (d destination) asked() *stomp.Frame {
	return &stomp.Frame{Command: stomp.Subscribe, Headers: []stomp.Header{{Name: "destination", Value: d.path}}}
}

// encode makes the MESSAGE of a room's message.
func (d destination) encode(m *hub.Delivery) []byte {
	return d.message(m.MessageID, contentJSON, m.Body,
		stomp.Header{Name: chatapi.HeaderSeq, Value: strconv.FormatInt(m.Seq, 10)})
}

// subscription is one SUBSCRIBE; for a room it is the hub's listener.
type subscription struct {
	s      *session
	at     unique.Handle[destination] // one for all who named it like that, on all sockets
	events bool                       // of a room's events, not its messages
	room   *hub.Subscription          // guarded by session.mu; nil while it is being joined
	visit  *live.Visit                // likewise

	hasTurn bool // owned by its replay, and by the room behind that

	mu    sync.Mutex // guards ended; held while something is queued
	ended bool
}

// Deliver implements hub.Listener. A member's own LEAVE ends the subscription instead.
func (sub *subscription) Deliver(d *hub.Delivery) {
	defer sub.passTurn()
	if d.Type == chatapi.Leave && sub.leaves(d) || sub.events {
		return
	}
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if sub.ended {
		return
	}
	sub.s.conn.send(d.Frame(sub.at, sub))
}

// Encode implements hub.Encoder, for all who are subscribed at the same destination.
func (sub *subscription) Encode(d *hub.Delivery) []byte { return sub.to().encode(d) }

func (sub *subscription) to() destination { return sub.at.Value() }

// stop makes sure that nothing is queued any more once it has returned: a replay may be
// just handing over, and what answers the end must be the last of this subscription.
func (sub *subscription) stop() {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	sub.ended = true
}

// Drained implements hub.Listener; Deliver follows. One replay hands over after the other:
// all that look at the same time would find the outbox empty, and fill it together.
func (sub *subscription) Drained(ctx context.Context) error {
	select {
	case sub.s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := sub.s.conn.wait(ctx); err != nil {
		<-sub.s.turn
		return err
	}
	sub.hasTurn = true
	return nil
}

// Shows implements hub.Listener.
func (sub *subscription) Shows() bool { return !sub.events }

// passTurn lets the next replay hand over, if this was one.
func (sub *subscription) passTurn() {
	if sub.hasTurn {
		sub.hasTurn = false
		<-sub.s.turn
	}
}

// Fail implements hub.Listener.
func (sub *subscription) Fail(err error) {
	if sub.s.end(sub) {
		sub.s.refuse(sub.to().asked(), err)
	}
}

// key tells a session's subscriptions apart: by id, in 1.0 also by destination.
func (sub *subscription) key() string { return subscriptionKey(sub.to().id, sub.to().path) }

func subscriptionKey(id, path string) string {
	if id != "" {
		return "id:" + id
	}
	return "path:" + path
}

func (s *session) subscribe(f *stomp.Frame) error {
	sub, err := s.newSubscription(f)
	if err != nil {
		return err
	}
	if sub.to().path == chatapi.ErrorsQueue {
		if err := s.add(sub); err != nil {
			return err
		}
		s.errors.Store(sub)
		s.receipt(f)
		return nil
	}
	room, events := eventsOf(sub.to().path)
	if sub.events = events; !events {
		room = roomOf(sub.to().path)
	}
	if room == "" {
		return fault.New(fault.Protocol, "There is nothing to subscribe to at '%s'.", sub.to().path)
	}
	after, err := lastSeq(f)
	if err != nil {
		return err
	}
	if events {
		after = nil // there is nothing to replay
	}
	if err := s.add(sub); err != nil {
		return err
	}
	if err := s.listen(sub, room, after); err != nil {
		s.end(sub)
		if breaks(fault.From(err).Kind) {
			return err
		}
		s.refuse(f, err)
		return nil
	}
	s.receipt(f)
	return nil
}

func (s *session) newSubscription(f *stomp.Frame) (*subscription, error) {
	path, id := f.Value("destination"), f.Value("id")
	if path == "" {
		return nil, fault.New(fault.Protocol, "SUBSCRIBE needs a destination.")
	}
	if id == "" && s.version() > stomp.V10 {
		return nil, fault.New(fault.Protocol, "SUBSCRIBE needs an id.")
	}
	mode, given := f.Get("ack")
	if given && mode != "auto" && mode != "client" && mode != "client-individual" {
		return nil, fault.New(fault.Protocol, "ack must be auto, client or client-individual.")
	}
	acks := given && mode != "auto" && s.version() == stomp.V12
	return &subscription{s: s, at: unique.Make(destination{s.version(), path, id, acks})}, nil
}

// listen joins the room, if the member is or was inside of it.
func (s *session) listen(sub *subscription, roomID string, after *int64) error {
	ctx, cancel := s.asking()
	defer cancel()
	if err := s.checkStanding(ctx, roomID); err != nil {
		return err
	}
	room, err := s.g.rooms.Subscribe(ctx, roomID, sub, after)
	if err != nil {
		return err
	}
	visit, err := s.visit(ctx, sub, roomID)
	if err != nil {
		room.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.room, sub.visit = room, visit; s.subs[sub.key()] != sub { // it has failed already
		go leave(room, visit)
	}
	return nil
}

func leave(room *hub.Subscription, visit *live.Visit) {
	room.Close()
	visit.Close()
}

// checkStanding refuses strangers by ending their session, and those who left with a
// problem. Who is inside is remembered.
func (s *session) checkStanding(ctx context.Context, roomID string) error {
	standing, err := s.g.chat.Standing(ctx, roomID, s.member.Load().ID)
	if err != nil {
		return err
	}
	if err := standingFault(standing); err != nil {
		return err
	}
	s.inside = slices.DeleteFunc(s.inside, func(in knownRoom) bool { return in.roomID == roomID })
	if len(s.inside) >= maxKnownRooms {
		s.inside = nil
	}
	s.inside = append(s.inside, knownRoom{roomID, s.g.now()})
	return nil
}

// knownRoom is a room that a session's member was seen to be inside of. Most are in one.
type knownRoom struct {
	roomID string
	seen   time.Time
}

// seenInside is when the member was last seen to be inside, zero if that is not known.
func (s *session) seenInside(roomID string) time.Time {
	for _, in := range s.inside {
		if in.roomID == roomID {
			return in.seen
		}
	}
	return time.Time{}
}

func standingFault(st chat.Standing) error {
	if st == chat.Outside {
		return fault.New(fault.Protocol, "You were never a member of this room.")
	}
	return st.Refusal()
}

func (s *session) unsubscribe(f *stomp.Frame) error {
	id, path := f.Value("id"), f.Value("destination")
	if id == "" && (s.version() > stomp.V10 || path == "") {
		return fault.New(fault.Protocol, "UNSUBSCRIBE needs an id.")
	}
	for _, sub := range s.subscriptions() { // none is harmless: clients unsubscribe twice
		if sub.to().id == id && id != "" || sub.to().path == path && id == "" {
			s.end(sub)
		}
	}
	s.receipt(f)
	return nil
}

func (s *session) add(sub *subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[sub.key()] != nil {
		return fault.New(fault.Protocol, "This subscription id is in use.")
	}
	if len(s.subs) >= maxSubscriptions {
		return fault.New(fault.Protocol, "A session may have at most %d subscriptions.", maxSubscriptions)
	}
	s.subs[sub.key()] = sub
	return nil
}

// end takes sub out of the session. It is false when it was out already; its id may be
// in use again.
func (s *session) end(sub *subscription) bool {
	s.mu.Lock()
	if s.subs[sub.key()] != sub {
		s.mu.Unlock()
		return false
	}
	delete(s.subs, sub.key())
	if s.errors.Load() == sub {
		s.errors.Store(s.otherErrors())
	}
	room, visit := sub.room, sub.visit
	s.mu.Unlock()
	sub.stop()
	if room != nil {
		leave(room, visit)
	}
	return true
}

// otherErrors is where refusals go when the subscription that got them has ended. The
// caller holds mu.
func (s *session) otherErrors() *subscription {
	for _, sub := range s.subs {
		if sub.to().path == chatapi.ErrorsQueue {
			return sub
		}
	}
	return nil
}

func (s *session) unsubscribeAll() {
	for _, sub := range s.subscriptions() {
		s.end(sub)
	}
}

func (s *session) subscriptions() []*subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.subs))
}

// roomOf takes the room's id out of a destination, under either of its names.
func roomOf(path string) (roomID string) {
	for _, prefix := range []string{chatapi.TopicPrefix, chatapi.SubPrefix} {
		if id, found := strings.CutPrefix(path, prefix); found && id != "" && !strings.Contains(id, "/") {
			return id
		}
	}
	return ""
}

func lastSeq(f *stomp.Frame) (*int64, error) {
	value, given := f.Get(chatapi.HeaderLastSeq)
	if !given {
		return nil, nil
	}
	n, err := strconv.ParseUint(value, 10, 63)
	if errors.Is(err, strconv.ErrRange) {
		n, err = math.MaxInt64, nil // beyond any end: live only
	}
	if err != nil {
		return nil, fault.New(fault.Protocol, "last-seq must be a decimal number that is not negative.")
	}
	after := int64(n)
	return &after, nil
}
