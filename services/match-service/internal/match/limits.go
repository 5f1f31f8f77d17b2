package match

import (
	"time"

	"github.com/sixseat/sixseat/pkg/token"
)

// Limits are the times that shape a wait. They are fixed for a deployment: all nodes
// must have the same, since each may judge any member.
type Limits struct {
	// Present is how long after the last call, or the end of the last event stream, a
	// member counts as present. An open stream touches every ReadEvery, so it takes six
	// missed ones to look absent.
	Present time.Duration

	// Kept is how long an absent member keeps the place, skipped by the pop: time for a
	// phone to come out of a tunnel. After that the wait has expired.
	Kept time.Duration

	// AlsoAfter is when second choices begin to count: long enough for the first choice
	// to have had its chance.
	AlsoAfter time.Duration

	// NoShowAfter is how long a seat waits for its member to enter before it is offered
	// to the next one.
	NoShowAfter time.Duration
}

// DefaultLimits are the contract's numbers.
func DefaultLimits() Limits {
	return Limits{
		Present: 30 * time.Second, Kept: 45 * time.Second,
		AlsoAfter: 30 * time.Second, NoShowAfter: 20 * time.Second,
	}
}

// Forgotten is how long after the last sign of a member the wait has expired.
func (l Limits) Forgotten() time.Duration { return l.Present + l.Kept }

const (
	// ReadEvery is how often an event stream reads its state by itself: that repairs a
	// missed change and is the sign that the member is present.
	ReadEvery = 5 * time.Second

	// MaxAlso is how many second choices a wait may have. Each is one more queue to
	// stand in, so each join, touch and pop costs as much again.
	MaxAlso = 4

	// ClaimAfter is when another node may take over a room that was popped and not yet
	// committed. A commit takes milliseconds; two nodes that commit the same room do no
	// harm, since the room id makes it one.
	ClaimAfter = 2 * time.Second

	// MaxAbsentees is how many absent members one step looks past in a film's queue, so
	// that a step stays well below a millisecond; the next touch goes on from there.
	MaxAbsentees = 64

	// MaxDue is how many deadlines one sweep handles; while more are due it is repeated.
	MaxDue = 64

	// PauseAfter is how long nobody may have swept before that counts as an outage of
	// ours, in which members could not show that they are present. Places are then kept
	// from the end of the outage on.
	PauseAfter = 5 * time.Second

	// RefillFor is how long after a room was made its free seats are offered. Later the
	// evening has begun without the newcomer; it is also the life of a ticket.
	RefillFor = token.TicketLife

	// FeedEvery is how often one of the nodes reads the entry feed.
	FeedEvery = time.Second

	// AuditEvery is how often one of the nodes compares the queue with the store. What a
	// member's own call does not heal is healed by this.
	AuditEvery = 10 * time.Second

	// Young is how old a wait or a given seat must be before it is compared: before that
	// it may be on its way from the store to the queue.
	Young = 10 * time.Second

	// RateMemory is how far back the arrival rate of a film remembers: within it an
	// arrival's weight falls to a third.
	RateMemory = 5 * time.Minute

	// RateForgotten is after how long without an arrival the rate begins anew.
	RateForgotten = time.Hour

	// minArrivals is how many arrivals it takes to speak of a rate.
	minArrivals = 3

	// maxETA is the longest prediction; the memory is too short for longer ones.
	maxETA = time.Hour

	// RetellFor is how long after the queue began anew it is told of all seats that are
	// free: some audits, so that one that fails is made good.
	RetellFor = 3 * AuditEvery

	// auditPage is how many waits are compared at once, and how many free seats are listed;
	// a step with 200 waits takes about half a millisecond of Redis.
	auditPage = 200

	// sweepEvery is the pace of each node's sweep. Contract: what falls due happens
	// within 5 s.
	sweepEvery = time.Second

	// sweepTimeout bounds one sweep with its audit: while a store hangs, a node comes back
	// to what else is due, as the contract of 5 s asks.
	sweepTimeout = 4 * time.Second

	// readingTimeout bounds one reading of the entry feed, and how long it can keep the next
	// from beginning.
	readingTimeout = 4 * time.Second

	// commitTimeout bounds one attempt to commit a room. It is longer than a database
	// fail-over that is noticed at once, and after it the outbox still has the room.
	commitTimeout = 5 * time.Second

	// maxSteps bounds how many rooms one call makes in a row when a queue was backed up
	// (after an outage); what is left is made by the next touch.
	maxSteps = 16

	// maxRooms is how many rooms GET /match/rooms lists, the newest. Each costs a
	// signature of about 25 µs.
	maxRooms = 50

	// maxNickname is the contract's length of a nickname, in code points.
	maxNickname = 20
)
