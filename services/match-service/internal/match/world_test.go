package match_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/redisqueue"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

// files is the store that all runs share; each has members of its own.
type files struct {
	*store.Store
	raw *sql.DB // to look behind the store
}

func newDatabase(t *testing.T) files {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "match.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	d := &sqlite.Dialector{Conn: raw}
	if err := store.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return files{s, raw}
}

// person is a member and what they may rightly expect.
type person struct {
	match.Member
	waits   bool        // a PUT was answered, or a seat was found taken, and nothing has ended the wait since
	touched time.Time   // the last call that was answered
	tried   []time.Time // every call, answered or not: any may have made them present
	state   match.State // as last answered
}

// world is a Service on real stores, with a clock of its own, members, and a
// chat-service that knows who came first.
type world struct {
	*rapid.T
	db      files
	rdb     redis.UniversalClient
	queue   *redisqueue.Queue
	mortal  *mortal
	service *match.Service
	chat    *chat
	now     time.Time
	start   time.Time
	people  []*person
	films   []string
}

const crowd = 14 // two rooms and two to spare

func newWorld(rt *rapid.T, db files, rdb redis.UniversalClient, run int) *world {
	// Each run has a day of its own, so that what earlier ones left is long over.
	start := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC).AddDate(0, 0, run)
	w := &world{T: rt, db: db, rdb: rdb, now: start, start: start, films: []string{"a", "b", "c"}}
	clock := func() time.Time { return w.now }
	w.must(rdb.FlushAll(context.Background()).Err())
	w.queue = redisqueue.New(rdb, redisqueue.Config{Limits: match.DefaultLimits(), Now: clock, NewID: newID})
	w.mortal = &mortal{waits: db, rooms: db, seats: db, audit: db, queue: w.queue, feed: w.queue, left: -1}
	parts := w.mortal.parts()
	parts.Films, parts.Observer, parts.Limits = titles{}, nobody{}, match.DefaultLimits()
	parts.Now, parts.NewID, parts.Log = clock, newID, slog.New(slog.DiscardHandler)
	w.service = match.New(parts)
	w.chat = &chat{world: w, seats: map[string]holder{}}
	for i := range crowd {
		w.people = append(w.people, &person{Member: match.Member{ID: fmt.Sprintf("r%d-m%02d", run, i), Nickname: "n"}})
	}
	return w
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// titles knows every film.
type titles struct{}

func (titles) Title(_ context.Context, id string) (string, error) { return id, nil }

// nobody observes.
type nobody struct{}

func (nobody) Joined()                        {}
func (nobody) RoomMade(string, time.Duration) {}
func (nobody) Seated(string, time.Duration)   {}
func (nobody) RoomUndone()                    {}
func (nobody) NoShows(int)                    {}
func (nobody) SeatGivenOn()                   {}
func (nobody) SeatReturned()                  {}
func (nobody) QueueLength(int64)              {}
func (nobody) FeedUpto(time.Time)             {}

func (w *world) must(err error) {
	if err != nil {
		w.Fatal(err)
	}
}

// end leaves nothing open for the runs after this one.
func (w *world) end() {
	open, err := w.db.OpenWaits(context.Background(), 0, 10*crowd)
	w.must(err)
	var ids []string
	for _, o := range open {
		ids = append(ids, o.JoinID)
	}
	w.must(w.db.Expire(context.Background(), ids, w.now, w.now.Add(time.Hour)))
}

func (w *world) putQueue(p *person, films []string) {
	w.before(p)
	state, err := w.service.Join(context.Background(), p.Member, matchapi.Join{MovieID: films[0], AlsoMovieIDs: films[1:]})
	w.after(p, state, err)
	if err == nil && state.Kind == matchapi.Waiting {
		p.waits = true
	}
}

func (w *world) getQueue(p *person) {
	w.before(p)
	state, err := w.service.Read(context.Background(), p.Member)
	w.after(p, state, err)
}

func (w *world) deleteQueue(p *person) {
	w.before(p)
	p.waits = false // whether it is answered or not
	_, _ = w.service.Leave(context.Background(), p.Member)
	p.state = match.State{}
}

// before notes what a call may do even if it is never answered.
func (w *world) before(p *person) {
	p.tried = append(p.tried, w.now)
	if w.now.Sub(p.touched) > match.DefaultLimits().Forgotten() {
		p.waits = false // may have expired
	}
}

func (w *world) after(p *person, state match.State, err error) {
	w.Logf("%v %s: %s%s %v %s/%d/%d %v", w.now.Sub(w.start), p.ID, state.Kind, state.Reason, state.Waiting.MovieIDs,
		state.Match.Room.RoomID, state.Match.Seat, state.Match.Generation, err)
	if err != nil {
		return
	}
	p.touched, p.state = w.now, state
	if state.Kind == matchapi.Matched && !state.Match.Entered {
		p.waits = false // matched: from here on the seat can be lost by not entering it
	}
}

// enterRoom shows chat-service the ticket that the member has.
func (w *world) enterRoom(p *person) {
	if p.state.Kind != matchapi.Matched {
		return
	}
	if w.chat.enter(p.Member.ID, p.state.Match, w.now) == seatTaken {
		p.waits = true // gets the old place back
		p.touched = w.now
		p.tried = append(p.tried, w.now)
		w.mortal.left = -1
		p.state = match.State{}
	}
}

// settle lets a quiet time come: nodes live, the feed flows, and whoever still waits stays
// present, while those who have a seat enter it.
func (w *world) settle() {
	w.mortal.left = -1
	present := w.stillHere()
	for range 40 {
		w.now = w.now.Add(2500 * time.Millisecond)
		w.chat.beat(w.now)
		w.must(w.service.Sweep(context.Background()))
		for _, p := range present {
			w.getQueue(p)
			w.enterRoom(p)
		}
	}
}

// stillHere are those who called lately enough to have a place.
func (w *world) stillHere() (list []*person) {
	for _, p := range w.people {
		if w.now.Sub(p.touched) <= match.DefaultLimits().Forgotten() {
			list = append(list, p)
		}
	}
	return list
}
