//go:build e2e

package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/chatter"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// people numbers members, so that their nicknames differ.
var people atomic.Int64

// retries counts how often a patient client had to ask again.
var retries atomic.Int64

// patiently asks until it gets an answer that is one: what a page does when the network or
// a node goes away beneath it. Only a line that breaks and 5xx are worth another try.
func patiently(ctx context.Context, ask func(context.Context) error) error {
	for {
		one, cancel := context.WithTimeout(ctx, requestTimeout)
		err := ask(one)
		cancel()
		if err == nil || refused(err) {
			return err
		}
		retries.Add(1)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(retryPause):
		}
	}
}

// refused tells whether err is an answer that will be the same the next time.
func refused(err error) bool {
	var answer *testclient.StatusError
	return errors.As(err, &answer) && answer.Status < http.StatusInternalServerError
}

// signIn makes a new member.
func signIn(ctx context.Context) (m *testclient.Member, err error) {
	err = patiently(ctx, func(ctx context.Context) error {
		m, err = testclient.SignIn(ctx, system.base, fmt.Sprint("guest", people.Add(1)))
		return err
	})
	return m, err
}

// join puts a member into the queue.
func join(ctx context.Context, m *testclient.Member, movieID string) (state matchapi.State, err error) {
	err = patiently(ctx, func(ctx context.Context) error {
		state, err = m.Join(ctx, movieID)
		return err
	})
	return state, err
}

// matched follows a member's event stream, stream after stream, until there is a room. seen,
// which may be nil, gets every state.
func matched(ctx context.Context, m *testclient.Member, seen func(matchapi.State)) (state matchapi.State, err error) {
	for state.State != matchapi.Matched {
		err := m.Watch(ctx, func(s matchapi.State) bool {
			state = s
			if seen != nil {
				seen(s)
			}
			return s.State != matchapi.Matched
		})
		if ctx.Err() != nil || err != nil && refused(err) {
			return state, errors.Join(ctx.Err(), err)
		}
		if state.State != matchapi.Matched {
			select {
			case <-ctx.Done():
			case <-time.After(retryPause):
			}
		}
	}
	return state, nil
}

// enter takes the seat of a match.
func enter(ctx context.Context, m *testclient.Member, s matchapi.State) (room chatapi.Room, err error) {
	err = patiently(ctx, func(ctx context.Context) error {
		room, err = m.Enter(ctx, s.Ticket)
		return err
	})
	return room, err
}

// taken is how many films tests have used: each takes others, so that nobody whom one left
// behind, or a seat that nobody took, is found by the next.
var taken int

// newFilms are films that no test has used.
func newFilms(t *testing.T, n int) []string {
	t.Helper()
	from := taken
	taken += n
	var ids []string
	guest := &testclient.Member{Base: system.base}
	for cursor := ""; len(ids) < taken; {
		var page matchapi.Movies
		if err := guest.Call(t.Context(), http.MethodGet, "/match/movies?limit=100&cursor="+cursor, nil, &page); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			ids = append(ids, m.MovieID)
		}
		if cursor = page.NextCursor; cursor == "" {
			t.Fatalf("the catalogue has %d films, and tests take more", len(ids))
		}
	}
	return ids[from:taken]
}

// newRooms brings members to that many rooms, one for each film, the whole way.
func newRooms(ctx context.Context, notes *chatter.Notes, movies []string) ([]*chatter.Room, error) {
	rooms := make([]*chatter.Room, len(movies))
	var all errgroup.Group
	for i, movieID := range movies {
		all.Go(func() (err error) {
			rooms[i], err = newRoom(ctx, notes, movieID)
			return err
		})
	}
	return rooms, all.Wait()
}

// newRoom signs six members in, lets them wait and enter, and checks what they are told.
func newRoom(ctx context.Context, notes *chatter.Notes, movieID string) (*chatter.Room, error) {
	r := &chatter.Room{}
	var mu sync.Mutex // guards r
	six, ctx := errgroup.WithContext(ctx)
	for range matchapi.Seats {
		six.Go(func() error {
			m, err := signIn(ctx)
			if err != nil {
				return err
			}
			state, err := join(ctx, m, movieID)
			if err != nil {
				return err
			}
			if state.State != matchapi.Matched {
				if state, err = matched(ctx, m, nil); err != nil {
					return err
				}
			}
			if _, err := enter(ctx, m, state); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if r.ID != "" && r.ID != state.Room.RoomID {
				return fmt.Errorf("six who wait for %s alone are in the rooms %s and %s", movieID, r.ID, state.Room.RoomID)
			}
			r.ID = state.Room.RoomID
			r.Members = append(r.Members, chatter.New(notes, r.ID, m.Member))
			return nil
		})
	}
	return r, six.Wait()
}

// line is five members who wait for a film, with their streams open.
type line struct {
	movieID string
	members []*testclient.Member
	joined  []matchapi.State

	mu     sync.Mutex // guards what follows
	wrong  []string   // what no waiter should have been told
	states []matchapi.State
	done   sync.WaitGroup
}

// newLine lets five members wait until a sixth comes.
func newLine(t *testing.T, ctx context.Context, movieID string) *line {
	t.Helper()
	l := &line{movieID: movieID, states: make([]matchapi.State, matchapi.Seats-1)}
	for i := range matchapi.Seats - 1 {
		m, err := signIn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		state, err := join(ctx, m, movieID)
		if err != nil {
			t.Fatal(err)
		}
		if state.State != matchapi.Waiting {
			t.Fatalf("%s joined a queue of %d and does not wait: %+v", m.Nickname, i, state)
		}
		l.members, l.joined = append(l.members, m), append(l.joined, state)
		l.done.Go(func() {
			state, err := matched(ctx, m, func(s matchapi.State) { l.look(i, s) })
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.states[i] = state; err != nil && ctx.Err() == nil {
				l.wrong = append(l.wrong, err.Error())
			}
		})
	}
	return l
}

// look notes what a waiter may not be told: that the wait is over, or another place in time.
func (l *line) look(i int, s matchapi.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case s.State == matchapi.Idle:
		l.wrong = append(l.wrong, fmt.Sprintf("%s is told %+v", l.members[i].Nickname, s))
	case s.State == matchapi.Waiting && !s.JoinedAt.Equal(l.joined[i].JoinedAt.Time):
		l.wrong = append(l.wrong, fmt.Sprintf("%s waits since %v, and joined at %v", l.members[i].Nickname, s.JoinedAt, l.joined[i].JoinedAt))
	}
}

// finish brings the sixth, and wants those who waited in one new room with it, which all enter.
func (l *line) finish(t *testing.T, ctx context.Context) {
	t.Helper()
	sixth, err := signIn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	state, err := join(ctx, sixth, l.movieID)
	if err == nil && state.State != matchapi.Matched {
		state, err = matched(ctx, sixth, nil)
	}
	if err != nil {
		t.Fatalf("%s: the sixth: %v", l.movieID, err)
	}
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.wrong {
		t.Errorf("%s: %s", l.movieID, w)
	}
	for i, s := range l.states {
		if s.State != matchapi.Matched || s.Room.RoomID != state.Room.RoomID || s.Generation != 1 {
			t.Errorf("%s waited and is in %q (generation %d), the sixth is in %q", l.members[i].Nickname, s.Room.RoomID, s.Generation, state.Room.RoomID)
			continue
		}
		if _, err := enter(ctx, l.members[i], s); err != nil {
			t.Errorf("%s enters: %v", l.members[i].Nickname, err)
		}
	}
	if _, err := enter(ctx, sixth, state); err != nil {
		t.Errorf("the sixth enters: %v", err)
	}
}
