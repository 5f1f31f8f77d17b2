// Package archive moves what was said in rooms that fell silent out of the database, and
// reads it where it lies: the same messages with the same seqs.
//
// What is archived of a room is always its beginning. The database has the rest, without
// a gap between the two; a room in which somebody speaks again goes on with its next seq,
// and what was said since is archived as a further segment.
//
// It belongs to the domain and knows no SQL and no S3: Rows and Objects are what it needs
// of them. Archiver (archiver.go) is the way there, History (history.go) the way back.
package archive

import (
	"context"
	"time"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Segment is a part of a room's history that lies in the archive: one object, which never
// changes, of gzipped JSON lines, each a message as clients get it.
type Segment struct {
	RoomID      string
	First, Last int64  // seqs
	Object      string // its key, which follows from the room, the seqs and SHA256
	Bytes       int64  // of the object
	SHA256      string // of the object, hexadecimal
}

// Messages is how many it has.
func (s Segment) Messages() int64 { return s.Last - s.First + 1 }

// Rows is what is still in the database. Its errors are faults of kind Unavailable while
// that is away.
type Rows interface {
	// Claim takes at most limit rooms that nobody has looked at since quiet, or known to
	// have a message that is newer. They count as looked at until then, so that others
	// leave them alone; whoever claimed them may be dead when that is over.
	Claim(ctx context.Context, quiet, until time.Time, limit int) (roomIDs []string, err error)
	// Looked says when a room had its last message, or was looked at and had none.
	Looked(ctx context.Context, roomID string, at time.Time) error
	// Oldest returns a room's oldest messages in the database, at most limit, and its newest.
	// A room that has none there is no error.
	Oldest(ctx context.Context, roomID string, limit int) (oldest []chat.Message, newest chat.Message, err error)
	// Archive puts a segment in the place of its messages, in one transaction. It does
	// nothing, and says so, if head is not the room's last seq any more, or if the segment
	// does not follow what is archived already: somebody spoke, or another node was faster.
	Archive(ctx context.Context, s Segment, messages []chat.Message, head int64, at time.Time) (done bool, err error)
}

// Objects is where segments lie. Its errors are faults of kind Unavailable while it is away.
type Objects interface {
	// Put stores an object with its SHA-256, hexadecimal.
	Put(ctx context.Context, key string, data []byte, sha256 string) error
	// Get returns an object, of which no more than size octets are read.
	Get(ctx context.Context, key string, size int64) ([]byte, error)
}
