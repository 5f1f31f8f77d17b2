package store

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestSQLite_keepsTheStoresContract(t *testing.T) {
	contract(t, func(t *testing.T) *Store {
		d, err := embedded.SQLite(filepath.Join(t.TempDir(), "chat.db"))
		if err != nil {
			t.Fatal(err)
		}
		return open(t, d)
	})
}

func open(t *testing.T, d gorm.Dialector) *Store {
	t.Helper()
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// contract is what every database must do.
func contract(t *testing.T, open func(*testing.T) *Store) {
	for name, test := range map[string]func(*testing.T, *Store){
		"enter seats each once and numbers ENTER":           testEnter,
		"enter refuses as the seat's generations say":       testGenerations,
		"entries tells who sits where, until forgotten":     testEntries,
		"enter leaves a member on the seat that it has":     testSecondSeat,
		"leave is for good":                                 testLeave,
		"commit numbers without a gap, whoever writes":      testCommitConcurrently,
		"commit stores a known id once":                     testKnown,
		"commit stores an id twice in a batch once":         testTwins,
		"commit refuses strangers and those who left":       testRefusals,
		"commit stores a group all or none":                 testGroups,
		"commit answers a faulty post if its id is known":   testFaulty,
		"a transaction may repeat a key with a bad body":    testFaultyTransaction,
		"history pages both ways":                           testHistory,
		"rooms lists the member's own, newest first":        testRooms,
		"heads names the last seq of rooms that there are":  testHeads,
		"standings tells each member's in each room":        testStandings,
		"following pages on from many positions at once":    testFollowing,
		"ids that are no UUID are rooms that nobody is in":  testOddIDs,
		"text comes back as it went in":                     testText,
		"a picture comes back wherever messages are read":   testPicture,
		"commits of several journals leave no gap or twins": testTwoJournals,
		"read marks rise only, and not beyond the last seq": testMarkRead,
		"read marks are of those inside alone":              testMarkReadStandings,
		"what was read is not unread":                       testUnread,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	for name, test := range unsentTests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	for name, test := range archiveTests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// ticket is seat n of a new room of six, or of the room of another ticket.
func ticket(roomID string, n int) token.Ticket {
	room := matchapi.Room{RoomID: roomID, MovieID: "film", Title: "Film", CreatedAt: wire.At(noon)}
	for i := 1; i <= matchapi.Seats; i++ {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i, MemberID: fmt.Sprint("member", i), Nickname: fmt.Sprint("user", i)})
	}
	seat := room.Seats[n-1]
	return token.Ticket{MemberID: seat.MemberID, Nickname: seat.Nickname, Room: room, Seat: n, Generation: 1}
}

func newRoomID() string { return uuid.Must(uuid.NewV7()).String() }

// fullRoom is a room that the first n members have entered.
func fullRoom(t *testing.T, s *Store, n int) string {
	t.Helper()
	id := newRoomID()
	for i := 1; i <= n; i++ {
		if _, _, err := s.Enter(t.Context(), ticket(id, i), noon); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func post(roomID string, member int, comment string) chat.Post {
	return chat.Post{
		ID: uuid.NewString(), RoomID: roomID, MemberID: fmt.Sprint("member", member), Nickname: fmt.Sprint("user", member),
		Type: chatapi.Text, Comment: comment, At: noon,
	}
}

func commit(t *testing.T, s *Store, posts ...groupedPost) []chat.Stored {
	t.Helper()
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	defer j.Close()
	results, err := j.db.commit(t.Context(), posts)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func all(t *testing.T, s *Store, roomID string) []chat.Message {
	t.Helper()
	items, more, err := s.Messages(t.Context(), roomID, chat.Page{Limit: 100_000})
	if err != nil || more {
		t.Fatal(err, more)
	}
	for i, m := range items {
		if m.Seq != int64(i+1) {
			t.Fatalf("message %d has seq %d", i+1, m.Seq)
		}
	}
	return items
}

func testEnter(t *testing.T, s *Store) {
	id := newRoomID()
	entered, created, err := s.Enter(t.Context(), ticket(id, 2), noon)
	if err != nil || !created || entered == nil || entered.Seq != 1 || entered.Type != chatapi.Enter || entered.MemberID != "member2" {
		t.Fatal(entered, created, err)
	}
	again, created, err := s.Enter(t.Context(), ticket(id, 2), noon)
	if err != nil || created || again != nil {
		t.Fatal("second entry:", again, created, err)
	}
	next, created, err := s.Enter(t.Context(), ticket(id, 1), noon)
	if err != nil || created || next.Seq != 2 {
		t.Fatal("next member:", next, created, err)
	}
	room, err := s.Room(t.Context(), id)
	if err != nil || len(room.Seats) != 6 || room.LastSeq != 2 {
		t.Fatal(room, err)
	}
	want := []chatapi.Member{{MemberID: "member1", Nickname: "user1"}, {MemberID: "member2", Nickname: "user2"}}
	if diff := cmp.Diff(room.Members, want); diff != "" {
		t.Error(diff)
	}
}

func testSecondSeat(t *testing.T, s *Store) {
	id := fullRoom(t, s, 3)
	for _, seat := range []int{4, 1} { // one that is free and one that is taken
		second := ticket(id, seat)
		second.MemberID, second.Nickname, second.Generation = "member3", "user3", 2
		if m, _, err := s.Enter(t.Context(), second, noon); err != nil || m != nil {
			t.Errorf("seat %d: %v, %v; want the seat that the member has", seat, m, err)
		}
	}
}

func testGenerations(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	refill := func(seat, generation int, member string) token.Ticket {
		tk := ticket(id, seat)
		tk.MemberID, tk.Nickname, tk.Generation = member, member, generation
		return tk
	}
	for _, c := range []struct {
		what   string
		ticket token.Ticket
		slug   string
	}{
		{"an entered seat is kept against a higher generation", refill(1, 2, "late"), "seat-taken"},
		{"and its holder is still inside", refill(1, 1, "member1"), ""},
		{"an empty seat goes to a higher generation", refill(2, 3, "second"), ""},
		{"then a lower one was given away", refill(2, 2, "member2"), "seat-given-away"},
	} {
		_, _, err := s.Enter(t.Context(), c.ticket, noon)
		if c.slug == "" && err != nil || c.slug != "" && (err == nil || fault.From(err).Slug != c.slug || !fault.Is(err, fault.Conflict)) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	room, err := s.Room(t.Context(), id)
	if err != nil || room.Seats[1].MemberID != "second" {
		t.Error(room, err)
	}
}

func testEntries(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	late := ticket(id, 1)
	late.MemberID, late.Generation = "late", 2
	for range 2 { // the first that was told may have been lost
		if _, _, err := s.Enter(t.Context(), late, noon); fault.From(err).Slug != "seat-taken" {
			t.Fatal(err)
		}
	}
	got, err := s.Untold(t.Context(), 10)
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i := range got { // each refusal told it again
		want := matchapi.Entry{Kind: matchapi.KindEntered, EntryID: got[i].EntryID, At: noon, RoomID: id, Seat: 1, Generation: 1, MemberID: "member1"}
		if diff := cmp.Diff(got[i], want); diff != "" {
			t.Error(diff)
		}
	}
	expect := func(what string, left []matchapi.Entry, err error, want ...matchapi.Entry) {
		t.Helper()
		if diff := cmp.Diff(left, want, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Error(what, diff, err)
		}
	}
	if err := s.Told(t.Context(), got[:2], noon); err != nil {
		t.Fatal(err)
	}
	left, err := s.Untold(t.Context(), 10)
	expect("untold:", left, err, got[2])
	left, err = s.ToldBefore(t.Context(), noon, 10)
	expect("told before noon:", left, err)
	left, err = s.ToldBefore(t.Context(), noon.Add(time.Millisecond), 1)
	expect("the first that was told:", left, err, got[0])
	if err := s.Forget(t.Context(), got[:1]); err != nil {
		t.Fatal(err)
	}
	left, err = s.ToldBefore(t.Context(), noon.Add(time.Millisecond), 10)
	expect("once that is forgotten:", left, err, got[1])
}

func testLeave(t *testing.T, s *Store) {
	id := fullRoom(t, s, 2)
	m, err := s.Leave(t.Context(), id, "member1", noon)
	if err != nil || m.Seq != 3 || m.Type != chatapi.Leave {
		t.Fatal(m, err)
	}
	if again, err := s.Leave(t.Context(), id, "member1", noon.Add(time.Hour)); again != nil || err != nil {
		t.Error("leave twice:", again, err)
	}
	if n := len(all(t, s, id)); n != 3 {
		t.Errorf("%d messages", n)
	}
	told, err := s.Untold(t.Context(), 10)
	want := matchapi.Entry{Kind: matchapi.KindLeft, At: noon, RoomID: id, Seat: 1, Generation: 1, MemberID: "member1"}
	if err != nil || len(told) != 3 || !cmp.Equal(told[2], want, cmpopts.IgnoreFields(matchapi.Entry{}, "EntryID")) {
		t.Error("told:", told, err)
	}
	if _, err := s.Leave(t.Context(), id, "stranger", noon); !fault.Is(err, fault.Forbidden) {
		t.Error("leave as a stranger:", err)
	}
	if _, _, err := s.Enter(t.Context(), ticket(id, 1), noon); !fault.Is(err, fault.Forbidden) {
		t.Error("enter again:", err)
	}
}

func testCommitConcurrently(t *testing.T, s *Store) {
	id := fullRoom(t, s, 6)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	seqs := appendAll(t, 100, func(i int, done func([]chat.Stored, error)) error {
		return j.Append([]chat.Post{post(id, i%6+1, fmt.Sprint(i))}, done)
	})
	j.Close()
	if len(seqs) != 100 {
		t.Errorf("%d different seqs for 100 posts", len(seqs))
	}
	if n := len(all(t, s, id)); n != 106 {
		t.Errorf("%d messages", n)
	}
}

func testTwoJournals(t *testing.T, s *Store) {
	rooms := []string{fullRoom(t, s, 6), fullRoom(t, s, 6), fullRoom(t, s, 6)}
	a, b := s.Journal(func() {}, slog.New(slog.DiscardHandler)), s.Journal(func() {}, slog.New(slog.DiscardHandler))
	posts := make([]chat.Post, 300)
	for i := range posts {
		posts[i] = post(rooms[i%3], i%6+1, fmt.Sprint(i))
	}
	both := []*Journal{a, b}
	appendAll(t, 600, func(i int, done func([]chat.Stored, error)) error {
		return both[i%2].Append([]chat.Post{posts[i/2]}, done) // each post on both
	})
	a.Close()
	b.Close()
	for _, id := range rooms {
		if n := len(all(t, s, id)); n != 106 {
			t.Errorf("%d messages in room %s", n, id)
		}
	}
}

// appendAll runs n appends at once and returns the seqs that they got.
func appendAll(t *testing.T, n int, do func(i int, done func([]chat.Stored, error)) error) map[int64]bool {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	seqs := map[int64]bool{}
	for i := range n {
		wg.Add(1)
		go func() {
			err := do(i, func(st []chat.Stored, err error) {
				defer wg.Done()
				mu.Lock()
				defer mu.Unlock()
				if err != nil || st[0].Seq == 0 {
					t.Error(st, err)
					return
				}
				seqs[st[0].Seq] = true
			})
			if err != nil {
				t.Error(err)
				wg.Done()
			}
		}()
	}
	wg.Wait()
	return seqs
}

func testKnown(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	p := post(id, 1, "first")
	if got := commit(t, s, groupedPost{p, 0}); got[0] != (chat.Stored{Seq: 2, Standing: chat.Inside}) {
		t.Error(got)
	}
	p.Comment = "second try"
	if got := commit(t, s, groupedPost{p, 0}); got[0] != (chat.Stored{Seq: 2, Known: true, Standing: chat.Inside}) {
		t.Error(got)
	}
	if _, err := s.Leave(t.Context(), id, "member1", noon); err != nil {
		t.Fatal(err)
	}
	if got := commit(t, s, groupedPost{p, 0}); got[0].Seq != 2 || !got[0].Known {
		t.Error("a known post of one who left since:", got)
	}
	if m := all(t, s, id); m[1].Comment != "first" || len(m) != 3 {
		t.Error(m)
	}
}

func testTwins(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	p, q := post(id, 1, "p"), post(id, 1, "q")
	got := commit(t, s, groupedPost{p, 0}, groupedPost{p, 1}, groupedPost{q, 2})
	want := []chat.Stored{{Seq: 2, Standing: chat.Inside}, {Seq: 2, Known: true, Standing: chat.Inside}, {Seq: 3, Standing: chat.Inside}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	all(t, s, id)
}

func testFaulty(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	known, unknown, beside := post(id, 1, "known"), post(id, 1, ""), post(id, 1, "beside")
	unknown.Fault = errors.New("bad")
	again := known
	again.Comment, again.Fault = "", errors.New("bad")
	first, known1 := chat.Stored{Seq: 2, Standing: chat.Inside}, chat.Stored{Seq: 2, Known: true, Standing: chat.Inside}
	refused := chat.Stored{Standing: chat.Inside}
	for _, c := range []struct {
		what  string
		batch []groupedPost
		want  []chat.Stored
	}{
		{"before its twin, with it, and unknown", []groupedPost{{again, 0}, {known, 1}, {again, 2}, {unknown, 3}},
			[]chat.Stored{refused, first, known1, refused}},
		{"known from before", []groupedPost{{again, 0}}, []chat.Stored{known1}},
		{"an unknown one stops its group", []groupedPost{{again, 0}, {unknown, 0}, {beside, 0}}, []chat.Stored{known1, refused, refused}},
		{"a known one does not", []groupedPost{{again, 0}, {beside, 0}}, []chat.Stored{known1, {Seq: 3, Standing: chat.Inside}}},
	} {
		if diff := cmp.Diff(commit(t, s, c.batch...), c.want); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
	all(t, s, id)
}

// The first SEND of a key and a transaction that repeats it with a bad body come at one
// moment: the transaction is stored, and answered with the first one's seq.
func testFaultyTransaction(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	j := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	var answers [][]chat.Stored
	for i := range 20 {
		good := post(id, 1, "good")
		bad := good
		bad.Comment, bad.Fault = "", errors.New("bad")
		for _, posts := range [][]chat.Post{{good}, {bad, post(id, 1, "beside")}} {
			err := j.Append(posts, func(st []chat.Stored, err error) {
				answers = append(answers, st)
				if err != nil {
					t.Error(i, err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	j.Close()
	for i := 0; i < len(answers); i += 2 {
		seq := int64(2 + i)
		want := [][]chat.Stored{{{Seq: seq, Standing: chat.Inside}}, {{Seq: seq, Known: true, Standing: chat.Inside}, {Seq: seq + 1, Standing: chat.Inside}}}
		if diff := cmp.Diff(answers[i:i+2], want); diff != "" {
			t.Error(diff)
		}
	}
	all(t, s, id)
}

func testRefusals(t *testing.T, s *Store) {
	id := fullRoom(t, s, 2)
	if _, err := s.Leave(t.Context(), id, "member2", noon); err != nil {
		t.Fatal(err)
	}
	got := commit(t, s, groupedPost{post(id, 3, "promised, not entered"), 0}, groupedPost{post(id, 2, "left"), 1},
		groupedPost{post(id, 1, "inside"), 2}, groupedPost{post(newRoomID(), 1, "no such room"), 3})
	want := []chat.Stored{{Standing: chat.Outside}, {Standing: chat.Left}, {Seq: 4, Standing: chat.Inside}, {Standing: chat.Outside}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	all(t, s, id)
}

func testGroups(t *testing.T, s *Store) {
	mine, other := fullRoom(t, s, 1), fullRoom(t, s, 2)
	if _, err := s.Leave(t.Context(), other, "member1", noon); err != nil {
		t.Fatal(err)
	}
	got := commit(t, s, groupedPost{post(mine, 1, "a"), 0}, groupedPost{post(other, 1, "b"), 0}, groupedPost{post(mine, 1, "c"), 1})
	want := []chat.Stored{{Standing: chat.Inside}, {Standing: chat.Left}, {Seq: 2, Standing: chat.Inside}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}

func testHistory(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	var batch []groupedPost
	for i := range 9 {
		batch = append(batch, groupedPost{post(id, 1, fmt.Sprint(i)), i})
	}
	commit(t, s, batch...)
	seq := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		page        chat.Page
		first, last int64
		more        bool
	}{
		{chat.Page{Limit: 4}, 7, 10, true},
		{chat.Page{Limit: 10}, 1, 10, false},
		{chat.Page{Before: seq(7), Limit: 4}, 3, 6, true},
		{chat.Page{Before: seq(3), Limit: 4}, 1, 2, false},
		{chat.Page{After: seq(0), Limit: 4}, 1, 4, true},
		{chat.Page{After: seq(6), Limit: 4}, 7, 10, false},
	} {
		items, more, err := s.Messages(t.Context(), id, c.page)
		if err != nil || more != c.more || items[0].Seq != c.first || items[len(items)-1].Seq != c.last {
			t.Errorf("%+v: %v, more %v, %v", c.page, items, more, err)
		}
	}
	if items, more, err := s.Messages(t.Context(), id, chat.Page{After: seq(99), Limit: 4}); len(items) != 0 || more || err != nil {
		t.Error(items, more, err)
	}
}

func testRooms(t *testing.T, s *Store) {
	older, left, newer := fullRoom(t, s, 2), fullRoom(t, s, 2), fullRoom(t, s, 2)
	if _, err := s.Leave(t.Context(), left, "member1", noon); err != nil {
		t.Fatal(err)
	}
	commit(t, s, groupedPost{post(newer, 2, "hello"), 0}, groupedPost{post(newer, 1, "my own"), 1})
	rooms, err := s.RoomsOf(t.Context(), "member1")
	if err != nil || len(rooms) != 2 || rooms[0].RoomID != newer || rooms[1].RoomID != older {
		t.Fatal(rooms, err)
	}
	if rooms[0].Unread != 1 || rooms[1].Unread != 0 || len(rooms[0].Members) != 2 {
		t.Error(rooms)
	}
	if none, err := s.RoomsOf(t.Context(), "stranger"); len(none) != 0 || err != nil {
		t.Error(none, err)
	}
}

func testHeads(t *testing.T, s *Store) {
	a, b := fullRoom(t, s, 3), fullRoom(t, s, 1)
	heads, err := s.Heads(t.Context(), []string{a, b, newRoomID()})
	if diff := cmp.Diff(heads, map[string]int64{a: 3, b: 1}); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// testStandings asks for several rooms and kinds of members at once.
func testStandings(t *testing.T, s *Store) {
	a, b := fullRoom(t, s, 3), fullRoom(t, s, 1)
	if _, err := s.Leave(t.Context(), a, "member2", noon); err != nil {
		t.Fatal(err)
	}
	want := map[chat.Visitor]chat.Standing{
		{RoomID: a, MemberID: "member1"}: chat.Inside,
		{RoomID: a, MemberID: "member2"}: chat.Left,
		{RoomID: b, MemberID: "member1"}: chat.Inside,
	}
	visitors := slices.Collect(maps.Keys(want))
	visitors = append(visitors, chat.Visitor{RoomID: a, MemberID: "member4"}, // promised and not entered
		chat.Visitor{RoomID: a, MemberID: "stranger"}, chat.Visitor{RoomID: newRoomID(), MemberID: "member1"})

	got, err := s.Standings(t.Context(), visitors)

	if diff := cmp.Diff(got, want); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// testFollowing asks for several rooms, and for one room from several seqs.
func testFollowing(t *testing.T, s *Store) {
	a, b, empty := fullRoom(t, s, 6), fullRoom(t, s, 2), fullRoom(t, s, 0)
	at := func(room string, seq int64) chat.Position { return chat.Position{RoomID: room, Seq: seq} }

	got, err := s.Following(t.Context(), []chat.Position{at(a, 0), at(a, 3), at(a, 6), at(a, 99), at(b, 1), at(empty, 0), at(newRoomID(), 0)}, 4)

	if err != nil {
		t.Fatal(err)
	}
	seqs := map[chat.Position][]int64{}
	for p, items := range got {
		for _, m := range items {
			if m.RoomID != p.RoomID || m.Type != chatapi.Enter || m.CreatedBy == "" {
				t.Errorf("after %v: %+v", p, m)
			}
			seqs[p] = append(seqs[p], m.Seq)
		}
	}
	want := map[chat.Position][]int64{at(a, 0): {1, 2, 3, 4}, at(a, 3): {4, 5, 6}, at(b, 1): {2}}
	if diff := cmp.Diff(seqs, want); diff != "" {
		t.Error(diff)
	}
	page, _, err := s.Messages(t.Context(), a, chat.Page{After: new(int64), Limit: 4})
	if diff := cmp.Diff(got[at(a, 0)], page); err != nil || diff != "" {
		t.Errorf("another answer than Messages gives: %v\n%s", err, diff)
	}
}

func testOddIDs(t *testing.T, s *Store) {
	known := chat.Visitor{RoomID: fullRoom(t, s, 1), MemberID: "member1"}
	for _, id := range []string{"5", "", "a'b", "{" + newRoomID() + "}"} {
		odd := chat.Visitor{RoomID: id, MemberID: "member1"}
		if st, err := s.Standings(t.Context(), []chat.Visitor{odd, known}); st[odd] != chat.Outside || st[known] != chat.Inside || err != nil {
			t.Error(id, st, err)
		}
		if heads, err := s.Heads(t.Context(), []string{id, known.RoomID}); len(heads) != 1 || err != nil {
			t.Error(id, heads, err)
		}
		positions := []chat.Position{{RoomID: id}, {RoomID: known.RoomID}}
		if following, err := s.Following(t.Context(), positions, 10); len(following) != 1 || err != nil {
			t.Error(id, following, err)
		}
		if _, err := s.Room(t.Context(), id); !fault.Is(err, fault.Forbidden) {
			t.Error(id, err)
		}
		if _, err := s.Leave(t.Context(), id, "member1", noon); !fault.Is(err, fault.Forbidden) {
			t.Error(id, err)
		}
	}
}

func testText(t *testing.T, s *Store) {
	id := fullRoom(t, s, 1)
	p := post(id, 1, "a\"b\\c\u2028 \U0001F600 '; DROP TABLE rooms; -- 한국어")
	p.Key = "k:1"
	commit(t, s, groupedPost{p, 0})
	if diff := cmp.Diff(all(t, s, id)[1], p.Message(2)); diff != "" {
		t.Error(diff)
	}
}

func mark(t *testing.T, s *Store, marks ...live.Mark) []live.Mark {
	t.Helper()
	raised, err := s.MarkRead(t.Context(), marks)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(raised, func(a, b live.Mark) int { return strings.Compare(a.RoomID+a.MemberID, b.RoomID+b.MemberID) })
	return raised
}

func markOf(roomID string, n int, seq int64) live.Mark {
	return live.Mark{RoomID: roomID, MemberID: fmt.Sprint("member", n), Nickname: fmt.Sprint("user", n), Seq: seq}
}

func testMarkRead(t *testing.T, s *Store) {
	a, b := fullRoom(t, s, 3), fullRoom(t, s, 2)
	commit(t, s, groupedPost{post(a, 1, "one"), 0}, groupedPost{post(a, 1, "two"), 1}) // a ends with 5, b with 2
	for _, step := range []struct {
		marks, raised []live.Mark
	}{
		{nil, nil},
		{[]live.Mark{markOf(a, 1, 0)}, nil}, // where it begins
		{[]live.Mark{markOf(a, 1, 4), markOf(a, 2, 2), markOf(b, 1, 1)}, []live.Mark{markOf(a, 1, 4), markOf(a, 2, 2), markOf(b, 1, 1)}},
		{[]live.Mark{markOf(a, 1, 4), markOf(a, 2, 1), markOf(b, 1, 2)}, []live.Mark{markOf(b, 1, 2)}},
		{[]live.Mark{markOf(a, 1, 6), markOf(b, 2, math.MaxInt64)}, []live.Mark{markOf(a, 1, 5), markOf(b, 2, 2)}},
		{[]live.Mark{markOf(a, 1, 6)}, nil},
	} {
		raised := mark(t, s, step.marks...)
		slices.SortFunc(step.raised, func(a, b live.Mark) int { return strings.Compare(a.RoomID+a.MemberID, b.RoomID+b.MemberID) })
		if diff := cmp.Diff(raised, step.raised, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v: %s", step.marks, diff)
		}
	}
	room, err := s.Room(t.Context(), a)
	if err != nil || len(room.Members) != 3 || room.Members[0].LastReadSeq != 5 || room.Members[1].LastReadSeq != 2 || room.Members[2].LastReadSeq != 0 {
		t.Errorf("stored: %+v, %v", room.Members, err)
	}
}

func testMarkReadStandings(t *testing.T, s *Store) {
	id := fullRoom(t, s, 2)
	if _, err := s.Leave(t.Context(), id, "member2", noon); err != nil {
		t.Fatal(err)
	}
	raised := mark(t, s, markOf(id, 1, 1), markOf(id, 2, 1), markOf(id, 3, 1), markOf(newRoomID(), 1, 1), markOf("5", 1, 1),
		live.Mark{RoomID: id, MemberID: `a'b"\`, Seq: 1})
	if diff := cmp.Diff(raised, []live.Mark{markOf(id, 1, 1)}); diff != "" {
		t.Error(diff)
	}
}

func testUnread(t *testing.T, s *Store) {
	id := fullRoom(t, s, 2)
	for range 3 {
		commit(t, s, groupedPost{post(id, 2, "of another"), 0}, groupedPost{post(id, 1, "my own"), 1})
	}
	for _, step := range []struct{ read, unread int64 }{{2, 3}, {3, 2}, {4, 2}, {5, 1}, {8, 0}} {
		mark(t, s, markOf(id, 1, step.read))
		if rooms, err := s.RoomsOf(t.Context(), "member1"); err != nil || rooms[0].Unread != step.unread {
			t.Errorf("read up to %d: %d are unread, want %d, %v", step.read, rooms[0].Unread, step.unread, err)
		}
	}
}

var _ live.ReadStore = (*Store)(nil)
var _ chat.Store = (*Store)(nil)
var _ chat.Journal = (*Journal)(nil)

func testPicture(t *testing.T, s *Store) {
	room := fullRoom(t, s, 2)
	p := post(room, 1, "the \u2018caption\u2019")
	p.Type = chatapi.Image
	p.Picture = &chatapi.Picture{ImageID: uuid.NewString(), ContentType: "image/webp", Bytes: 5 << 20, Width: 4032, Height: 3024}
	before, after := post(room, 1, "look"), post(room, 2, "nice")
	stored := commit(t, s, groupedPost{before, 0}, groupedPost{p, 1}, groupedPost{after, 2})
	want := []chat.Message{before.Message(stored[0].Seq), p.Message(stored[1].Seq), after.Message(stored[2].Seq)}
	if diff := cmp.Diff(want, all(t, s, room)[2:]); diff != "" {
		t.Error("history:", diff)
	}
	from := chat.Position{RoomID: room, Seq: stored[0].Seq - 1}
	following, err := s.Following(t.Context(), []chat.Position{from}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, following[from]); diff != "" {
		t.Error("replay:", diff)
	}
	if rooms, err := s.RoomsOf(t.Context(), "member2"); err != nil || rooms[0].Unread != 2 {
		t.Errorf("unread of the other: %+v, %v; want 2, the picture among them", rooms, err)
	}
}
