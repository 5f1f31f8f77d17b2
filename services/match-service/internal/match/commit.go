package match

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// commit makes a room of six that were taken out of the queue: first in the store, then
// in the queue, where the six see it. When one of them has left meanwhile the store
// refuses, and the others go back to their places; the step that puts them back may
// bring together the next six.
//
// It goes on when the caller's request ends: the six are not the caller's alone.
func (s *Service) commit(ctx context.Context, made Made) (matchapi.Room, Step, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	title, err := s.p.Films.Title(ctx, made.MovieID)
	if err != nil {
		return matchapi.Room{}, Step{}, fmt.Errorf("title of %s: %w", made.MovieID, err)
	}
	room, lost, err := s.p.Rooms.Make(ctx, made, title)
	if err != nil {
		return matchapi.Room{}, Step{}, fmt.Errorf("make room: %w", err)
	}
	if len(lost) > 0 {
		s.p.Observer.RoomUndone()
		s.p.Log.Info("room undone", "room_id", made.ID, "movie_id", made.MovieID, "left", len(lost))
		step, err := s.p.Queue.PutBack(ctx, made.ID, lost)
		return matchapi.Room{}, step, err
	}
	s.p.Observer.RoomMade(s.p.Now().Sub(made.At))
	s.p.Log.Info("room made", "room_id", made.ID, "movie_id", made.MovieID)
	if err := s.p.Queue.Settle(ctx, made.ID, room, seatedIn(made)); err != nil {
		// Committed is committed. The outbox still has the room: a sweep shows it.
		s.p.Log.Warn("room not shown", "room_id", made.ID, "err", err)
	}
	return room, Step{}, nil
}

func seatedIn(made Made) []Seated {
	seated := make([]Seated, len(made.Six))
	for i, w := range made.Six {
		seated[i] = Seated{Wait: w, Seat: i + 1, Generation: 1}
	}
	return seated
}
