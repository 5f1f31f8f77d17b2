package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
	"github.com/sixseat/sixseat/services/chat-service/internal/awsarchive"
	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

const month = 30 * 24 * time.Hour

// vault is a store whose silent rooms go into an S3 in this process. Its clock starts a
// month after everything that is said at noon.
type vault struct {
	*testing.T
	store   *Store
	objects archive.Objects
	now     time.Time
}

// startS3 is one over a folder until the test ends.
func startS3(t *testing.T) *embedded.S3 {
	t.Helper()
	files, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := files.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return files
}

func newVault(t *testing.T, s *Store) *vault {
	t.Helper()
	files := startS3(t)
	return &vault{T: t, store: s, objects: awsarchive.New(files.Client, embedded.Bucket), now: noon.Add(month + time.Hour)}
}

// sweep is what a node does, with stores that may be other than they seem.
func (v *vault) sweep(rows archive.Rows, objects archive.Objects) error {
	now := v.now
	return archive.NewArchiver(rows, objects, month, func() time.Time { return now }, slog.New(slog.DiscardHandler), archive.NewCounters()).Sweep(v.Context())
}

func (v *vault) archive() {
	v.Helper()
	if err := v.sweep(v.store, v.objects); err != nil {
		v.Fatal(err)
	}
}

// history is a node that has read nothing yet.
func (v *vault) history() *archive.History {
	return archive.NewHistory(v.store, v.objects, slog.New(slog.DiscardHandler), archive.NewCounters())
}

// left is how many of a room's messages are in the database.
func (v *vault) left(roomID string) (n int64) {
	v.Helper()
	if err := v.store.db.Model(&messageRow{}).Where("room_id = ?", roomID).Count(&n).Error; err != nil {
		v.Fatal(err)
	}
	return n
}

// view is all that members can see of a room, by what they asked.
type view map[string]any

// glance asks for all of a room, in one page and in a replay, and for what is unread.
func (v *vault) glance(roomID string) view {
	v.Helper()
	seen := view{}
	v.page(v.history(), seen, "all", roomID, chat.Page{After: new(int64), Limit: 1000})
	seen["replay"] = v.replay(v.history(), chat.Position{RoomID: roomID})
	for _, member := range []string{"member1", "member2"} {
		rooms, err := v.store.RoomsOf(v.Context(), member)
		if err != nil {
			v.Fatal(err)
		}
		for _, r := range rooms {
			if r.RoomID == roomID {
				seen["room of "+member] = r
			}
		}
	}
	return seen
}

// see asks besides for pages both ways from each seq, and replays from there.
func (v *vault) see(roomID string) view {
	v.Helper()
	seen, h := v.glance(roomID), v.history()
	v.page(h, seen, "the newest", roomID, chat.Page{Limit: 3})
	v.page(h, seen, "all of the newest", roomID, chat.Page{Limit: 1000})
	for seq := range int64(len(seen["all"].([]chat.Message)) + 2) {
		v.page(h, seen, fmt.Sprint("before ", seq), roomID, chat.Page{Before: &seq, Limit: 3})
		v.page(h, seen, fmt.Sprint("after ", seq), roomID, chat.Page{After: &seq, Limit: 3})
		seen[fmt.Sprint("replay after ", seq)] = v.replay(h, chat.Position{RoomID: roomID, Seq: seq})
	}
	return seen
}

func (v *vault) page(h *archive.History, seen view, what, roomID string, p chat.Page) {
	v.Helper()
	items, more, err := h.Messages(v.Context(), roomID, p)
	if err != nil {
		v.Fatal(what, err)
	}
	seen[what], seen[what+", and more"] = items, more
}

// replay reads on as the hub does.
func (v *vault) replay(h *archive.History, p chat.Position) (all []chat.Message) {
	v.Helper()
	for {
		following, err := h.Following(v.Context(), []chat.Position{p}, 8)
		if err != nil {
			v.Fatal(err)
		}
		page := following[p]
		if len(page) == 0 || page[0].Seq != p.Seq+1 {
			if page, err = h.Archived(v.Context(), p, 8); err != nil {
				v.Fatal(err)
			}
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		p.Seq = page[len(page)-1].Seq
	}
}

// want compares what members see now.
func (v *vault) want(what string, want, got view) {
	v.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		v.Errorf("%s the room looks otherwise:\n%.3000s", what, diff)
	}
}

