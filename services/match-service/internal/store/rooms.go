package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Outcomes of a seat that was given; null while it is its member's.
const (
	seatGivenUp   = "given-up"   // the member let it go before entering
	seatGivenAway = "given-away" // nobody entered in time, the next generation has it
	seatTaken     = "taken"      // one of a lower generation had entered it
	seatLeft      = "left"       // the member entered it and left for good
)

// making is a room to commit, madeRoom the answer.
type making struct {
	made  match.Made
	title string
}

type madeRoom struct {
	room matchapi.Room
	lost []string // join ids that are no longer open; then nothing was kept
}

// Make commits a room, see match.Rooms.
func (s *Store) Make(ctx context.Context, made match.Made, title string) (matchapi.Room, []string, error) {
	m, err := s.rooms.do(ctx, making{made, title})
	return m.room, m.lost, err
}

// makeAll commits a group of rooms in one transaction.
func (s *Store) makeAll(ctx context.Context, group []making) (results []madeRoom, err error) {
	err = s.do(ctx, func(tx transaction) error {
		results, err = makeRooms(tx, group)
		return err
	})
	return results, err
}

func makeRooms(tx transaction, group []making) ([]madeRoom, error) {
	open, known, err := lockJoins(tx, group)
	if err != nil {
		return nil, err
	}
	var rooms []room
	var seats []seat
	var turns []int64
	results := make([]madeRoom, len(group))
	for i, g := range group {
		results[i] = decideRoom(g, open, known)
		if len(results[i].lost) > 0 || known[g.made.ID] {
			continue
		}
		rooms = append(rooms, room{g.made.ID, g.made.MovieID, g.title, g.made.At.UnixMilli()})
		for n, w := range g.made.Members {
			seats = append(seats, seat{
				RoomID: g.made.ID, Seat: n + 1, Generation: 1, MemberID: w.Member.ID, Nickname: w.Member.Nickname,
				JoinID: w.JoinID, GivenAt: g.made.At.UnixMilli(),
			})
			turns = append(turns, open[w.JoinID])
			delete(open, w.JoinID) // one wait, one room: also within a group
		}
	}
	if len(rooms) == 0 {
		return results, tx.commit()
	}
	return results, tx.commit(
		question{"insert_rooms", []any{list(rooms)}, nil},
		question{"insert_seats", []any{list(seats)}, nil},
		question{"end_waits", []any{rooms[len(rooms)-1].CreatedAt, match.OutcomeMatched, list(turns)}, nil},
	)
}

// lockJoins locks the waits of all rooms of a group, then looks which of the rooms exist
// by now. open holds the turns of the open waits by join id.
func lockJoins(tx transaction, group []making) (open map[string]int64, known map[string]bool, err error) {
	var joinIDs, roomIDs []string
	for _, g := range group {
		roomIDs = append(roomIDs, g.made.ID)
		for _, w := range g.made.Members {
			joinIDs = append(joinIDs, w.JoinID)
		}
	}
	var waits rows[wait]
	var rooms rows[room]
	err = tx.ask(question{"lock_joins", []any{list(joinIDs)}, &waits}, question{"known_rooms", []any{list(roomIDs)}, &rooms})
	open, known = map[string]int64{}, map[string]bool{}
	for _, w := range waits.all {
		open[w.JoinID] = w.Turn
	}
	for _, r := range rooms.all {
		known[r.RoomID] = true
	}
	return open, known, err
}

// decideRoom says whether a room can be made: it is there already, or all six still wait.
func decideRoom(g making, open map[string]int64, known map[string]bool) madeRoom {
	m := madeRoom{room: roomOf(g)}
	if known[g.made.ID] {
		return m
	}
	for _, w := range g.made.Members {
		if open[w.JoinID] == 0 {
			m.lost = append(m.lost, w.JoinID)
		}
	}
	return m
}

func roomOf(g making) matchapi.Room {
	r := matchapi.Room{RoomID: g.made.ID, MovieID: g.made.MovieID, Title: g.title, CreatedAt: wire.At(g.made.At)}
	for n, w := range g.made.Members {
		r.Seats = append(r.Seats, matchapi.Seat{Seat: n + 1, MemberID: w.Member.ID, Nickname: w.Member.Nickname})
	}
	return r
}

// OfMember lists the member's rooms, see match.Rooms.
func (s *Store) OfMember(ctx context.Context, memberID string, limit int) ([]match.Match, error) {
	db := s.db.WithContext(ctx)
	var mine []seat
	err := db.Table("seats").Joins("JOIN rooms ON rooms.room_id = seats.room_id").Select("seats.*").
		Where("seats.member_id = ? AND seats.outcome IS NULL", memberID).
		Order("rooms.created_at DESC, rooms.room_id DESC").Limit(limit).Find(&mine).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("list rooms: %w", err))
	}
	matches, err := matchesOf(db, mine)
	return matches, database.Fault(err)
}

// matchOf is the seat that was given to a join id, with its room.
func matchOf(db *gorm.DB, joinID string) (match.Match, error) {
	var mine seat
	if err := db.Table("seats").Where("join_id = ?", joinID).Take(&mine).Error; err != nil {
		return match.Match{}, fmt.Errorf("find seat of %s: %w", joinID, err)
	}
	matches, err := matchesOf(db, []seat{mine})
	if err != nil {
		return match.Match{}, err
	}
	return matches[0], nil
}

// matchesOf reads the rooms of the given seats, in their order.
func matchesOf(db *gorm.DB, mine []seat) ([]match.Match, error) {
	ids := make([]string, len(mine))
	for i, s := range mine {
		ids[i] = s.RoomID
	}
	var rooms []room
	if err := db.Table("rooms").Where("room_id IN ?", ids).Find(&rooms).Error; err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	var seats []seat
	if err := db.Table("seats").Where("room_id IN ?", ids).Order("seat, generation").Find(&seats).Error; err != nil {
		return nil, fmt.Errorf("read seats: %w", err)
	}
	matches := make([]match.Match, len(mine))
	for i, s := range mine {
		at := slices.IndexFunc(rooms, func(r room) bool { return r.RoomID == s.RoomID })
		matches[i] = match.Match{
			Room: rooms[at].domain(seats), Seat: s.Seat, Generation: s.Generation, Entered: s.EnteredAt != nil,
		}
	}
	return matches, nil
}

// domain is the room with those who hold its seats, out of seats in ascending order of
// seat and generation: who entered a seat, else who was given it last.
func (r room) domain(seats []seat) matchapi.Room {
	out := matchapi.Room{
		RoomID: r.RoomID, MovieID: r.MovieID, Title: r.Title, CreatedAt: wire.At(time.UnixMilli(r.CreatedAt)),
	}
	entered := false
	for _, s := range seats {
		if s.RoomID != r.RoomID {
			continue
		}
		holder := matchapi.Seat{Seat: s.Seat, MemberID: s.MemberID, Nickname: s.Nickname}
		if n := len(out.Seats); n > 0 && out.Seats[n-1].Seat == s.Seat {
			if !entered {
				out.Seats[n-1] = holder
			}
		} else {
			out.Seats, entered = append(out.Seats, holder), false
		}
		entered = entered || s.EnteredAt != nil
	}
	return out
}
