package redisfeed

import (
	"context"
	"errors"
	"log/slog"
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
	mu      sync.Mutex // guards entries
	entries []matchapi.Entry
	stuck   error // Forget's answer
	filled  chan struct{}
}

func (o *outbox) Filled() <-chan struct{} { return o.filled }

func (o *outbox) Entries(_ context.Context, limit int) ([]matchapi.Entry, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.entries[:min(limit, len(o.entries))], nil
}

func (o *outbox) Forget(_ context.Context, entries []matchapi.Entry) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stuck == nil {
		o.entries = o.entries[len(entries):]
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
	o := &outbox{entries: []matchapi.Entry{entry("1"), entry("2")}}
	f, r := newFeed(t, o)

	if err := f.Move(t.Context()); err != nil {
		t.Fatal(err)
	}

	want := []matchapi.Entry{entry("1"), entry("2"), {Kind: matchapi.KindHeartbeat, At: noon.Add(-slack)}}
	if diff := cmp.Diff(read(t, r), want); diff != "" {
		t.Error(diff)
	}
	if len(o.entries) != 0 {
		t.Error("still in the outbox:", o.entries)
	}
}

func TestMove_sendsNoHeartbeatWhileTheOutboxIsNotEmptied(t *testing.T) {
	o := &outbox{entries: []matchapi.Entry{entry("1")}, stuck: errors.New("the database is away")}
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
	o := &outbox{entries: []matchapi.Entry{entry("1")}}
	f, r := newFeed(t, o)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	if err := f.Move(t.Context()); err == nil || len(o.entries) != 1 {
		t.Error(err, o.entries)
	}
}

func TestRun_movesWhatIsNewAtOnceAndSendsAHeartbeatEachSecond(t *testing.T) {
	o := &outbox{filled: make(chan struct{})}
	f, r := newFeed(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { f.Run(ctx); close(ended) }()
	o.filled <- struct{}{} // Run has begun, and sent its first heartbeat
	o.mu.Lock()
	o.entries = append(o.entries, entry("1"))
	o.mu.Unlock()

	o.filled <- struct{}{} // Run is done with the one before
	o.filled <- struct{}{} // and with that
	cancel()
	<-ended

	if got := read(t, r); len(got) < 2 || got[0].Kind != matchapi.KindHeartbeat || !cmp.Equal(got[1], entry("1")) {
		t.Errorf("the stream has %+v", got)
	}
}
