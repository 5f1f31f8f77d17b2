package match

import (
	"context"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Waits keeps waits for good. What it answered survives any crash.
type Waits interface {
	// Open commits a wait for the ask, or finds the one that already answers it: an open
	// wait for the same films, or a match whose seat was not entered yet.
	Open(ctx context.Context, ask Ask) (Standing, error)

	// Last is the member's latest wait.
	Last(ctx context.Context, memberID string) (Standing, error)

	// Leave ends the member's open wait, or gives up the match, and returns the latest
	// wait as it stood before.
	Leave(ctx context.Context, memberID string, at time.Time) (Standing, error)

	// Expire ends those of the waits that are open and were not asked for after
	// askedBefore: a PUT that came in the meantime wins.
	Expire(ctx context.Context, joinIDs []string, at, askedBefore time.Time) error
}

// Rooms keeps rooms for good.
type Rooms interface {
	// Make commits a room with its six seats and ends the six waits, all or nothing. It
	// is idempotent by room id. When some of the waits are no longer open nothing is
	// kept and their join ids are returned.
	Make(ctx context.Context, made Made, title string) (room matchapi.Room, lost []string, err error)

	// OfMember lists the rooms in which the member has a seat, newest first.
	OfMember(ctx context.Context, memberID string, limit int) ([]Match, error)
}

// Queue is who waits right now. Each method is one atomic step; a step that brings six
// present members together takes them out and hands them to the caller as Step.Made.
type Queue interface {
	// Join gives a committed wait its place. healed says that no PUT is behind it but a
	// wait that was missing: then it does not revive one that has ended meanwhile.
	Join(ctx context.Context, w Wait, healed bool) (Step, error)

	// Touch marks the member as present and says where they stand.
	Touch(ctx context.Context, memberID string) (Step, error)

	// Leave makes the member idle, unless the queue knows a wait newer than turn.
	Leave(ctx context.Context, member Member, turn int64, reason string) (Step, error)

	// Settle shows a committed room to those of its members that are given.
	Settle(ctx context.Context, made string, room matchapi.Room, seated []Seated) error

	// PutBack undoes a pop: the members get their places back, all but the lost ones,
	// who are forgotten so that their next call asks the store.
	PutBack(ctx context.Context, made string, lost []string) (Step, error)

	// Sweep handles up to MaxDue deadlines.
	Sweep(ctx context.Context) (Swept, error)
}

// Films knows the catalogue.
type Films interface {
	// Title is a film's title; an unknown film is a fault of kind NotFound.
	Title(ctx context.Context, movieID string) (string, error)
}

// Observer counts what happens, for metrics.
type Observer interface {
	Joined()                     // a PUT was answered
	RoomMade(took time.Duration) // a room was committed, so long after the six were together
	RoomUndone()                 // a pop that could not be committed was put back
	QueueLength(waits int64)     // seen by a sweep
}

// Made are six members taken out of the queue, in the order of their seats. They are
// nowhere else until the room is committed or they are put back, except in the outbox,
// from where any node claims them after ClaimAfter.
type Made struct {
	ID      string // of the room
	MovieID string
	At      time.Time
	Six     []Wait // Turn, JoinID and Member are set
}

// Seated is a member with a seat in a committed room.
type Seated struct {
	Wait       Wait // Turn, JoinID and Member are set
	Seat       int
	Generation int
	Entered    bool
}

// Step is the result of one step of the queue.
type Step struct {
	Known   bool      // the queue knows the member; else Resumed is set
	State   State     // where the member stands now
	Made    *Made     // six were brought together: commit them
	Expired []string  // join ids of waits that this step let expire
	Resumed time.Time // since when the queue has been working without a pause
}

// Swept is the result of one sweep.
type Swept struct {
	Claimed []Made   // rooms that nobody committed in time
	Made    *Made    // six brought together by a deadline
	Expired []string // join ids
	More    bool     // more is due: sweep again
	Length  int64    // waits in the queue
}
