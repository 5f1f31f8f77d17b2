//go:build integration

package store

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// result is what an author was told.
type result struct {
	id     string
	stored chat.Stored
	err    error
}

// say posts and returns what it was told.
func say(j *Journal, p chat.Post) result {
	told := make(chan result, 1)
	err := j.Append([]chat.Post{p}, func(st []chat.Stored, err error) {
		r := result{id: p.ID, err: err}
		if err == nil {
			r.stored = st[0]
		}
		told <- r
	})
	if err != nil {
		return result{id: p.ID, err: err}
	}
	return <-told
}

func openURL(t *testing.T, rawURL string) *Store {
	t.Helper()
	d, err := database.Postgres(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, d)
}

// PostgreSQL is killed while six authors write, twice, and comes back. What was
// acknowledged is there at the seq that was told, nothing is there twice, and what was
// refused may be sent again with the same id.
func TestPostgres_killedInTheMiddleLosesNothingThatWasAcknowledged(t *testing.T) {
	server := testenv.StartPostgres(t)
	s := openURL(t, server.URL)
	id := fullRoom(t, s, 6)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	const each = 300
	var said atomic.Int64
	results := make(chan result, 6*each)
	var authors sync.WaitGroup
	for member := range 6 {
		authors.Go(func() {
			for i := range each {
				p := post(id, member+1, fmt.Sprint(member, "/", i))
				r := say(j, p)
				for r.err != nil { // as a client does: again, with the same id
					if !fault.Is(r.err, fault.Unavailable) {
						t.Errorf("refused as %v, want Unavailable", r.err)
						return
					}
					r = say(j, p)
				}
				results <- r
				said.Add(1)
			}
		})
	}
	for _, after := range []int64{each, 4 * each} {
		for said.Load() < after {
			results <- <-results // lets the authors go on
		}
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	authors.Wait()
	close(results)

	for database.Away(s.Ping(t.Context())) { // readers' connections learn of the end one by one
	}
	messages := all(t, s, id)
	if len(messages) != 6+6*each {
		t.Errorf("%d messages are stored, want %d", len(messages), 6+6*each)
	}
	for r := range results {
		if m := messages[r.stored.Seq-1]; m.MessageID != r.id {
			t.Errorf("%s was acknowledged at seq %d, where %s is", r.id, r.stored.Seq, m.MessageID)
		}
	}
}

// The host of PostgreSQL vanishes while authors write, and hangs up on nobody; another one
// answers at its address. Nobody is refused, and nothing is there twice.
func TestPostgres_hostThatVanishesIsWaitedForAndLosesNothing(t *testing.T) {
	host := testenv.StartVanishing(t, testenv.NewDatabase(t, "chat", migrateURL))
	s := openURL(t, host.URL)
	id := fullRoom(t, s, 6)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	for round := range 2 {
		var authors sync.WaitGroup
		for member := range 6 {
			authors.Go(func() {
				if r := say(j, post(id, member+1, fmt.Sprint(round, member))); r.err != nil {
					t.Error(r.err)
				}
			})
		}
		authors.Wait()
		host.Vanish()
	}
	if r := say(j, post(id, 1, "after all")); r.err != nil {
		t.Error(r.err)
	}
	if n := len(all(t, s, id)); n != 6+2*6+1 {
		t.Errorf("%d messages are stored", n)
	}
}

// A node vanishes in the middle of ENTER and leaves its room locked. The other rooms go on
// at once, and that one when PostgreSQL has ended what was abandoned.
func TestPostgres_aRoomLeftLockedHoldsUpNoOther(t *testing.T) {
	rawURL := testenv.NewDatabase(t, "chat", migrateURL)
	s, dead := openURL(t, rawURL), openURL(t, rawURL)
	held, free := fullRoom(t, s, 1), fullRoom(t, s, 1)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	tx := dead.db.Begin()
	if _, err := lockRoom(tx, held); err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if r := say(j, post(held, 1, "waits")); r.err != nil || r.stored.Seq != 2 {
			t.Errorf("the room was locked for 3 s: told %+v", r)
		}
	})
	for i := range 50 {
		if r := say(j, post(free, 1, fmt.Sprint(i))); r.err != nil || r.stored.Seq != int64(i+2) {
			t.Errorf("another room: told %+v", r)
		}
	}
	if n := len(all(t, s, held)); n != 1 {
		t.Errorf("%d messages in the room that is locked: the test does not test what it says", n)
	}
	waiting.Wait()
	if err := tx.Commit().Error; !database.Away(err) {
		t.Errorf("what was abandoned was committed all the same: %v", err)
	}
}

// Who enters or leaves a room that somebody holds for long waits for it, as posts do: six
// members enter at the same moment, and a disk may stand still for the first of them.
func TestPostgres_enterAndLeaveWaitForTheRoom(t *testing.T) {
	rawURL := testenv.NewDatabase(t, "chat", migrateURL)
	s, dead := openURL(t, rawURL), openURL(t, rawURL)
	id := fullRoom(t, s, 1)
	tx := dead.db.Begin()
	if _, err := lockRoom(tx, id); err != nil {
		t.Fatal(err)
	}
	var both errgroup.Group
	both.Go(func() error {
		_, _, err := s.Enter(t.Context(), ticket(id, 2), noon)
		return err
	})
	both.Go(func() error {
		_, err := s.Leave(t.Context(), id, "member1", noon)
		return err
	})
	if err := both.Wait(); err != nil { // PostgreSQL ends what was abandoned after 3 s
		t.Error("the room was locked for 3 s:", err)
	}
	if n := len(all(t, s, id)); n != 3 {
		t.Errorf("%d messages are stored, want two ENTERs and a LEAVE", n)
	}
	if err := tx.Commit().Error; !database.Away(err) {
		t.Errorf("what was abandoned was committed all the same: %v", err)
	}
}

