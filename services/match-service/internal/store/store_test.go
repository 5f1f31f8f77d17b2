package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/store"
)

var (
	ctx   = context.Background()
	epoch = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
)

// world is a store with all films in it.
type world struct {
	*testing.T
	store *store.Store
	joins int
}

func newWorld(t *testing.T, d gorm.Dialector) *world {
	t.Helper()
	s, err := store.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{T: t, store: s}
}

// TestStore_onSQLite runs all behaviours on the embedded database.
func TestStore_onSQLite(t *testing.T) {
	template := filepath.Join(t.TempDir(), "template.db")
	db, d := openSQLite(t, template)
	if err := errors.Join(store.Migrate(ctx, d), db.Close()); err != nil {
		t.Fatal(err)
	}
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			behaves(newWorld(t, cloneSQLite(t, template)))
		})
	}
}

// cloneSQLite opens a copy of a database: importing all films for each test takes long.
func cloneSQLite(t *testing.T, template string) gorm.Dialector {
	t.Helper()
	data, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "match.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, d := openSQLite(t, file)
	return d
}

func openSQLite(t *testing.T, file string) (*sql.DB, gorm.Dialector) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() }) // a second Close does no harm
	return db, &sqlite.Dialector{Conn: db}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) equal(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (w *world) ask(member string, at time.Time, films ...string) match.Ask {
	w.joins++
	return match.Ask{
		Member: match.Member{ID: member, Nickname: "n-" + member}, Films: films, JoinID: fmt.Sprintf("join-%d", w.joins), At: at,
	}
}

func (w *world) open(a match.Ask) match.Standing {
	w.Helper()
	st, err := w.store.Open(ctx, a)
	w.ok(err)
	return st
}

func (w *world) last(member string) match.Standing {
	w.Helper()
	st, err := w.store.Last(ctx, member)
	w.ok(err)
	return st
}

// six opens a wait for each of six members.
func (w *world) six(film string, members ...string) match.Made {
	w.Helper()
	made := match.Made{ID: "room-" + members[0], MovieID: film, At: epoch.Add(time.Minute)}
	for _, m := range members {
		made.Members = append(made.Members, w.open(w.ask(m, epoch, film)).Wait)
	}
	return made
}

func (w *world) make(made match.Made) (lost []string) {
	w.Helper()
	_, lost, err := w.store.Make(ctx, made, "Title")
	w.ok(err)
	return lost
}

var names = []string{"a", "b", "c", "d", "e", "f"}

// behaviours are what a store must do, whatever database it runs on.
var behaviours = map[string]func(*world){
	"a wait is kept as it was asked": func(w *world) {
		st := w.open(w.ask("a", epoch, "jaws-1975", "alien-1979", "heat-1995"))

		again := w.last("a")

		w.equal("wait", again, st)
		w.equal("films", again.Wait.Films, []string{"jaws-1975", "alien-1979", "heat-1995"})
		w.equal("joinedAt", again.Wait.JoinedAt, epoch)
		w.equal("member", again.Wait.Member, match.Member{ID: "a", Nickname: "n-a"})
	},
	"nobody has waited yet": func(w *world) {
		w.equal("standing", w.last("a"), match.Standing{})
	},
	"many look at once, each finds where they themselves stand": func(w *world) {
		w.make(w.six("heat-1995", "a", "b", "c", "d", "e", "f"))
		w.make(w.six("alien-1979", "g", "h", "i", "j", "k", "l"))
		w.open(w.ask("waits", epoch, "heat-1995"))
		want := map[string]string{"a": "room-a 1", "f": "room-a 6", "h": "room-g 2", "waits": "open", "new": "never"}
		var all sync.WaitGroup
		for member, stands := range want {
			for range 20 {
				all.Go(func() {
					st, err := w.store.Last(ctx, member)
					got := "open"
					if st.Match != nil {
						got = fmt.Sprint(st.Match.Room.RoomID, " ", st.Match.Seat)
					} else if st.Wait.Turn == 0 {
						got = "never"
					}
					if err != nil || got != stands {
						w.Errorf("%s: %s, %v; want %s", member, got, err, stands)
					}
				})
			}
		}
		all.Wait()
	},
	"the same films again are the same wait, asked for anew": func(w *world) {
		first := w.open(w.ask("a", epoch, "jaws-1975"))

		second := w.open(w.ask("a", epoch.Add(time.Minute), "jaws-1975"))

		w.equal("join id", second.Wait.JoinID, first.Wait.JoinID)
		w.equal("joinedAt", second.Wait.JoinedAt, epoch)
		w.equal("askedAt", w.last("a").Wait.AskedAt, epoch.Add(time.Minute))
	},
	"another film is a new wait with a higher turn": func(w *world) {
		first := w.open(w.ask("a", epoch, "jaws-1975"))

		second := w.open(w.ask("a", epoch.Add(time.Minute), "alien-1979"))

		w.equal("joinedAt", second.Wait.JoinedAt, epoch.Add(time.Minute))
		w.equal("turn rises", second.Wait.Turn > first.Wait.Turn, true)
		w.equal("latest", w.last("a").Wait.JoinID, second.Wait.JoinID)
	},
	"other second choices keep the place": func(w *world) {
		first := w.open(w.ask("a", epoch, "jaws-1975"))

		second := w.open(w.ask("a", epoch.Add(time.Minute), "jaws-1975", "heat-1995"))

		w.equal("joinedAt", second.Wait.JoinedAt, epoch)
		w.equal("new join id", second.Wait.JoinID == first.Wait.JoinID, false)
	},
	"a room is made of six open waits, once": func(w *world) {
		made := w.six("jaws-1975", names...)

		w.equal("lost", w.make(made), []string(nil))
		w.equal("the same room again", w.make(made), []string(nil))

		st := w.last("d")
		w.equal("outcome", st.Outcome, match.OutcomeMatched)
		w.equal("seat", st.Match.Seat, 4)
		w.equal("generation", st.Match.Generation, 1)
		w.equal("entered", st.Match.Entered, false)
		w.equal("room", st.Match.Room.RoomID, made.ID)
		w.equal("title", st.Match.Room.Title, "Title")
		w.equal("createdAt", st.Match.Room.CreatedAt.Time, made.At)
		w.equal("seats", len(st.Match.Room.Seats), 6)
		w.equal("first seat", st.Match.Room.Seats[0].MemberID, "a")
	},
	"a join id is used once: the other room is refused whole": func(w *world) {
		made := w.six("jaws-1975", names...)
		w.equal("first", w.make(made), []string(nil))
		second := w.six("jaws-1975", "g", "h", "i", "j", "k", "l")
		second.Members[5] = made.Members[0]

		w.equal("lost", w.make(second), []string{made.Members[0].JoinID})

		w.equal("others still wait", w.last("g").Outcome, "")
		w.equal("no room", len(w.roomsOf("g")), 0)
	},
	"who left before the commit is lost to the room": func(w *world) {
		made := w.six("jaws-1975", names...)
		before, err := w.store.Leave(ctx, "b", epoch)
		w.ok(err)
		w.open(w.ask("c", epoch, "alien-1979"))

		lost := w.make(made)

		w.equal("was waiting", before.Outcome, "")
		w.equal("lost", lost, []string{made.Members[1].JoinID, made.Members[2].JoinID})
		w.equal("reason", w.last("b").Outcome, match.OutcomeCancelled)
	},
	"a matched member who has not entered gets the match again, whatever the film": func(w *world) {
		made := w.six("jaws-1975", names...)
		w.make(made)

		st := w.open(w.ask("a", made.At.Add(match.RefillFor-time.Second), "alien-1979"))

		if st.Match == nil || st.Match.Room.RoomID != made.ID {
			w.Fatalf("got %+v, want the match in %s", st, made.ID)
		}
	},
	"a match of which no entry came for as long as its seat was offered keeps nobody from waiting": func(w *world) {
		made := w.six("jaws-1975", names...)
		w.make(made)

		st := w.open(w.ask("a", made.At.Add(match.RefillFor), "alien-1979"))

		if st.Match != nil || st.Wait.Turn == 0 {
			w.Fatalf("got %+v, want a new wait", st)
		}
	},
	"leaving a match gives up the seat, and a new wait may begin": func(w *world) {
		made := w.six("jaws-1975", names...)
		w.make(made)

		before, err := w.store.Leave(ctx, "a", epoch)
		w.ok(err)

		w.equal("was", before.Outcome, match.OutcomeMatched)
		w.equal("room", before.Match.Room.RoomID, made.ID)
		w.equal("now", w.last("a").Outcome, match.OutcomeCancelled)
		w.equal("no room of mine", len(w.roomsOf("a")), 0)
		w.equal("new wait", w.open(w.ask("a", epoch, "heat-1995")).Match == nil, true)
	},
	"leaving twice ends nothing the second time": func(w *world) {
		w.open(w.ask("a", epoch, "jaws-1975"))
		_, err := w.store.Leave(ctx, "a", epoch)
		w.ok(err)

		before, err := w.store.Leave(ctx, "a", epoch)

		w.ok(err)
		w.equal("before", before.Outcome, match.OutcomeCancelled)
	},
	"a wait that was asked for meanwhile does not expire": func(w *world) {
		a := w.open(w.ask("a", epoch, "jaws-1975")).Wait
		b := w.open(w.ask("b", epoch, "jaws-1975")).Wait
		w.open(w.ask("b", epoch.Add(time.Minute), "jaws-1975"))

		w.ok(w.store.Expire(ctx, []string{a.JoinID, b.JoinID}, epoch.Add(2*time.Minute), epoch.Add(30*time.Second)))

		w.equal("a", w.last("a").Outcome, match.OutcomeExpired)
		w.equal("b", w.last("b").Outcome, "")
	},
	"rooms are listed newest first": func(w *world) {
		first := w.six("jaws-1975", names...)
		w.make(first)
		_, err := w.store.Leave(ctx, "b", epoch) // else b could not wait again
		w.ok(err)
		second := w.six("alien-1979", "b", "h", "i", "j", "k", "l")
		second.At = first.At.Add(time.Minute)
		w.make(second)

		rooms := w.roomsOf("b")
		w.equal("rooms of b", len(rooms), 1)
		w.equal("rooms of a", w.roomsOf("a")[0].Room.RoomID, first.ID)
	},
	"many ask at once, each gets one wait": func(w *world) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		joins := map[string]map[string]bool{}
		for i := range 200 {
			a := w.ask(fmt.Sprintf("m%d", i%50), epoch, "jaws-1975")
			wg.Go(func() {
				st, err := w.store.Open(ctx, a)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					w.Error(err)
					return
				}
				if joins[a.Member.ID] == nil {
					joins[a.Member.ID] = map[string]bool{}
				}
				joins[a.Member.ID][st.Wait.JoinID] = true
			})
		}
		wg.Wait()
		for m, ids := range joins {
			w.equal("waits of "+m, len(ids), 1)
		}
	},
	"a member of two rooms popped at once is in one of them": func(w *world) {
		first := w.six("jaws-1975", names...)
		second := w.six("alien-1979", "g", "h", "i", "j", "k", "l")
		second.Members[0] = first.Members[0]
		var wg sync.WaitGroup
		lost := make([][]string, 2)
		for i, made := range []match.Made{first, second} {
			wg.Go(func() { lost[i] = w.make(made) })
		}
		wg.Wait()

		w.equal("refused", len(lost[0])+len(lost[1]), 1)
		w.equal("rooms of a", len(w.roomsOf("a")), 1)
	},
	"a nickname that cannot be stored fails alone": func(w *world) {
		var wg sync.WaitGroup
		good := make([]error, 20)
		for i := range good {
			a := w.ask(fmt.Sprintf("m%d", i), epoch, "jaws-1975")
			wg.Go(func() { _, good[i] = w.store.Open(ctx, a) })
		}
		bad := w.ask("bad", epoch, "jaws-1975")
		bad.Member.Nickname = "nul\x00"
		_, err := w.store.Open(ctx, bad)
		wg.Wait()

		if err == nil && strings.HasPrefix(w.Name(), "TestStore_onPostgres") {
			w.Error("U+0000 was stored")
		}
		w.equal("others", slices.IndexFunc(good, func(err error) bool { return err != nil }), -1)
	},
	"a caller that has gone away gets its context's error": func(w *world) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err := w.store.Last(gone, "a")
		if err == nil || fault.Is(err, fault.NotFound) {
			w.Errorf("got %v, want an error", err)
		}
	},
}

func (w *world) roomsOf(member string) []match.Match {
	w.Helper()
	rooms, err := w.store.OfMember(ctx, member, 10)
	w.ok(err)
	return rooms
}
