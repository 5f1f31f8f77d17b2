package redisfeed

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// outbox is a small real outbox in memory.
type outbox struct {
	mu      sync.Mutex // guards entries and told
	entries []matchapi.Entry
	told    map[string]time.Time
	stuck   error // Told's and Forget's answer
	filled  chan struct{}
}

func newOutbox(entries ...matchapi.Entry) *outbox {
	return &outbox{entries: entries, told: map[string]time.Time{}, filled: make(chan struct{})}
}

func (o *outbox) Filled() <-chan struct{} { return o.filled }

func (o *outbox) put(e matchapi.Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, e)
}

func (o *outbox) list(limit int, wanted func(told time.Time) bool) (list []matchapi.Entry, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.entries {
		if len(list) < limit && wanted(o.told[e.EntryID]) {
			list = append(list, e)
		}
	}
	return list, nil
}

func (o *outbox) Untold(_ context.Context, limit int) ([]matchapi.Entry, error) {
	return o.list(limit, time.Time.IsZero)
}

func (o *outbox) ToldBefore(_ context.Context, at time.Time, limit int) ([]matchapi.Entry, error) {
	return o.list(limit, func(told time.Time) bool { return !told.IsZero() && told.Before(at) })
}

func (o *outbox) Told(_ context.Context, entries []matchapi.Entry, at time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stuck != nil {
		return o.stuck
	}
	for _, e := range entries {
		o.told[e.EntryID] = at
	}
	return nil
}

func (o *outbox) Forget(_ context.Context, entries []matchapi.Entry) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stuck == nil {
		o.entries = slices.DeleteFunc(o.entries, func(e matchapi.Entry) bool { return slices.Contains(entries, e) })
	}
	return o.stuck
}

func entry(id string) matchapi.Entry {
	return matchapi.Entry{Kind: matchapi.KindEntered, EntryID: id, At: noon, RoomID: "r", Seat: 3, Generation: 2, MemberID: "m"}
}

func newFeed(t *testing.T, o *outbox) (*Feed, *embedded.Redis) {
	t.Helper()
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() }) // some tests close it themselves
	return New(o, r.Client, func() time.Time { return noon }, slog.New(slog.DiscardHandler)), r
}

func read(t *testing.T, r *embedded.Redis) []matchapi.Entry {
	t.Helper()
	messages, err := r.Client.XRange(t.Context(), matchapi.EntriesStream, "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	var entries []matchapi.Entry
	for _, m := range messages {
		e, err := matchapi.ParseEntry(m.Values)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == matchapi.KindHeartbeat {
			e.EntryID = "" // made up anew each time
		}
		entries = append(entries, e)
	}
	return entries
}

func TestMove_tellsAllEntriesAndThenThatNothingIsMissing(t *testing.T) {
	o := newOutbox(entry("1"), entry("2"))
	f, r := newFeed(t, o)

	if err := f.Move(t.Context()); err != nil {
		t.Fatal(err)
	}

	want := []matchapi.Entry{entry("1"), entry("2"), {Kind: matchapi.KindHeartbeat, At: noon.Add(-slack)}}
	if diff := cmp.Diff(read(t, r), want); diff != "" {
		t.Error(diff)
	}
	if untold, err := o.Untold(t.Context(), 10); err != nil || len(untold) != 0 {
		t.Error("not told:", untold, err)
	}
}

func TestMove_tellsAgainBeforeItForgets(t *testing.T) {
	o := newOutbox(entry("1"))
	f, r := newFeed(t, o)
	clock := noon
	f.now = func() time.Time { return clock }
	for _, c := range []struct {
		after time.Duration
		told  int
		left  int
	}{{0, 1, 1}, {againAfter, 0, 1}, {againAfter + time.Millisecond, 1, 0}, {2 * againAfter, 0, 0}} {
		if err := r.Client.FlushAll(t.Context()).Err(); err != nil { // all that was told is lost
			t.Fatal(err)
		}
		clock = noon.Add(c.after)

		if err := f.Move(t.Context()); err != nil {
			t.Fatal(err)
		}

		if told := len(read(t, r)) - 1; told != c.told || len(o.entries) != c.left { // but for the heartbeat
			t.Errorf("after %v: %d told, %d left, want %d, %d", c.after, told, len(o.entries), c.told, c.left)
		}
	}
}

func TestMove_sendsNoHeartbeatWhileTheOutboxIsNotEmptied(t *testing.T) {
	o := newOutbox(entry("1"))
	o.stuck = errors.New("the database is away")
	f, r := newFeed(t, o)

	err := f.Move(t.Context())

	if !errors.Is(err, o.stuck) {
		t.Error(err)
	}
	if diff := cmp.Diff(read(t, r), []matchapi.Entry{entry("1")}); diff != "" {
		t.Error(diff)
	}
}

func TestMove_keepsEntriesWhileRedisIsAway(t *testing.T) {
	o := newOutbox(entry("1"))
	f, r := newFeed(t, o)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	if err := f.Move(t.Context()); err == nil || len(o.entries) != 1 {
		t.Error(err, o.entries)
	}
}

func TestRun_movesWhatIsNewAtOnceAndSendsAHeartbeatEachSecond(t *testing.T) {
	o := newOutbox()
	f, r := newFeed(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { f.Run(ctx); close(ended) }()
	o.filled <- struct{}{} // Run has begun, and sent its first heartbeat
	o.put(entry("1"))

	o.filled <- struct{}{} // Run is done with the one before
	o.filled <- struct{}{} // and with that
	cancel()
	<-ended

	if got := read(t, r); len(got) < 2 || got[0].Kind != matchapi.KindHeartbeat || !cmp.Equal(got[1], entry("1")) {
		t.Errorf("the stream has %+v", got)
	}
}
