// Package matchapi is what match-service says to its clients: the JSON bodies of
// /match/* and the claims that its tokens carry. Field names are fixed by the contract.
//
// match-service writes these, the load generator, tests and chat-service (tickets)
// read them.
package matchapi

import "github.com/sixseat/sixseat/pkg/wire"

// Seats is how many members make a room.
const Seats = 6

// States of a member in the queue.
const (
	Idle    = "idle"
	Waiting = "waiting"
	Matched = "matched"
)

// Reasons for being idle.
const (
	ReasonCancelled = "cancelled"       // the member left the queue
	ReasonExpired   = "expired"         // absent for longer than the place is kept
	ReasonGivenAway = "seat-given-away" // matched, but never entered the seat
)

// NewMember is the body of POST /match/members.
type NewMember struct {
	Nickname string `json:"nickname"`
}

// Member is a signed-in member with a token.
type Member struct {
	MemberID  string    `json:"memberId"`
	Nickname  string    `json:"nickname"`
	Token     string    `json:"token"`
	ExpiresAt wire.Time `json:"expiresAt"`
}

// Movie is one film of the catalogue. Waiting counts the present members that wait for it.
type Movie struct {
	MovieID        string  `json:"movieId"`
	Title          string  `json:"title"`
	ReleaseYear    int     `json:"releaseYear"`
	Director       string  `json:"director"`
	Genre          string  `json:"genre"`
	RunningTimeMin *int    `json:"runningTimeMin,omitempty"` // minutes; absent where the catalogue does not know it
	Rating         float64 `json:"rating"`
	Waiting        int     `json:"waiting"`
}

// Movies is one page of the catalogue. NextCursor is absent on the last page.
type Movies struct {
	Items      []Movie `json:"items"`
	NextCursor string  `json:"nextCursor,omitempty"`
}

// Join is the body of PUT /match/queue.
type Join struct {
	MovieID      string   `json:"movieId"`
	AlsoMovieIDs []string `json:"alsoMovieIds,omitempty"`
}

// Person is a member as others see one.
type Person struct {
	MemberID string `json:"memberId"`
	Nickname string `json:"nickname"`
}

// Seat is one place of a room and who holds it. Seats are numbered from 1.
type Seat struct {
	Seat     int    `json:"seat"`
	MemberID string `json:"memberId"`
	Nickname string `json:"nickname"`
}

// Room is a room as match-service made it.
type Room struct {
	RoomID    string    `json:"roomId"`
	MovieID   string    `json:"movieId"`
	Title     string    `json:"title"`
	Seats     []Seat    `json:"seats"`
	CreatedAt wire.Time `json:"createdAt"`
}

// State is a member's queue state: Idle, Waiting or Matched says which fields are set.
type State struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"` // idle

	*WaitingState // waiting
	*MatchedState // matched
}

// WaitingState are the fields of State while waiting. Counts are of present members
// of MovieID, the caller included; Place is 1 for the one who waits longest.
type WaitingState struct {
	MovieID    string    `json:"movieId"`
	MovieIDs   []string  `json:"movieIds"` // those that count now
	Waiting    int       `json:"waiting"`
	Place      int       `json:"place"`
	ETASeconds *int      `json:"etaSeconds,omitempty"`
	Seats      int       `json:"seats"`
	JoinedAt   wire.Time `json:"joinedAt"`
	Seated     []Person  `json:"seated"`
}

// MatchedState are the fields of State once a room is committed.
type MatchedState struct {
	Room       Room   `json:"room"`
	Seat       int    `json:"seat"`
	Generation int    `json:"generation"`
	Ticket     string `json:"ticket"`
}

// Left is the answer to DELETE /match/queue: what was ended.
type Left struct {
	Ended string `json:"ended"`
	Room  *Room  `json:"room,omitempty"`
}

// MyRoom is a room of the caller with a fresh ticket.
type MyRoom struct {
	Room   Room   `json:"room"`
	Ticket string `json:"ticket"`
}

// MyRooms is the answer to GET /match/rooms, newest first.
type MyRooms struct {
	Items []MyRoom `json:"items"`
}

// EventState is the name of the only event of GET /match/queue/events.
const EventState = "state"
