package matchapi

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The entry feed: chat-service tells match-service who has entered which seat, so that
// seats nobody enters can be given on. It is a Redis stream in the Redis that both
// services use; the two call each other nowhere.
//
// chat-service writes:
//
//   - One entry of kind KindEntered for each seat that is entered. It is written to an
//     outbox table in the transaction that seats the member and told from there (XADD);
//     some seconds later it is told again and forgotten, in case Redis has lost the first
//     before it was read.
//   - The same entry again, for the member who holds the seat, whenever a ticket of a
//     higher generation is refused with seat-taken. So an entry that was lost with Redis's
//     memory is told anew before it can keep anybody from a place in the queue.
//   - One entry of kind KindLeft, in the same way, when a member leaves the room for good.
//   - One entry of kind KindHeartbeat at least every HeartbeatEvery. Its time is one
//     before which nothing is missing: read the clock, then tell what is untold, and if
//     nothing older than that clock is left untold, for any node, append the heartbeat.
//
// match-service reads all of it in order. A seat is given on only when a heartbeat has
// come that is younger than FeedLag, so while the feed is away or behind, nobody loses a
// seat. Both sides may repeat themselves: entries are recognised by room, seat and
// generation.
const (
	// EntriesStream is the key of the stream. It lies in a slot of its own.
	EntriesStream = "sixseat:entries"

	// EntriesKept is about how many entries the writer keeps (XADD MAXLEN ~): a day of
	// heartbeats, in which a reader that was away can catch up.
	EntriesKept = 100_000

	// HeartbeatEvery is the longest pause between two heartbeats.
	HeartbeatEvery = time.Second

	// FeedLag is how old the last heartbeat may be before the feed counts as behind. One is
	// two seconds old when it is written and up to 2.5 s more when the next is read; the
	// rest is for a few missed ones and for clocks that differ.
	FeedLag = 10 * time.Second
)

// Kinds of entries.
const (
	KindEntered   = "entered"   // all fields are set
	KindLeft      = "left"      // all fields are set
	KindHeartbeat = "heartbeat" // only EntryID and At are set
)

// Entry is one entry of the feed.
type Entry struct {
	Kind       string
	EntryID    string    // the writer's own id, for logs
	At         time.Time // when the seat was entered or left. KindHeartbeat: nothing before is missing
	RoomID     string
	Seat       int // 1-6
	Generation int // of the ticket that entered
	MemberID   string
}

// Names of the stream's fields.
const (
	fieldKind       = "kind"
	fieldEntry      = "entry"
	fieldAt         = "at" // Unix milliseconds
	fieldRoom       = "room"
	fieldSeat       = "seat"
	fieldGeneration = "generation"
	fieldMember     = "member"
)

// Values are the entry as the stream's fields, name and value in turn, for XADD.
func (e Entry) Values() []string {
	v := []string{fieldKind, e.Kind, fieldEntry, e.EntryID, fieldAt, strconv.FormatInt(e.At.UnixMilli(), 10)}
	if e.Kind == KindHeartbeat {
		return v
	}
	return append(v, fieldRoom, e.RoomID, fieldSeat, strconv.Itoa(e.Seat),
		fieldGeneration, strconv.Itoa(e.Generation), fieldMember, e.MemberID)
}

// ParseEntry reads an entry from the stream's fields. Fields it does not know are passed
// over, so that the writer may add some first.
func ParseEntry(values map[string]any) (Entry, error) {
	r := entryReader{values: values}
	e := Entry{Kind: r.text(fieldKind), EntryID: r.text(fieldEntry), At: time.UnixMilli(r.number(fieldAt)).UTC()}
	switch e.Kind {
	case KindHeartbeat:
	case KindEntered, KindLeft:
		e.RoomID, e.MemberID = r.text(fieldRoom), r.text(fieldMember)
		e.Seat, e.Generation = int(r.number(fieldSeat)), int(r.number(fieldGeneration))
	default:
		return Entry{}, fmt.Errorf("entry %s: unknown kind %q", e.EntryID, e.Kind)
	}
	if r.err == nil && e.Kind != KindHeartbeat && (e.Seat < 1 || e.Seat > Seats || e.Generation < 1 || e.Generation > math.MaxInt32) {
		r.err = fmt.Errorf("no seat of a room: %d, generation %d", e.Seat, e.Generation)
	}
	if r.err != nil {
		return Entry{}, fmt.Errorf("entry %s: %w", e.EntryID, r.err)
	}
	return e, nil
}

// entryReader reads fields and remembers the first that was missing or wrong.
type entryReader struct {
	values map[string]any
	err    error
}

func (r *entryReader) text(name string) string {
	s, ok := r.values[name].(string)
	if !ok && r.err == nil {
		r.err = fmt.Errorf("field %s is missing", name)
	}
	if strings.ContainsRune(s, 0) && r.err == nil {
		r.err = fmt.Errorf("field %s has a NUL", name)
	}
	return s
}

func (r *entryReader) number(name string) int64 {
	n, err := strconv.ParseInt(r.text(name), 10, 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("field %s: %w", name, err)
	}
	return n
}
