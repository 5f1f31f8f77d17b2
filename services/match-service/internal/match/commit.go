package match

import (
	"context"
	"fmt"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// commit seats members who were taken out of the queue: first in the store, then in the
// queue, where they see it. When the store refuses they go back to their places; the
// step that puts them back may bring the next together.
//
// It goes on when the caller's request ends: they are not the caller's alone.
func (s *Service) commit(ctx context.Context, made Made) (matchapi.Room, Step, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if made.Seat != nil {
		return s.giveOn(ctx, made)
	}
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
		step, err := s.p.Queue.PutBack(ctx, made.ID, Refusal{Lost: lost})
		return matchapi.Room{}, step, err
	}
	s.p.Observer.RoomMade(made.MovieID, s.p.Now().Sub(made.At))
	s.seated(made)
	s.p.Log.Info("room made", "room_id", made.ID, "movie_id", made.MovieID)
	s.show(ctx, made, room)
	return room, Step{}, nil
}

// giveOn gives a seat that nobody entered to its next holder.
func (s *Service) giveOn(ctx context.Context, made Made) (matchapi.Room, Step, error) {
	room, refused, err := s.p.Seats.GiveOn(ctx, made)
	if err != nil {
		return matchapi.Room{}, Step{}, fmt.Errorf("give seat on: %w", err)
	}
	if refused != nil {
		step, err := s.p.Queue.PutBack(ctx, made.ID, *refused)
		return matchapi.Room{}, step, err
	}
	s.p.Observer.SeatGivenOn()
	s.seated(made)
	s.p.Log.Info("seat given on", "room_id", made.Seat.RoomID, "seat", made.Seat.Number, "generation", made.Seat.Generation)
	s.show(ctx, made, room)
	return room, Step{}, nil
}

// seated tells how long those who have a seat now have waited. One that a node of an
// earlier release took out of the queue comes without the time.
func (s *Service) seated(made Made) {
	for _, w := range made.Members {
		if !w.JoinedAt.IsZero() {
			s.p.Observer.Seated(made.MovieID, s.p.Now().Sub(w.JoinedAt))
		}
	}
}

// show tells the members what is committed by now.
func (s *Service) show(ctx context.Context, made Made, room matchapi.Room) {
	if err := s.p.Queue.Settle(ctx, made.ID, room, seatedIn(made)); err != nil {
		// Committed is committed. The outbox still has it: a sweep shows it.
		s.p.Log.Warn("room not shown", "room_id", room.RoomID, "err", err)
	}
}

func seatedIn(made Made) []Seated {
	seated := make([]Seated, len(made.Members))
	for i, w := range made.Members {
		seated[i] = Seated{Wait: w, Seat: i + 1, Generation: 1}
		if made.Seat != nil {
			seated[i].Seat, seated[i].Generation = made.Seat.Number, made.Seat.Generation
		}
	}
	return seated
}
