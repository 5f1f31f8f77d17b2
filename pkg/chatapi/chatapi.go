// Package chatapi is what chat-service says to its clients: JSON bodies of /chat/*,
// STOMP destinations and the headers beside them. Names are fixed by the contract.
//
// chat-service writes these; tests and the load generator read them.
package chatapi

import (
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
)

// Types of messages. ENTER and LEAVE are written by the server alone.
const (
	Text  = "TEXT"
	Image = "IMAGE"
	Enter = "ENTER"
	Leave = "LEAVE"
)

// STOMP destinations; the room id follows where the name ends in a slash.
const (
	TopicPrefix    = "/topic/"              // SUBSCRIBE: a room's messages
	SubPrefix      = "/sub/"                // SUBSCRIBE: the same, the original system's name
	EventsSuffix   = "/events"              // SUBSCRIBE /topic/{roomId}/events: what is not stored
	ErrorsQueue    = "/user/queue/errors"   // SUBSCRIBE: refusals that do not break the session
	ChatPrefix     = "/pub/chat/"           // SEND: a message
	TypingPrefix   = "/pub/typing/"         // SEND: somebody types
	ReadPrefix     = "/pub/read/"           // SEND: read up to a seq
	RefreshSession = "/pub/session/refresh" // SEND: go on with a new token
)

// STOMP headers beyond those of the specification.
const (
	HeaderLastSeq        = "last-seq"        // on SUBSCRIBE: replay what came after; on its refusal: with which it would work
	HeaderIdempotencyKey = "idempotency-key" // on SEND: store once per member, room and key
	HeaderSeq            = "seq"             // on MESSAGE and on the RECEIPT of a SEND
	HeaderMessageID      = "message-id"      // likewise
	HeaderAuthorization  = "Authorization"   // on CONNECT: Bearer and the member token
)

// Message is one message of a room: the same live, in replay and over REST.
type Message struct {
	RoomID         string    `json:"roomId"`
	Seq            int64     `json:"seq"`
	MessageID      string    `json:"messageId"`
	IdempotencyKey string    `json:"idempotencyKey,omitempty"`
	MemberID       string    `json:"memberId"`
	Type           string    `json:"type"`
	Comment        string    `json:"comment"`
	CreatedBy      string    `json:"createdBy"`
	CreatedAt      wire.Time `json:"createdAt"`
	Image          *Picture  `json:"image,omitempty"` // of Image alone
}

// Picture is what an IMAGE shows, as it is kept: GET /chat/rooms/{roomId}/images/{imageId}
// leads to it.
type Picture struct {
	ImageID     string `json:"imageId"`
	ContentType string `json:"contentType"`
	Bytes       int64  `json:"bytes"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
}

// NewPicture is the body of POST /chat/rooms/{roomId}/images: what will be uploaded.
type NewPicture struct {
	ContentType string `json:"contentType"`
	Bytes       int64  `json:"bytes"`
}

// Offer is its answer: a place for exactly that, once, until ExpiresAt.
type Offer struct {
	ImageID   string    `json:"imageId"`
	Upload    Upload    `json:"upload"`
	ExpiresAt wire.Time `json:"expiresAt"`
}

// Upload is how to put a picture there: a PUT to URL with these headers.
type Upload struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

// Events of a room.
const (
	Online  = "online"
	Offline = "offline"
	Typing  = "typing"
	Read    = "read"
)

// Event is what happens in a room and is not stored, on /topic/{roomId}/events.
type Event struct {
	Event    string `json:"event"`
	MemberID string `json:"memberId"`
	Nickname string `json:"nickname"`
	Seq      int64  `json:"seq,omitempty"` // of Read: everything up to here
}

// ReadUpTo is the body of a SEND to /pub/read/{roomId}.
type ReadUpTo struct {
	Seq *int64 `json:"seq"`
}

// Ticket is the body of POST /chat/rooms.
type Ticket struct {
	Ticket string `json:"ticket"`
}

// Member is one who entered a room and has not left.
type Member struct {
	MemberID    string `json:"memberId"`
	Nickname    string `json:"nickname"`
	Online      *bool  `json:"online,omitempty"` // absent while it is not known
	LastReadSeq int64  `json:"lastReadSeq"`
}

// Room is a room as chat-service keeps it.
type Room struct {
	RoomID    string          `json:"roomId"`
	MovieID   string          `json:"movieId"`
	Title     string          `json:"title"`
	CreatedAt wire.Time       `json:"createdAt"`
	LastSeq   int64           `json:"lastSeq"`
	Seats     []matchapi.Seat `json:"seats"`
	Members   []Member        `json:"members"`
}

// RoomItem is a room in the caller's list.
type RoomItem struct {
	Room
	Unread int64 `json:"unread"` // TEXT and IMAGE of others after the caller's lastReadSeq
}

// Rooms is the answer to GET /chat/rooms.
type Rooms struct {
	Items []RoomItem `json:"items"`
}

// Messages is one page of history, ascending by seq.
type Messages struct {
	Items   []Message `json:"items"`
	HasMore bool      `json:"hasMore"` // in the direction asked
}