// PostgreSQL refuses one post of a batch for its data: everybody else's is stored.
func TestPostgres_poisonIsRefusedAlone(t *testing.T) {
	s := openURL(t, testenv.NewDatabase(t, "chat", migrateURL))
	id := fullRoom(t, s, 6)
	tx := s.db.Begin() // the room is locked, so that all gather in one batch
	if _, err := lockRoom(tx, id); err != nil {
		t.Fatal(err)
	}
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	results := make([]result, 60)
	var authors sync.WaitGroup
	for i := range results {
		p := post(id, i%6+1, fmt.Sprint(i))
		if i%20 == 7 {
			p.Comment = "poison\x00" // Compose lets none through
		}
		authors.Go(func() { results[i] = say(j, p) })
	}
	for j.posts.Load() < int64(len(results)) {
	}
	if err := tx.Commit().Error; err != nil {
		t.Fatal(err)
	}
	authors.Wait()
	for i, r := range results {
		if poison := i%20 == 7; poison != (r.err != nil) || fault.Is(r.err, fault.Unavailable) {
			t.Errorf("%d was told %+v", i, r)
		}
	}
	if n := len(all(t, s, id)); n != 6+57 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestPostgres_answerLostAfterCommitIsStoredOnce(t *testing.T) {
	const statements = 3 // of a plain commit: lock, store, advance
	c := testenv.StartCutter(t, testenv.NewDatabase(t, "chat", migrateURL), statements)
	s := openURL(t, c.URL)
	id := fullRoom(t, s, 6)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	t.Cleanup(j.Close)
	if r := say(j, post(id, 1, "warms the connection up")); r.err != nil {
		t.Fatal(r.err)
	}
	seq := 7
	for i := range 5 {
		c.Arm()
		p := post(id, 2, fmt.Sprint("lost ", i))
		seq++

		r := say(j, p)

		if r.err != nil || !r.stored.Known || r.stored.Seq != int64(seq) {
			t.Errorf("told %+v; want it found as known at seq %d", r, seq)
		}
		if c.Cuts() != i+1 {
			t.Fatalf("%d connections were cut so far, want %d: the test does not test what it says", c.Cuts(), i+1)
		}
		for range waryFor { // until a commit is plain again
			if r := say(j, post(id, 1, "beside")); r.err != nil {
				t.Fatal(r.err)
			}
			seq++
		}
	}
	if n := len(all(t, s, id)); n != seq { // all also looks for holes
		t.Errorf("%d messages are stored, want %d", n, seq)
	}
}

func TestPostgres_oneKeyOnTwoNodesAtOnceIsOneMessage(t *testing.T) {
	rawURL := testenv.NewDatabase(t, "chat", migrateURL)
	nodes := []*Store{openURL(t, rawURL), openURL(t, rawURL)}
	id := fullRoom(t, nodes[0], 1)
	journals := []*Journal{nodes[0].Journal(func() {}, slog.New(slog.DiscardHandler)), nodes[1].Journal(func() {}, slog.New(slog.DiscardHandler))}
	for _, j := range journals {
		t.Cleanup(j.Close)
	}
	for i := range 100 {
		p := post(id, 1, fmt.Sprint(i))
		p.Key = fmt.Sprint("key ", i)
		var told [2]result
		var both sync.WaitGroup
		for n, j := range journals {
			both.Go(func() { told[n] = say(j, p) })
		}
		both.Wait()
		a, b := told[0], told[1]
		if a.err != nil || b.err != nil || a.stored.Seq != b.stored.Seq || a.stored.Known == b.stored.Known {
			t.Fatalf("told %+v and %+v; want one seq, new on one node and known on the other", a, b)
		}
	}
	if n := len(all(t, nodes[1], id)); n != 101 {
		t.Errorf("%d messages are stored, want 101", n)
	}
}

// PostgreSQL is killed while rooms are archived, somewhere in a transaction, and comes back.
// Each room is then whole, in the database or in the archive, and is archived later.
func TestPostgres_killedWhileItArchivesLosesNothing(t *testing.T) {
	server := testenv.StartPostgres(t)
	v := newVault(t, openURL(t, server.URL))
	want := map[string]view{}
	for i := range uint64(8) {
		id := fullRoom(t, v.store, 4)
		v.talk(rand.New(rand.NewPCG(i, 5)), id, 6, noon)
		want[id] = v.glance(id)
	}
	for _, after := range []int{1, 4} {
		begun := 0
		var killing sync.WaitGroup
		err := v.sweep(meanwhile{v.store, func() {
			if begun++; begun == after {
				killing.Go(func() {
					if err := server.Kill(); err != nil {
						t.Error(err)
					}
				})
			}
		}}, v.objects)
		killing.Wait()
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("the sweep ended with %v", err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		for database.Away(v.store.Ping(t.Context())) { // readers' connections learn of the end one by one
		}
		for id, seen := range want {
			v.want("after PostgreSQL was killed", seen, v.glance(id))
		}
		v.now = v.now.Add(time.Hour)
	}
	v.archive()
	for id, seen := range want {
		v.want("in the end", seen, v.glance(id))
		if n := v.left(id); n != 0 {
			t.Errorf("%d are left in the end", n)
		}
	}
}
