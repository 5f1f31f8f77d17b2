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

// Seats keeps who was given a seat, and who entered it.
type Seats interface {
	// GiveOn commits a seat's next generation and ends the taker's wait, or says why not.
	// It is idempotent by join id.
	GiveOn(ctx context.Context, made Made) (matchapi.Room, *Refusal, error)

	// Enter notes who entered a seat. Whoever was given the same seat loses it and gets a
	// new wait with the old place. It is idempotent and each time returns all of it.
	// New waits are made at the time given, with ids from newID.
	Enter(ctx context.Context, e matchapi.Entry, at time.Time, newID func() string) (Entered, error)

	// EnterAll is Enter for those of the entries that are of seats given once and to nobody
	// else, which are most, in one transaction. It returns one result for each entry;
	// Seated is nil where Enter has to be asked.
	EnterAll(ctx context.Context, entries []matchapi.Entry) ([]Entered, error)

	// Left notes that who entered a seat has left the room for good, and returns the wait
	// that ended in it; Turn is 0 when the entry speaks of no seat of ours. It is
	// idempotent.
	Left(ctx context.Context, e matchapi.Entry) (Wait, error)

	// Unentered lists seats that nobody entered, of rooms made after since, the latest
	// given first: those given before the time, or, with a joinID, at it and behind that
	// one in the list.
	Unentered(ctx context.Context, since, given time.Time, joinID string, limit int) ([]Vacant, error)
}

// Audit is what comparing queue and store needs of the store.
type Audit interface {
	// OpenWaits lists open waits with turns above after, in their order.
	OpenWaits(ctx context.Context, after int64, limit int) ([]Wait, error)
}

// Queue is who waits right now. Each method is one atomic step; a step that brings
// members together takes them out and hands them to the caller as Step.Made.
type Queue interface {
	// Join gives a committed wait its place.
	Join(ctx context.Context, w Wait, why JoinReason) (Step, error)

	// Touch marks the member as present and says where they stand.
	Touch(ctx context.Context, memberID string) (Step, error)

	// Leave makes the member idle, unless the queue knows a wait newer than turn. A seat
	// that is given up with it is free for the next at once.
	Leave(ctx context.Context, member Member, turn int64, reason string, gaveUp *Seat) (Step, error)

	// Settle shows a committed room to those of its members that are given. made is the
	// id under which they were taken out; empty when it is long settled.
	Settle(ctx context.Context, made string, room matchapi.Room, seated []Seated) error

	// PutBack undoes a take: the members get their places back, all but the lost ones,
	// who are forgotten so that their next call asks the store.
	PutBack(ctx context.Context, made string, r Refusal) (Step, error)

	// Sweep handles up to MaxDue deadlines.
	Sweep(ctx context.Context) (Swept, error)

	// Register makes a seat known again that nobody entered, and its room.
	Register(ctx context.Context, v Vacant) error

	// Compare is told the open waits with turns above after and up to upto, and forgets
	// what is not among them.
	Compare(ctx context.Context, after, upto int64, open []Wait) (Difference, error)
}

// Feed is chat-service's news of who entered, see matchapi.EntriesStream.
type Feed interface {
	// Entries hands over what no node has handled yet, in order, many together. handle says
	// how many from the first are done; with an error the others come again.
	Entries(ctx context.Context, handle func([]matchapi.Entry) (done int, err error)) (handled int, more bool, err error)
}

// Films knows the catalogue.
type Films interface {
	// Title is a film's title; an unknown film is a fault of kind NotFound.
	Title(ctx context.Context, movieID string) (string, error)
}

// Observer counts what happens, for metrics.
type Observer interface {
	Joined()                                     // a PUT was answered
	RoomMade(movieID string, took time.Duration) // a room was committed, so long after the six were together
	Seated(movieID string, waited time.Duration) // a member has a seat, so long after joining
	RoomUndone()                                 // a six that could not be committed was put back
	NoShows(seats int)                           // so many seats are offered since nobody entered them in time
	SeatGivenOn()                                // a seat that nobody entered has a new holder
	SeatReturned()                               // a new holder found the seat taken and waits again
	QueueLength(waits int64)                     // seen by a sweep
	FeedUpto(at time.Time)                       // up to when it is known who entered; seen by a sweep
}

// JoinReason is why a wait joins the queue.
type JoinReason string

// Reasons to join.
const (
	Asked    JoinReason = "asked"    // a PUT: revives a wait that has just expired
	Healed   JoinReason = "healed"   // the member asks and is missing: revives nothing that has ended
	Returned JoinReason = "returned" // the seat was another's; nobody asks, so nobody becomes present
)

// Made are members taken out of the queue: six for a new room, in the order of their
// seats, or one for a seat that nobody entered. They are nowhere else until that is
// committed or they are put back, except in the outbox, from where any node claims them
// after ClaimAfter.
type Made struct {
	ID      string // in the outbox; of the room, when it is a new one
	MovieID string
	At      time.Time
	Members []Wait // Turn, JoinID, Member and JoinedAt are set
	Seat    *Seat  // the seat and generation that is given on; nil for a new room
}

// Seat names a seat as it was given once.
type Seat struct {
	RoomID     string
	Number     int // from 1
	Generation int // from 1
}

// SeatFate is what a seat is that could not be given on.
type SeatFate string

// Fates of a seat.
const (
	SeatOpen SeatFate = "open" // still nobody's
	SeatGone SeatFate = "gone" // somebody's
	SeatMet  SeatFate = "met"  // nobody's, but the taker was in that room before
)

// Refusal is why members that were taken out of the queue were not seated.
type Refusal struct {
	Lost []string // join ids that are no longer open
	Seat SeatFate // for a seat that was to be given on
}

// Entered is what an entry has changed.
type Entered struct {
	Room     matchapi.Room
	Seated   *Seated // who sits in the seat; nil when the entry speaks of no seat of ours
	Returned []Wait  // new waits of those who found the seat taken
}

// Vacant is a seat that nobody entered yet.
type Vacant struct {
	Match
	JoinID  string
	GivenAt time.Time
	GivenUp bool // its holder wants it no more
}

// Difference is what queue and store disagree on.
type Difference struct {
	Missing []string  // join ids of open waits that the queue does not know
	Expired []string  // join ids of open waits that have expired in the queue
	Resumed time.Time // see Step
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
	Made    *Made     // members were brought together: commit them
	Expired []string  // join ids of waits that this step let expire
	Resumed time.Time // since when the queue has been working without a pause
}

// Swept is the result of one sweep.
type Swept struct {
	Claimed []Made    // what nobody committed in time
	Made    *Made     // members brought together by a deadline
	Expired []string  // join ids
	More    bool      // more is due: sweep again
	Length  int64     // waits in the queue
	NoShows int       // seats offered since nobody entered them in time
	Upto    time.Time // of the entry feed, see Observer.FeedUpto; zero: never heard
	Feed    bool      // it is this node's turn to read the entry feed
	Audit   bool      // it is this node's turn to compare queue and store
}
