// Package chat is the domain of chat-service: a room of six, who may enter it, what a
// member may say in it, and in which order it was said.
//
// It knows no HTTP, socket, SQL or Redis; what it needs of them are the interfaces in
// ports.go. httpapi and gateway call it, store and hub stand behind it.
package chat

import (
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
)

// The domain speaks in the contract's own words: what a member sees is what we mean.
type (
	// Message is one message of a room.
	Message = chatapi.Message
	// Room is a room and who is in it.
	Room = chatapi.Room
)

// Post is a message that asks to be stored. ID is fixed before the first try, so that
// a try whose answer was lost can be repeated and is stored once.
type Post struct {
	ID       string // UUIDv5 of room, member and idempotency key, or UUIDv7 without one
	RoomID   string
	MemberID string
	Nickname string
	Type     string
	Comment  string
	Key      string // the idempotency key, or ""
	At       time.Time
	Picture  *chatapi.Picture // what an IMAGE shows
	Fault    error            // why it may not be stored: it is answered only if its ID is known already
}

// Stored is what became of a Post.
type Stored struct {
	Seq      int64    // 0: refused, since an author of the same Append is not inside
	Known    bool     // its ID had been stored before: Seq is that message's
	Standing Standing // of the author in the room
}

// Standing is how a member stands to a room.
type Standing int

// The standings. Outside is also what a stranger sees of a room that does not exist.
const (
	Outside Standing = iota // never entered it
	Inside
	Left // was inside and left for good
)

// Visitor is a member at a room's door.
type Visitor struct{ RoomID, MemberID string }

// Position is a point in a room's history.
type Position struct {
	RoomID string
	Seq    int64
}

// Page asks for a part of a room's history, ascending by seq: at most Limit messages
// before Before, or after After, or the newest.
type Page struct {
	Before, After *int64
	Limit         int
}

// Place is a seat as the database knows it.
type Place struct {
	MemberID   string
	Nickname   string
	Generation int // the highest that was shown for this seat
	Entered    bool
	Left       bool
}
