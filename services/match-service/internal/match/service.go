package match

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Parts are what a Service is made of.
type Parts struct {
	Waits    Waits
	Rooms    Rooms
	Seats    Seats
	Audit    Audit
	Queue    Queue
	Feed     Feed
	Films    Films
	Observer Observer
	Limits   Limits
	Now      func() time.Time
	NewID    func() string // UUIDv7
	Log      *slog.Logger
}

// Service is the queue as httpapi sees it. It holds no state of its own but who waits for a
// reading of the entry feed: any node serves any member.
type Service struct {
	p        Parts
	readings *batch.Batcher[reading, reading] // of the entry feed, see catchUp
}

// New makes a Service.
func New(p Parts) *Service {
	s := &Service{p: p}
	s.readings = batch.New(s.readEntries, batch.Limits{
		Window: readingTimeout, Enough: 1, // at once, but not while another runs
		Timeout: readingTimeout,
		Most:    2, // there is one key
	})
	return s
}

// Rooms lists the rooms in which the member has a seat, newest first.
func (s *Service) Rooms(ctx context.Context, memberID string) ([]Match, error) {
	return s.p.Rooms.OfMember(ctx, memberID, maxRooms)
}

// after does what a step of the queue left to do: commits those it brought together,
// until there are no more, and ends what it let expire. It returns where the member
// stands after that.
func (s *Service) after(ctx context.Context, member Member, step Step) State {
	if err := s.expire(ctx, step.Expired); err != nil {
		// The queue has let go; what the store did not hear is ended by the next audit.
		s.p.Log.Warn("expired waits not ended", "err", err)
	}
	state := step.State
	for range maxSteps {
		if step.Made == nil {
			break
		}
		room, next, err := s.commit(ctx, *step.Made)
		if err != nil {
			// They stay in the outbox; a sweep claims them. Until then they wait.
			s.p.Log.Error("not committed", "room_id", step.Made.ID, "err", err)
			break
		}
		if m, ok := matchOf(room, *step.Made, member.ID); ok {
			state = matched(m)
		}
		step = next
	}
	return state
}

// matchOf finds the member among those who were just seated.
func matchOf(room matchapi.Room, made Made, memberID string) (Match, bool) {
	for _, s := range seatedIn(made) {
		if s.Wait.Member.ID == memberID && room.RoomID != "" {
			return Match{Room: room, Seat: s.Seat, Generation: s.Generation}, true
		}
	}
	return Match{}, false
}

// checkFilms refuses films that the catalogue does not have.
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
