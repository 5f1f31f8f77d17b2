package chatter

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/audit"
	"github.com/sixseat/sixseat/pkg/chatapi"
)

// Room is a room and its members.
type Room struct {
	ID      string
	Members []*Member
}

// Each calls do with every member; seat counts from 0 in each room.
func Each(rooms []*Room, do func(seat int, m *Member)) {
	for _, r := range rooms {
		for seat, m := range r.Members {
			do(seat, m)
		}
	}
}

// Connect lets all members listen and send, each on the node that is named when it
// connects, until hangUp. That returns when all have ended and may be called twice.
func Connect(ctx context.Context, rooms []*Room, node func(seat int) string) (hangUp func()) {
	ctx, cancel := context.WithCancel(ctx)
	var living sync.WaitGroup
	Each(rooms, func(seat int, m *Member) {
		living.Go(func() { m.Listen(ctx, func() string { return node(seat) }) })
		living.Go(func() { m.Send(ctx) })
	})
	return func() { cancel(); living.Wait() }
}

// Talk lets all members talk at the pace until ctx ends, and returns then.
func Talk(ctx context.Context, rooms []*Room, pace time.Duration) {
	var talking sync.WaitGroup
	Each(rooms, func(_ int, m *Member) { talking.Go(func() { m.Talk(ctx, pace) }) })
	talking.Wait()
}

// Await waits until ready says nothing any more, which is why it is not so yet.
func Await(tb testing.TB, what string, ready func() string) {
	tb.Helper()
	why := ready()
	for deadline := time.Now().Add(ceiling); why != ""; why = ready() {
		if time.Now().After(deadline) {
			tb.Errorf("%s: not within %v: %s", what, ceiling, why)
			return
		}
		<-time.After(awaitEvery)
	}
}

// Settle waits until all that has a key is receipted and everybody has seen everything, as
// far as the node at base knows.
func Settle(tb testing.TB, rooms []*Room, base string) {
	tb.Helper()
	Await(tb, "everything with a key is receipted", func() string {
		waiting, example := 0, ""
		Each(rooms, func(_ int, m *Member) {
			if n := m.waitsFor(); n > 0 {
				waiting, example = waiting+n, m.Me.MemberID
			}
		})
		if waiting == 0 {
			return ""
		}
		return fmt.Sprintf("%d are not, one by %s", waiting, example)
	})
	Await(tb, "everybody has seen everything", func() string {
		for len(rooms) > 0 {
			if why := rooms[0].behind(tb.Context(), base); why != "" {
				return why
			}
			rooms = rooms[1:]
		}
		return ""
	})
}

// behind names a member who has not seen the end of the room, "" when there is none.
func (r *Room) behind(ctx context.Context, base string) string {
	var now chatapi.Room
	if err := r.inside().At(base).Call(ctx, http.MethodGet, "/chat/rooms/"+r.ID, nil, &now); err != nil {
		return err.Error()
	}
	for _, m := range r.Members {
		if seen := m.Seen(); seen != now.LastSeq && !m.Left {
			return fmt.Sprintf("%s has seen %d of %d", m.Me.MemberID, seen, now.LastSeq)
		}
	}
	return ""
}

// inside is a member who has not left.
func (r *Room) inside() *Member {
	return r.Members[slices.IndexFunc(r.Members, func(m *Member) bool { return !m.Left })]
}

// History is the room's, asked of the node at base.
func (r *Room) History(tb testing.TB, base string) []chatapi.Message {
	tb.Helper()
	all, err := r.inside().At(base).History(tb.Context(), r.ID)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// Judge compares all that members said, were told and saw with what is stored, and returns
// what it compared. Nobody may be talking any more.
func Judge(tb testing.TB, rooms []*Room, base string) []audit.Room {
	tb.Helper()
	facts := make([]audit.Room, len(rooms))
	messages := 0
	for i, r := range rooms {
		facts[i] = audit.Room{ID: r.ID, History: r.History(tb, base)}
		messages += len(facts[i].History)
		for _, m := range r.Members {
			facts[i].Members = append(facts[i].Members, m.Account())
		}
	}
	findings := audit.Check(facts)
	for _, f := range findings[:min(len(findings), findingsShown)] {
		tb.Error(f)
	}
	tb.Logf("%d rooms, %d messages, %d findings", len(rooms), messages, len(findings))
	return facts
}
