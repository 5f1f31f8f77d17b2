// Package live is what happens in a room and is not part of its history: who is here,
// who types, and up to where each has read.
//
// It belongs to the domain and knows no Redis, SQL or socket: Presence, Bus and
// ReadStore are what it needs of them. The gateway opens a Visit for each subscription
// to a room and is told events through it; chat asks who is online.
//
// Each node says who is here through it, in Presence and over the bus, and keeps what
// the others say of the rooms that somebody listens to here (exchange.go). Who is online
// is all of that together, and what a listener is told is the difference to what it was
// told before (room.go): a lost or late word is made good by the next one.
package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/parts"
)

// Event is what a listener is told.
type Event = chatapi.Event

// Member is one who is in a room.
type Member struct {
	ID       string `json:"id"`
	Nickname string `json:"nickname"`
}

// Listener is told a room's events.
type Listener interface {
	// Offer shows an event, unless the listener has too much to read already. It must not
	// block, or call Live.
	Offer(e Event) bool
}

// Bus carries events between nodes, at most once.
type Bus interface {
	// Join asks for the payloads of one kind that other nodes send to a room, until leave
	// is called. It returns when whatever is sent later comes, or when it knows that
	// nothing can come for now. Its only error is that ctx ended.
	Join(ctx context.Context, roomID string, kind byte, receive func(payload []byte)) (leave func(), err error)
	// Send hands a payload to the other nodes that joined the room; it does not block.
	Send(roomID string, kind byte, payload []byte)
}

// Live is one node's part.
type Live struct {
	node     string // of this process alone: a node that starts again is another
	presence Presence
	bus      Bus
	reads    *reads
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{} // one slot: something is to be said or heard

	mu       sync.Mutex // guards what follows, and all rooms
	rooms    *parts.Map[*room]
	unsaid   map[*room]bool   // who is here has changed since it was said
	unheard  map[*room]bool   // somebody waits to hear who is here through others
	leaving  map[*guest]*room // nobody of theirs is here, and it is not told yet
	behind   map[*room]bool   // a listener could not be told all
	typed    map[place]typed
	versions int64 // counts the changes of all rooms, so that it rises in one that was forgotten
	trust    trust
}

// New makes a Live. Run must be running.
func New(presence Presence, bus Bus, store ReadStore, now func() time.Time, log *slog.Logger) *Live {
	l := &Live{
		node: uuid.NewString(), presence: presence, bus: bus, now: now, log: log, wake: make(chan struct{}, 1),
		rooms: parts.New[*room](hearParts), unsaid: map[*room]bool{}, unheard: map[*room]bool{},
		leaving: map[*guest]*room{}, behind: map[*room]bool{}, typed: map[place]typed{},
	}
	l.reads = newReads(store, l.hasRead, log)
	return l
}

// Run does what is due, until ctx ends.
func (l *Live) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { l.sweeps(ctx) })
	running.Go(func() { l.exchanges(ctx) })
	running.Go(func() { l.reads.run(ctx) })
	running.Wait()
}

// Close stores what was read and not written yet, and leaves members who are moving to
// another node the usual time to get there. Run must have ended.
func (l *Live) Close() {
	l.reads.close()
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	if _, err := l.presence.Say(ctx, l.node, Lease{l.now(), l.now().Add(offlineAfter)}, nil); err != nil {
		l.log.Warn("presence not prolonged: members who move are offline for a moment", "err", err)
	}
}

func (l *Live) sweeps(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.sweep(l.now())
		}
	}
}

// sweep does what is due at now.
func (l *Live) sweep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for g, r := range l.leaving {
		if !now.Before(g.until) {
			l.remove(r, g)
		}
	}
	for r := range l.behind {
		l.tell(r)
	}
	for at, shown := range l.typed {
		if now.UnixMilli()-shown.at >= typingFor.Milliseconds() {
			delete(l.typed, at)
		}
	}
}

// Read says that a member, who must be inside, has read a room up to seq. done is told
// once that is written, or could not be, and must not block; an error of Read itself
// says that it was refused at once.
func (l *Live) Read(roomID string, m Member, seq int64, done func(error)) error {
	return l.reads.add(Mark{RoomID: roomID, MemberID: m.ID, Nickname: m.Nickname, Seq: seq}, done)
}

// hasRead tells everybody what was written.
func (l *Live) hasRead(m Mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := Event{Event: chatapi.Read, MemberID: m.MemberID, Nickname: m.Nickname, Seq: m.Seq}
	l.show(m.RoomID, e)
	l.send(m.RoomID, note{Event: &e})
}

// typed is what a node remembers of a member's typing in a room.
type typed struct {
	at   int64 // when it was last shown, Unix ms
	said bool  // a message of theirs, which ends it, came after that
}

// Typing says that a member, who must be inside, types. It is shown once in typingEvery
// and anew after each message of theirs, whichever node a member's clients use, and not at
// all when it is older than typingFor.
func (l *Live) Typing(roomID string, m Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := Event{Event: chatapi.Typing, MemberID: m.ID, Nickname: m.Nickname}
	at, anew := l.now().UnixMilli(), l.typed[place{roomID, m.ID}].said
	if l.types(roomID, e, at, anew) {
		l.send(roomID, note{Event: &e, At: at, Anew: anew})
	}
}

// Said says that a message of a member was shown: clients take it for the end of the typing
// before it.
func (l *Live) Said(roomID, memberID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	where := place{roomID, memberID}
	if last, known := l.typed[where]; known {
		l.typed[where] = typed{last.at, true}
	}
}

// types shows that a member typed at a time, if that is news. The caller holds mu.
func (l *Live) types(roomID string, e Event, at int64, anew bool) bool {
	now, where := l.now().UnixMilli(), place{roomID, e.MemberID}
	at = min(at, now) // another node's clock may be ahead
	last, known := l.typed[where]
	due := last.at
	if !anew {
		due += typingEvery.Milliseconds()
	}
	if now-at >= typingFor.Milliseconds() || known && at < due {
		return false
	}
	if !known && len(l.typed) >= maxTyping {
		return false
	}
	l.typed[where] = typed{at: at}
	l.show(roomID, e)
	return true
}

// show offers an event to all who listen to the room here; those who read too slowly miss
// it. The caller holds mu.
func (l *Live) show(roomID string, e Event) {
	if r := l.rooms.Get(roomID); r != nil && !r.left[e.MemberID] {
		for v := range r.listeners {
			v.to.Offer(e)
		}
	}
}
