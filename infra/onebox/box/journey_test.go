package box_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// journeyCeiling is how long the whole journey may take; a wait only lasts so long when
// something is broken.
const journeyCeiling = 3 * time.Minute

const (
	films        = 3
	perFilm      = 12
	perMember    = 50
	unanswered   = 10                                        // of a member's lines, at a time
	messagesEach = matchapi.Seats + matchapi.Seats*perMember // in a room: ENTER of each, and what each says
)

func TestJourney_onEmbeddedStores(t *testing.T) {
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	journey(t, start(t, stores).URL())
}

// start runs the whole system until the test ends, and returns its address.
func start(t *testing.T, stores box.Stores) *box.Box {
	t.Helper()
	t.Setenv("LIMIT_SEND_RATE", "0")
	cfg := box.Config{Addr: "127.0.0.1:0"}
	b, err := box.New(t.Context(), cfg, stores, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("stop:", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		t.Fatal("the system did not start:", err)
	}
	return b
}

// journey is the whole way of the product behind base, for 36 members at once.
func journey(t *testing.T, base string) {
	ctx, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	seen := make([]visit, films*perFilm)
	movies := pick(t, ctx, base)
	g, ctx := errgroup.WithContext(ctx) // nobody waits in vain for one who failed
	for i := range seen {
		g.Go(func() (err error) {
			seen[i], err = visitRoom(ctx, base, i, movies[i%films])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	rooms := map[string][]visit{}
	for _, v := range seen {
		rooms[v.room.RoomID] = append(rooms[v.room.RoomID], v)
	}
	if len(rooms) != films*perFilm/matchapi.Seats {
		t.Errorf("%d rooms", len(rooms))
	}
	for id, visits := range rooms {
		checkRoom(t, t.Context(), id, visits)
	}
}

func pick(t *testing.T, ctx context.Context, base string) []string {
	t.Helper()
	var page matchapi.Movies
	guest := &testclient.Member{Base: base}
	if err := guest.Call(ctx, "GET", fmt.Sprintf("/match/movies?limit=%d", films), nil, &page); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(page.Items))
	for i, m := range page.Items {
		ids[i] = m.MovieID
	}
	return ids
}

// visit is what one member lived through.
type visit struct {
	member   *testclient.Member
	movieID  string
	room     matchapi.Room
	received []chatapi.Message
}

// visitRoom signs in, waits, enters, says its messages while it listens, and returns
// when it has received everything that is said in the room. The first member of all
// drops its socket half-way and comes back with its last seq.
func visitRoom(ctx context.Context, base string, i int, movieID string) (visit, error) {
	v := visit{movieID: movieID}
	var err error
	if v.member, err = testclient.SignIn(ctx, base, fmt.Sprint("user", i)); err != nil {
		return v, err
	}
	state, err := v.member.Match(ctx, movieID)
	if err != nil {
		return v, err
	}
	v.room = state.Room
	if _, err := v.member.Enter(ctx, state.Ticket); err != nil {
		return v, err
	}
	dropAt := int64(-1)
	if i == 0 {
		dropAt = messagesEach / 2
	}
	return v, v.chat(ctx, dropAt)
}

// chat listens from the first message on and speaks, over one socket or, when it drops
// the first at seq dropAt, two.
func (v *visit) chat(ctx context.Context, dropAt int64) error {
	s, err := v.listen(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if s != nil { // it could not be opened again
			_ = s.Drop()
		}
	}()
	speaking, ctx := errgroup.WithContext(ctx)
	speaking.Go(func() error { return v.speak(ctx) })
	for len(v.received) < messagesEach {
		m, err := nextMessage(ctx, s)
		if err != nil {
			return fmt.Errorf("%s after %d messages: %w", v.member.Nickname, len(v.received), err)
		}
		v.received = append(v.received, m)
		if m.Seq == dropAt {
			if err := s.Drop(); err != nil {
				return err
			}
			if s, err = v.listen(ctx); err != nil {
				return err
			}
		}
	}
	return speaking.Wait()
}

func (v *visit) listen(ctx context.Context) (*testclient.Socket, error) {
	s, err := v.member.Open(ctx)
	if err != nil {
		return nil, err
	}
	last := 0
	if n := len(v.received); n > 0 {
		last = int(v.received[n-1].Seq)
	}
	return s, s.Send(ctx, testclient.Frame{Command: "SUBSCRIBE", Headers: map[string]string{
		"id": "room", "destination": "/topic/" + v.room.RoomID, "last-seq": strconv.Itoa(last),
	}})
}

// speak says everything on a socket of its own, with at most unanswered lines waiting for
// their receipts: what waits for seconds is refused, and a busy machine's SQLite needs seconds
// for all that 36 members could say at once.
func (v *visit) speak(ctx context.Context) error {
	s, err := v.member.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Drop() }()
	receipts := map[string]bool{}
	for said := 0; len(receipts) < perMember; {
		if said < perMember && said-len(receipts) < unanswered {
			body := fmt.Sprintf(`{"type":"TEXT","comment":"%s says %d"}`, v.member.Nickname, said)
			headers := map[string]string{"destination": "/pub/chat/" + v.room.RoomID, "receipt": strconv.Itoa(said)}
			if err := s.Send(ctx, testclient.Frame{Command: "SEND", Headers: headers, Body: body}); err != nil {
				return err
			}
			said++
			continue
		}
		f, err := s.Next(ctx)
		if err != nil || f.Command != "RECEIPT" || f.Headers["seq"] == "" || f.Headers["message-id"] == "" {
			return fmt.Errorf("waiting for receipts: %+v: %w", f, err)
		}
		receipts[f.Headers["receipt-id"]] = true
	}
	return nil
}

func nextMessage(ctx context.Context, s *testclient.Socket) (m chatapi.Message, err error) {
	f, err := s.Next(ctx)
	if err != nil {
		return m, err
	}
	if f.Command != "MESSAGE" {
		return m, fmt.Errorf("got %s %v %s", f.Command, f.Headers, f.Body)
	}
	if err := json.Unmarshal([]byte(f.Body), &m); err != nil {
		return m, err
	}
	if f.Headers["seq"] != strconv.FormatInt(m.Seq, 10) || f.Headers["message-id"] != m.MessageID {
		return m, fmt.Errorf("headers %v do not fit the body %s", f.Headers, f.Body)
	}
	return m, nil
}

// checkRoom is what the product promises of each room.
func checkRoom(t *testing.T, ctx context.Context, id string, visits []visit) {
	t.Helper()
	members := map[string]bool{}
	for _, v := range visits {
		members[v.member.MemberID] = true
		if v.movieID != visits[0].movieID || v.room.MovieID != v.movieID {
			t.Errorf("room %s: film %s, and %s waited for %s", id, v.room.MovieID, v.member.Nickname, v.movieID)
		}
	}
	if len(visits) != matchapi.Seats || len(members) != matchapi.Seats {
		t.Errorf("room %s has %d visitors, %d different", id, len(visits), len(members))
	}
	history, err := visits[0].member.History(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for i, m := range history {
		if m.Seq != int64(i+1) {
			t.Fatalf("room %s: message %d of the history has seq %d", id, i+1, m.Seq)
		}
		said[m.MemberID+m.Type+m.Comment] = true
	}
	if len(history) != messagesEach || len(said) != messagesEach {
		t.Errorf("room %s: %d messages, %d different", id, len(history), len(said))
	}
	for _, v := range visits {
		if diff := cmp.Diff(v.received, history); diff != "" {
			t.Errorf("room %s: what %s received is not the history: %s", id, v.member.Nickname, diff)
		}
	}
}
