package chat

import (
	"context"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/token"
)

// Store keeps rooms, seats and messages. Its errors are faults of kind Unavailable
// while the database is away, and whatever Admit or Depart said.
type Store interface {
	// Enter creates the ticket's room if it is new, seats the holder as Admit decides,
	// and writes ENTER with its seq, in one transaction. entered is nil when the holder
	// was inside already; created says that this was the room's first visitor.
	Enter(ctx context.Context, t token.Ticket, at time.Time) (entered *Message, created bool, err error)
	// Leave marks the member's seat as left and writes LEAVE, in one transaction. left is
	// nil when the member had left already; it is a fault of kind Forbidden for one who was
	// never inside.
	Leave(ctx context.Context, roomID, memberID string, at time.Time) (left *Message, err error)
	// Standings says how members stand to rooms, in one query. Who is an outsider is
	// absent; a room that does not exist has only outsiders.
	Standings(ctx context.Context, visitors []Visitor) (map[Visitor]Standing, error)
	// Room returns a room. Its members' Online is left open.
	Room(ctx context.Context, roomID string) (Room, error)
	// RoomsOf returns the rooms that a member is inside of, newest first.
	RoomsOf(ctx context.Context, memberID string) ([]RoomOf, error)
	// Sending notes that a picture of the room is about to be kept, before it is: what no
	// message has then, for whatever reason, is removed later. A message that is stored takes
	// the note away. What was removed is refused, here and by the Journal.
	Sending(ctx context.Context, roomID, imageID string, at time.Time) error
	// Messages returns a page of history and whether there is more in its direction.
	Messages(ctx context.Context, roomID string, p Page) (items []Message, more bool, err error)
}

// RoomOf is a room in one member's list.
type RoomOf struct {
	Room
	Unread int64
}

// Journal commits posts, many at a time. Append returns at once: nil, or a fault of
// kind Unavailable when too many wait already. The posts of one Append are stored all
// or none. done is called once, from the journal's own goroutine, after the commit,
// with one result per post in their order, or with a fault; it must not block. After the
// last done of a commit the journal flushes the Audience.
type Journal interface {
	Append(posts []Post, done func([]Stored, error)) error
}

// Pictures keeps what members upload. Its errors are faults, of kind Unavailable while
// it is away. Ids of pictures that come here are UUIDs.
type Pictures interface {
	// Offer gives the member a place in the room for one upload of exactly this type and
	// length. Nothing is kept of it: what is never uploaded, or never sent, is forgotten.
	Offer(ctx context.Context, roomID, memberID string, p chatapi.NewPicture) (chatapi.Offer, error)
	// Accept looks at what the member has uploaded there, and keeps it for the room if before,
	// which is called before anything is kept, has no objection. Asked again it answers the
	// same. What is not there or may not be shown is a fault about the field imageId.
	Accept(ctx context.Context, roomID, memberID, imageID string, before func(context.Context) error) (chatapi.Picture, error)
	// Late is told of pictures that were refused before Accept, since it was not their turn.
	Late(pictures int)
	// Link is a URL that shows a picture of the room, for a short time.
	Link(ctx context.Context, roomID, imageID string) (url string, err error)
}

// Pace keeps members to a number of messages per second. Its error is a fault of kind
// TooMany that says when to come back. It asks nobody, so that a SEND need not wait.
type Pace interface {
	Take(memberID string, messages int) error
}

// Presence knows who is in which room now.
type Presence interface {
	// Online returns who is online in each room. sure is false while others may be too.
	Online(ctx context.Context, roomIDs []string) (online map[string]map[string]bool, sure bool)
}

// Audience is told what was committed, and shows it to those who listen.
type Audience interface {
	// Publish shows a message that was just committed; on other nodes once a Flush has
	// followed, which whoever publishes calls: what was committed together goes together.
	Publish(m Message)
	// Flush says that all was published that was committed together.
	Flush()
	// Advanced says that the room's history reaches at least seq, for a message whose
	// text is only in the store.
	Advanced(roomID string, seq int64)
}
