package match

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Parts are what a Service is made of.
type Parts struct {
	Waits    Waits
	Rooms    Rooms
	Queue    Queue
	Films    Films
	Observer Observer
	Limits   Limits
	Now      func() time.Time
	NewID    func() string // UUIDv7
	Log      *slog.Logger
}

// Service is the queue as httpapi sees it. It holds no state of its own: any node
// serves any member.
type Service struct {
	p Parts
}

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// Rooms lists the rooms in which the member has a seat, newest first.
func (s *Service) Rooms(ctx context.Context, memberID string) ([]Match, error) {
	return s.p.Rooms.OfMember(ctx, memberID, maxRooms)
}

// after does what a step of the queue left to do: commits the six it brought together,
// until there are no more, and ends what it let expire. It returns where the member
// stands after that.
func (s *Service) after(ctx context.Context, member Member, step Step) (State, error) {
	if err := s.expire(ctx, step.Expired); err != nil {
		// The queue has let go; what the store did not hear is ended by its next reader.
		s.p.Log.Warn("expired waits not ended", "err", err)
	}
	state := step.State
	for range maxSteps {
		if step.Made == nil {
			return state, nil
		}
		room, next, err := s.commit(ctx, *step.Made)
		if err != nil {
			// The six stay in the outbox; a sweep claims them. Until then they wait.
			s.p.Log.Error("room not committed", "room_id", step.Made.ID, "err", err)
			return state, nil
		}
		if m, ok := matchOf(room, member.ID); ok {
			state = matched(m)
		}
		step = next
	}
	return state, nil
}

// matchOf finds the member's seat in a room that was just made.
func matchOf(room matchapi.Room, memberID string) (Match, bool) {
	for _, seat := range room.Seats {
		if seat.MemberID == memberID {
			return Match{Room: room, Seat: seat.Seat, Generation: 1}, true
		}
	}
	return Match{}, false
}

// titles checks that all films are known and returns the first one's title.
func (s *Service) checkFilms(ctx context.Context, films []string) error {
	for i, id := range films {
		if _, err := s.p.Films.Title(ctx, id); fault.Is(err, fault.NotFound) {
			return fault.BadField(filmField(i), fmt.Sprintf("is not a film we have: %.100q", id))
		} else if err != nil {
			return err
		}
	}
	return nil
}

func filmField(i int) string {
	if i == 0 {
		return "movieId"
	}
	return "alsoMovieIds"
}
