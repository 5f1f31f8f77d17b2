//go:build integration

package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

const (
	benchRooms   = 1666
	benchWriters = 32 // connections of the one INSERT per message
)

// BenchmarkCommit stores messages flat out on a PostgreSQL that syncs each commit to disk:
// the journal with small and with full batches, and beside it what it is there to beat, one INSERT per
// message and transaction over 32 connections, with the room's seq and no check at all.
// One operation is one message.
func BenchmarkCommit(b *testing.B) {
	db := benchDatabase(b)
	for _, size := range []int{10, maxBatch} { // as at 2,000 messages/s, and as many as go into one
		b.Run(fmt.Sprintf("journal/batch=%d", size), func(b *testing.B) {
			db.measure(b, func(b *testing.B, db *benchDB) { benchJournal(b, db, size) })
		})
	}
	b.Run("insert", func(b *testing.B) { db.measure(b, benchInsert) })
}

type benchDB struct {
	server *testenv.Server
	pool   *sql.DB
	store  *Store
	rooms  []string
}

func benchDatabase(b *testing.B) *benchDB {
	b.Helper()
	server := testenv.StartPostgres(b, "-c", "fsync=on")
	db := &benchDB{server: server, rooms: make([]string, benchRooms)}
	if err := migrateURL(server.URL); err != nil {
		b.Fatal(err)
	}
	var err error
	if db.pool, err = sql.Open("pgx", server.URL); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.pool.Close() })
	db.pool.SetMaxIdleConns(benchWriters)
	d, err := database.Postgres(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	if db.store, err = Open(b.Context(), d); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.store.Close() })
	for i := range db.rooms {
		db.rooms[i] = uuid.NewString()
	}
	db.must(b, `INSERT INTO rooms (id, movie_id, title, created_at) SELECT id, 'film', 'Film', now() FROM unnest($1::uuid[]) AS r (id)`, db.rooms)
	db.must(b, `INSERT INTO seats (room_id, seat, generation, member_id, nickname, entered_at)
		SELECT id, seat, 1, 'member' || seat, 'user' || seat, now() FROM unnest($1::uuid[]) AS r (id), generate_series(1, 6) AS seat`, db.rooms)
	return db
}

func (db *benchDB) must(b *testing.B, statement string, args ...any) {
	b.Helper()
	if _, err := db.pool.ExecContext(b.Context(), statement, args...); err != nil {
		b.Fatal(err)
	}
}

// measure reports messages/s and PostgreSQL's CPU for each, and counts what was stored.
func (db *benchDB) measure(b *testing.B, run func(b *testing.B, db *benchDB)) {
	db.must(b, "TRUNCATE messages")
	db.must(b, "UPDATE rooms SET last_seq = 0")
	db.must(b, "CHECKPOINT")
	before := db.cpu(b)
	b.ResetTimer()
	run(b, db)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64((db.cpu(b)-before).Microseconds())/float64(b.N), "postgres-µs/op")
	var stored int
	if err := db.pool.QueryRowContext(b.Context(), "SELECT count(*) FROM messages").Scan(&stored); err != nil {
		b.Fatal(err)
	}
	if stored != b.N {
		b.Errorf("%d messages are stored, want %d", stored, b.N)
	}
}

func (db *benchDB) post(i int) chat.Post {
	return chat.Post{
		ID: uuid.Must(uuid.NewV7()).String(), RoomID: db.rooms[i%benchRooms], MemberID: fmt.Sprint("member", i/benchRooms%6+1),
		Type: chatapi.Text, Comment: benchComment, Nickname: "user", At: time.Now(),
	}
}

var benchComment = strings.Repeat("x", 250)

func benchJournal(b *testing.B, db *benchDB, size int) {
	j := db.store.Journal(func() {}, slog.New(slog.DiscardHandler))
	defer j.Close()
	waiting := make(chan struct{}, 2*size) // one batch in hand, one behind it
	var group sync.WaitGroup
	var failed atomic.Int64
	for i := range b.N {
		waiting <- struct{}{}
		group.Add(1)
		err := j.Append([]chat.Post{db.post(i)}, func(_ []chat.Stored, err error) {
			if err != nil {
				failed.Add(1)
			}
			<-waiting
			group.Done()
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	group.Wait()
	if failed.Load() > 0 {
		b.Errorf("%d commits failed", failed.Load())
	}
}

const insertOne = `WITH r AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq)
INSERT INTO messages (room_id, seq, message_id, member_id, type, comment, created_by, created_at)
SELECT $1, last_seq, $2, $3, $4, $5, $6, $7 FROM r`

func benchInsert(b *testing.B, db *benchDB) {
	var group sync.WaitGroup
	var next atomic.Int64
	for range benchWriters {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				p := db.post(i)
				if _, err := db.pool.ExecContext(context.Background(), insertOne, p.RoomID, p.ID, p.MemberID, p.Type, p.Comment, p.Nickname, p.At); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

func (db *benchDB) cpu(b *testing.B) time.Duration {
	b.Helper()
	used, err := db.server.CPU()
	if err != nil {
		b.Fatal(err)
	}
	return used
}