// talk lets members say, show and read things.
func (v *vault) talk(random *rand.Rand, roomID string, n int, at time.Time) []chat.Post {
	v.Helper()
	var said []chat.Post
	for range n {
		p := post(roomID, random.IntN(4)+1, fmt.Sprintf("<b>%s\u2028\x01 %d", strings.Repeat("안녕 \U0001F600", random.IntN(4)), random.Int()))
		p.At = at
		if random.IntN(2) == 0 {
			p.Key = uuid.NewString()
		}
		if random.IntN(4) == 0 {
			p.Type, p.Picture = chatapi.Image, &chatapi.Picture{ImageID: uuid.NewString(), ContentType: "image/png", Bytes: random.Int64N(5 << 20), Width: 3, Height: 4}
		}
		said = append(said, p)
	}
	batch := make([]groupedPost, len(said))
	for i, p := range said {
		batch[i] = groupedPost{p, i}
	}
	commit(v.T, v.store, batch...)
	for i := range 4 {
		mark(v.T, v.store, markOf(roomID, i+1, random.Int64N(20)))
	}
	return said
}

// What members see does not depend on what is archived, however often a room fell silent.
func testArchived(t *testing.T, s *Store) {
	v := newVault(t, s)
	for seed := range uint64(2) {
		random := rand.New(rand.NewPCG(seed, 9))
		id := fullRoom(t, s, 4)
		for silence := range 3 {
			v.talk(random, id, random.IntN(7), v.now.Add(-month-time.Hour))
			if random.IntN(4) == 0 {
				if _, err := s.Leave(t.Context(), id, fmt.Sprint("member", silence+1), v.now.Add(-month-time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			before := v.see(id)
			v.archive()
			if n := v.left(id); n > 0 {
				t.Errorf("seed %d: %d messages are still in the database", seed, n)
			}
			v.want(fmt.Sprintf("seed %d: archived for the %d. time", seed, silence+1), before, v.see(id))
			v.now = v.now.Add(2 * month)
		}
		v.talk(random, id, 5, v.now)
		all := v.glance(id)["all"].([]chat.Message)
		for i, m := range all {
			if m.Seq != int64(i+1) {
				t.Fatalf("seed %d: message %d has seq %d", seed, i+1, m.Seq)
			}
		}
	}
}

// A key is known for as long as the room is kept, wherever its message is by then.
func testArchivedKeys(t *testing.T, s *Store) {
	v := newVault(t, s)
	id, other := fullRoom(t, s, 2), fullRoom(t, s, 2)
	var posts []chat.Post
	for i := range 9 {
		p := post(id, i%2+1, fmt.Sprint(i))
		p.Key = fmt.Sprint("key", i)
		posts = append(posts, p)
		commit(t, s, groupedPost{p, 0})
		if i%3 == 2 {
			v.archive()
			v.now = v.now.Add(2 * month)
		}
	}
	if n := v.left(id); n != 0 {
		t.Fatalf("%d are not archived", n)
	}
	elsewhere := posts[0]
	elsewhere.RoomID = other
	for i, p := range posts {
		p.Comment = "again"
		want := chat.Stored{Seq: int64(i + 3), Known: true, Standing: chat.Inside}
		if got := commit(t, s, groupedPost{p, 0}); got[0] != want {
			t.Errorf("post %d again: %+v, want %+v", i, got[0], want)
		}
		p.Fault = errors.New("bad")
		if got := commit(t, s, groupedPost{p, 0}); got[0] != want {
			t.Errorf("post %d again with a bad body: %+v, want %+v", i, got[0], want)
		}
	}
	got := commit(t, s, groupedPost{post(id, 1, "new"), 0}, groupedPost{posts[0], 1}, groupedPost{elsewhere, 2})
	want := []chat.Stored{{Seq: 12, Standing: chat.Inside}, {Seq: 3, Known: true, Standing: chat.Inside}, {Seq: 3, Standing: chat.Inside}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Leave(t.Context(), id, "member2", noon); err != nil {
		t.Fatal(err)
	}
	if got := commit(t, s, groupedPost{posts[1], 0}); got[0].Seq != 4 || !got[0].Known {
		t.Error("a known post of one who left since:", got)
	}
}

// Only a room that is silent for long enough is archived, and one that was is looked at
// again when it may be.
func testWhoIsArchived(t *testing.T, s *Store) {
	v := newVault(t, s)
	silent, lively, empty := fullRoom(t, s, 2), fullRoom(t, s, 2), newRoomID()
	late := post(lively, 1, "late")
	late.At = v.now.Add(-month + time.Minute)
	commit(t, s, groupedPost{late, 0})
	row, seats := newRoom(ticket(empty, 1)) // as a release before had left it, and nobody was in
	if err := errors.Join(s.db.Create(&row).Error, s.db.Create(&seats).Error); err != nil {
		t.Fatal(err)
	}
	v.archive()
	if a, b := v.left(silent), v.left(lively); a != 0 || b != 3 {
		t.Errorf("left in the silent room: %d, in the lively one: %d; want 0 and 3", a, b)
	}
	commit(t, s, groupedPost{post(silent, 1, "again"), 0}) // at noon, as its clock says
	v.archive()
	if n := v.left(silent); n != 1 {
		t.Errorf("%d left where somebody spoke since it was looked at; want 1", n)
	}
	v.now = v.now.Add(2 * time.Minute)
	v.archive()
	if n := v.left(lively); n != 0 {
		t.Errorf("%d left in the lively room, which has been silent for long enough now", n)
	}
	v.now = v.now.Add(month)
	v.archive()
	if n := v.left(silent); n != 0 {
		t.Errorf("%d left a month later", n)
	}
}

func testClaims(t *testing.T, s *Store) {
	rooms := []string{fullRoom(t, s, 1), fullRoom(t, s, 1), fullRoom(t, s, 1)}
	claim := func(quiet, until time.Time, limit int) []string {
		t.Helper()
		ids, err := s.Claim(t.Context(), quiet, until, limit)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	later, until := noon.Add(time.Hour), noon.Add(2*time.Hour)
	if ids := claim(noon, until, 9); len(ids) != 0 {
		t.Error("claimed though it is not due:", ids)
	}
	first, second, third := claim(later, until, 2), claim(later, until, 2), claim(later, until, 2)
	all := slices.Sorted(slices.Values(slices.Concat(first, second)))
	if diff := cmp.Diff(slices.Sorted(slices.Values(rooms)), all); diff != "" || len(first) != 2 || len(third) != 0 {
		t.Error(first, second, third, diff)
	}
	if ids := claim(until.Add(time.Second), until.Add(time.Hour), 9); len(ids) != 3 {
		t.Error("when their claims are over:", ids)
	}
	if err := s.Looked(t.Context(), rooms[1], noon); err != nil {
		t.Fatal(err)
	}
	if ids := claim(later, until, 9); len(ids) != 1 || ids[0] != rooms[1] {
		t.Error("once it was looked at:", ids)
	}
}

// Somebody speaks, or another node archives the room, while a segment is on its way.
func testArchiveOfARoomThatMoved(t *testing.T, s *Store) {
	v := newVault(t, s)
	for what, move := range map[string]func(id string){
		"somebody speaks":       func(id string) { commit(t, s, groupedPost{post(id, 1, "wait"), 0}) },
		"somebody leaves":       func(id string) { _, _ = s.Leave(t.Context(), id, "member2", noon) },
		"another node is first": func(string) { v.now = v.now.Add(time.Hour); v.archive() },
	} {
		id := fullRoom(t, s, 2)
		v.talk(rand.New(rand.NewPCG(1, 2)), id, 5, noon)
		var want view
		moving := meanwhile{s, sync.OnceFunc(func() { move(id); want = v.glance(id) })}
		if err := v.sweep(moving, v.objects); err != nil {
			t.Fatal(what, err)
		}
		v.want(what, want, v.glance(id))
		v.now = v.now.Add(2 * month)
		v.archive()
		v.want(what+", then it is archived, and", want, v.glance(id))
		if n := v.left(id); n != 0 {
			t.Errorf("%s: %d are never archived", what, n)
		}
	}
}

// meanwhile does something while an archiver is before its transaction.
type meanwhile struct {
	*Store
	do func()
}

func (m meanwhile) Archive(ctx context.Context, s archive.Segment, messages []chat.Message, head int64, at time.Time) (bool, error) {
	m.do()
	return m.Store.Archive(ctx, s, messages, head, at)
}

var errKilled = errors.New("killed")

// mortal is a node that is killed at some step: before it does what it was about to, or
// after, before it hears of it. From then on it does nothing.
type mortal struct {
	rows    archive.Rows
	objects archive.Objects
	steps   int    // until it is killed
	last    string // the step at which it was
}

func (m *mortal) step(name string, do func() error) error {
	for _, when := range []string{"before ", "after "} {
		if m.steps == 0 {
			m.last = when + name
		}
		if m.steps--; m.steps < 0 {
			return errKilled
		}
		if when == "before " {
			if err := do(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *mortal) Claim(ctx context.Context, quiet, until time.Time, limit int) (ids []string, err error) {
	err = m.step("the claim", func() (err error) { ids, err = m.rows.Claim(ctx, quiet, until, limit); return err })
	return ids, err
}

func (m *mortal) Looked(ctx context.Context, roomID string, at time.Time) error {
	return m.step("the look", func() error { return m.rows.Looked(ctx, roomID, at) })
}

func (m *mortal) Oldest(ctx context.Context, roomID string, limit int) (oldest []chat.Message, newest chat.Message, err error) {
	err = m.step("the reading", func() (err error) { oldest, newest, err = m.rows.Oldest(ctx, roomID, limit); return err })
	return oldest, newest, err
}

func (m *mortal) Archive(ctx context.Context, s archive.Segment, messages []chat.Message, head int64, at time.Time) (done bool, err error) {
	err = m.step("the transaction", func() (err error) { done, err = m.rows.Archive(ctx, s, messages, head, at); return err })
	return done, err
}

func (m *mortal) Put(ctx context.Context, key string, data []byte, sum string) error {
	return m.step("the upload", func() error { return m.objects.Put(ctx, key, data, sum) })
}

func (m *mortal) Get(ctx context.Context, key string, size int64) (data []byte, err error) {
	err = m.step("the reading back", func() (err error) { data, err = m.objects.Get(ctx, key, size); return err })
	return data, err
}

// A node is killed at each step, in turn. What members see stays the same, then and after
// another node has gone on.
func testArchiverKilled(t *testing.T, s *Store) {
	v := newVault(t, s)
	var at []string
	for steps := 0; ; steps++ {
		id := fullRoom(t, s, 4)
		v.talk(rand.New(rand.NewPCG(uint64(steps), 1)), id, 6, v.now.Add(-month-time.Hour))
		want := v.glance(id)
		m := &mortal{rows: s, objects: v.objects, steps: steps}
		if err := v.sweep(m, m); err == nil {
			break
		}
		at = append(at, m.last)
		v.want("killed "+m.last, want, v.glance(id))
		v.now = v.now.Add(time.Hour)
		v.archive()
		v.want("killed "+m.last+" and taken over,", want, v.glance(id))
		if n := v.left(id); n != 0 {
			t.Errorf("killed %s: %d are left", m.last, n)
		}
	}
	for _, step := range []string{"before the claim", "after the claim", "after the reading", "before the upload", "after the upload", "after the reading back", "before the transaction", "after the transaction", "after the look"} {
		if !slices.Contains(at, step) {
			t.Errorf("it was never killed %s, but %v", step, at)
		}
	}
}

// The connection dies inside of the transaction, after each of its changes.
func testArchiverKilledInItsTransaction(t *testing.T, s *Store) {
	v := newVault(t, s)
	dying := ""
	die := func(tx *gorm.DB) {
		if dying != tx.Statement.Table {
			return
		}
		dying = ""
		if tx.Name() == database.PostgreSQL {
			tx.Session(&gorm.Session{NewDB: true}).Exec("SELECT pg_terminate_backend(pg_backend_pid())")
		}
		_ = tx.AddError(errKilled)
	}
	if err := errors.Join(
		s.db.Callback().Create().After("gorm:create").Register("test:die", die),
		s.db.Callback().Delete().After("gorm:delete").Register("test:die", die)); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"archives", "messages"} {
		id := fullRoom(t, s, 4)
		v.talk(rand.New(rand.NewPCG(3, 4)), id, 6, v.now.Add(-month-time.Hour))
		want := v.glance(id)
		dying = table
		if err := v.sweep(s, v.objects); err != nil && !fault.Is(err, fault.Unavailable) { // what is wrong with one room is logged
			t.Fatal(err)
		}
		if dying != "" || v.left(id) != int64(len(want["all"].([]chat.Message))) {
			t.Errorf("killed after the change of %s: %d are left", table, v.left(id))
		}
		v.want("killed after the change of "+table, want, v.glance(id))
		v.now = v.now.Add(time.Hour)
		v.archive()
		v.want("and taken over,", want, v.glance(id))
		if n := v.left(id); n != 0 {
			t.Errorf("killed after the change of %s: %d are left in the end", table, n)
		}
	}
}

// Three nodes sweep at once, while members speak in half of the rooms.
func testArchiversTogether(t *testing.T, s *Store) {
	v := newVault(t, s)
	want := map[string]view{}
	var rooms []string
	for i := range 10 {
		id := fullRoom(t, s, 4)
		rooms = append(rooms, id)
		v.talk(rand.New(rand.NewPCG(uint64(i), 3)), id, 6, noon)
		if i%2 == 0 {
			want[id] = v.glance(id)
		}
	}
	journal := s.Journal(func() {}, slog.New(slog.DiscardHandler))
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			if err := v.sweep(s, v.objects); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 50 {
		running.Add(1)
		p := post(rooms[i%5*2+1], 1, fmt.Sprint("meanwhile ", i))
		p.At = v.now
		if err := journal.Append([]chat.Post{p}, func(st []chat.Stored, err error) {
			defer running.Done()
			if err != nil || st[0].Seq == 0 {
				t.Error(st, err)
			}
		}); err != nil {
			t.Error(err)
			running.Done()
		}
	}
	running.Wait()
	journal.Close()
	for id, seen := range want {
		v.want("archived by three", seen, v.glance(id))
		if n := v.left(id); n != 0 {
			t.Errorf("%d are left in a silent room", n)
		}
	}
	for i := 1; i < len(rooms); i += 2 {
		after := int64(0)
		all, more, err := v.history().Messages(t.Context(), rooms[i], chat.Page{After: &after, Limit: 1000})
		if err != nil || more || len(all) != 4+6+10 {
			t.Fatalf("%d messages in a room in which members spoke, %v", len(all), err)
		}
		ids := map[string]bool{}
		for k, m := range all {
			if ids[m.MessageID] = true; m.Seq != int64(k+1) {
				t.Errorf("message %d has seq %d", k+1, m.Seq)
			}
		}
		if len(ids) != len(all) {
			t.Errorf("%d different messages among %d", len(ids), len(all))
		}
	}
}

// A room larger than a segment is archived in several, each within its limits, and read page by page.
func testArchiveInSegments(t *testing.T, s *Store) {
	v := newVault(t, s)
	id := fullRoom(t, s, 1)
	batch := make([]groupedPost, 1100)
	for i := range batch {
		p := post(id, 1, fmt.Sprint(i))
		if i < 60 { // a twentieth of a megabyte each: some twenty to a segment
			p.Comment = strings.Repeat("\x01", 10_000)
		}
		batch[i] = groupedPost{p, i}
	}
	commit(t, s, batch...)
	want := all(t, s, id)
	v.archive()
	var segments []archiveRow
	if err := s.db.Order("first_seq").Find(&segments, "room_id = ?", id).Error; err != nil || len(segments) < 5 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	next := int64(1)
	for _, segment := range segments {
		if segment.FirstSeq != next || segment.Messages > 1000 || len(segment.MessageIDs) != 16*int(segment.Messages) || len(segment.Speakers) != int(segment.Messages) {
			t.Errorf("%+v: want it to begin with %d", segment, next)
		}
		next = segment.LastSeq + 1
	}
	h := v.history()
	var got []chat.Message
	for more := true; more; {
		after := int64(len(got))
		page, further, err := h.Messages(t.Context(), id, chat.Page{After: &after, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		got, more = append(got, page...), further
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

// damaging changes what is read back, or put.
type damaging struct {
	archive.Objects
	change func([]byte) []byte
}

func (d damaging) Get(ctx context.Context, key string, size int64) ([]byte, error) {
	data, err := d.Objects.Get(ctx, key, size)
	return d.change(data), err
}

// What does not come back as it was sent stays in the database; what was damaged later is
// an error, and never shown.
func testArchiveDamaged(t *testing.T, s *Store) {
	v := newVault(t, s)
	for what, change := range map[string]func([]byte) []byte{
		"a bit":   func(b []byte) []byte { b = slices.Clone(b); b[len(b)/2] ^= 1; return b },
		"shorter": func(b []byte) []byte { return b[:len(b)-1] },
		"longer":  func(b []byte) []byte { return append(slices.Clone(b), 0) },
		"nothing": func([]byte) []byte { return nil },
	} {
		id := fullRoom(t, s, 2)
		want := v.glance(id)
		if err := v.sweep(s, damaging{v.objects, change}); err != nil {
			t.Fatal(what, err)
		}
		if n := v.left(id); n != 2 {
			t.Errorf("%s: %d are left of 2", what, n)
		}
		v.now = v.now.Add(time.Hour)
		v.archive()
		v.want(what+": then archived,", want, v.glance(id))
		h := archive.NewHistory(s, damaging{v.objects, change}, slog.New(slog.DiscardHandler), archive.NewCounters())
		if items, _, err := h.Messages(t.Context(), id, chat.Page{Limit: 9}); err == nil || fault.Is(err, fault.Unavailable) || len(items) > 0 {
			t.Errorf("%s: read as %v, %v", what, items, err)
		}
	}
	object := archive.Segment{Object: "transcripts/none", Bytes: 3}
	if _, err := v.objects.Get(t.Context(), object.Object, object.Bytes); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("an object that is not there: %v", err)
	}
}

// While there is no archive, what is in the database is there as ever.
func testArchiveAway(t *testing.T, s *Store) {
	v := newVault(t, s)
	id := fullRoom(t, s, 4)
	v.archive()
	v.talk(rand.New(rand.NewPCG(1, 1)), id, 3, noon)
	h := archive.NewHistory(s, archive.NoObjects{}, slog.New(slog.DiscardHandler), archive.NewCounters())
	for what, p := range map[string]chat.Page{"the newest": {Limit: 3}, "those after": {After: new(int64(4)), Limit: 3}} {
		if items, _, err := h.Messages(t.Context(), id, p); err != nil || len(items) != 3 {
			t.Errorf("%s: %v, %v", what, items, err)
		}
	}
	if items, more, err := h.Messages(t.Context(), id, chat.Page{Limit: 50}); err != nil || len(items) != 3 || !more {
		t.Errorf("a page that reaches into the archive: %v, more %v, %v", items, more, err)
	}
	for what, p := range map[string]chat.Page{"the oldest": {Before: new(int64(5)), Limit: 4}, "the first": {After: new(int64), Limit: 3}} {
		if _, _, err := h.Messages(t.Context(), id, p); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := fullRoom(t, s, 2)
	if err := v.sweep(s, archive.NoObjects{}); !fault.Is(err, fault.Unavailable) || v.left(other) != 2 {
		t.Errorf("a sweep: %v, and %d are left", err, v.left(other))
	}
}

// What lies behind an archived page is not read from the database.
func testArchivedPagesReadNoOthers(t *testing.T, s *Store) {
	v := newVault(t, s)
	id := fullRoom(t, s, 6)
	v.archive()
	v.talk(rand.New(rand.NewPCG(1, 1)), id, 6, noon)
	seqs := func(messages []chat.Message) (list []int64) {
		for _, m := range messages {
			list = append(list, m.Seq)
		}
		return list
	}
	for after, want := range map[int64][]int64{0: nil, 2: nil, 3: {7}, 5: {7, 8, 9}, 6: {7, 8, 9, 10}} {
		items, more, err := s.Messages(t.Context(), id, chat.Page{After: &after, Limit: 3})
		if shown := want[:min(3, len(want))]; err != nil || more != (len(want) > 3) || !slices.Equal(seqs(items), shown) {
			t.Errorf("after %d: %v, more %v, %v; want %v", after, seqs(items), more, err, shown)
		}
		p := chat.Position{RoomID: id, Seq: after}
		following, err := s.Following(t.Context(), []chat.Position{p}, 4)
		if err != nil || !slices.Equal(seqs(following[p]), want) {
			t.Errorf("following %d: %v, %v; want %v", after, seqs(following[p]), err, want)
		}
	}
	last := int64(math.MaxInt64)
	if items, more, err := v.history().Messages(t.Context(), id, chat.Page{After: &last, Limit: 3}); err != nil || more || len(items) > 0 {
		t.Errorf("behind everything: %v, more %v, %v", items, more, err)
	}
}

// archiveTests are part of the contract.
var archiveTests = map[string]func(*testing.T, *Store){
	"an archived room looks the same":               testArchived,
	"archived pages read no others":                 testArchivedPagesReadNoOthers,
	"keys of archived messages are known":           testArchivedKeys,
	"rooms are archived that are silent for long":   testWhoIsArchived,
	"each quiet room is claimed by one":             testClaims,
	"a room that moves is left alone":               testArchiveOfARoomThatMoved,
	"an archiver that is killed loses nothing":      testArchiverKilled,
	"nor does one in the middle of its transaction": testArchiverKilledInItsTransaction,
	"archivers and members get on with each other":  testArchiversTogether,
	"a large room is archived in segments":          testArchiveInSegments,
	"what is damaged is found":                      testArchiveDamaged,
	"without the archive the rest can be read":      testArchiveAway,
}
