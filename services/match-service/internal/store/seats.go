package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

var forUpdate = clause.Locking{Strength: clause.LockingStrengthUpdate}

// seatRows are all who were ever given one seat, in the order of generations, and their
// waits by join id; both are locked.
type seatRows struct {
	given []seat
	waits map[string]wait
}

// lockSeat locks a seat, and before it the waits behind it and those of join ids that
// come in addition. Waits before seats, by turn: the order of all who lock both.
func lockSeat(tx *gorm.DB, roomID string, number int, more ...string) (seatRows, error) {
	given, err := seatOf(tx, roomID, number)
	if err != nil {
		return seatRows{}, err
	}
	for {
		rows := seatRows{}
		if rows.waits, err = lockWaits(tx, given, more); err != nil {
			return rows, err
		}
		// A new statement: it sees what was committed while we waited for the locks. If the
		// seat was given on meanwhile there is one more wait to lock.
		if rows.given, err = seatOf(tx, roomID, number, forUpdate); err != nil || len(rows.given) == len(given) {
			return rows, err
		}
		given = rows.given
	}
}

// lockWaits locks the waits of all who were given a seat, and of more join ids.
func lockWaits(tx *gorm.DB, given []seat, more []string) (map[string]wait, error) {
	return waitsOf(tx.Clauses(forUpdate), given, more...)
}

// waitsOf are the waits of all who were given seats, and of more join ids, by join id.
func waitsOf(tx *gorm.DB, given []seat, more ...string) (map[string]wait, error) {
	joinIDs := slices.Clone(more)
	for _, g := range given {
		joinIDs = append(joinIDs, g.JoinID)
	}
	var found []wait
	if err := tx.Table("waits").Where("join_id IN ?", joinIDs).Order("turn").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("read waits of seats: %w", err)
	}
	waits := map[string]wait{}
	for _, w := range found {
		waits[w.JoinID] = w
	}
	return waits, nil
}

func seatOf(tx *gorm.DB, roomID string, number int, locking ...clause.Expression) ([]seat, error) {
	var given []seat
	err := tx.Clauses(locking...).Table("seats").Where("room_id = ? AND seat = ?", roomID, number).Order("generation").Find(&given).Error
	if err != nil {
		return nil, fmt.Errorf("read seat: %w", err)
	}
	return given, nil
}

// GiveOn commits a seat's next generation, see match.Seats.
func (s *Store) GiveOn(ctx context.Context, made match.Made) (r matchapi.Room, refused *match.Refusal, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		taker := made.Members[0]
		rows, err := lockSeat(tx, made.Seat.RoomID, made.Seat.Number, taker.JoinID)
		if err != nil {
			return err
		}
		if !rows.hasJoin(taker.JoinID) { // else it was committed before
			if refused, err = refuse(tx, made, rows); err != nil || refused != nil {
				return err
			}
			if err := s.give(tx, made, rows.given[len(rows.given)-1]); err != nil {
				return err
			}
		}
		m, err := matchOf(tx, taker.JoinID)
		r = m.Room
		return err
	})
	return r, refused, database.Fault(err)
}

func (r seatRows) hasJoin(joinID string) bool {
	for _, g := range r.given {
		if g.JoinID == joinID {
			return true
		}
	}
	return false
}

// refuse says why a seat cannot be given on, or nil.
func refuse(tx *gorm.DB, made match.Made, rows seatRows) (*match.Refusal, error) {
	for _, g := range rows.given {
		if g.EnteredAt != nil {
			return &match.Refusal{Seat: match.SeatGone}, nil
		}
	}
	if n := len(rows.given); n == 0 || rows.given[n-1].Generation != made.Seat.Generation-1 {
		return &match.Refusal{Seat: match.SeatGone}, nil
	}
	taker := made.Members[0]
	if w, known := rows.waits[taker.JoinID]; !known || w.Outcome != nil {
		return &match.Refusal{Lost: []string{taker.JoinID}, Seat: match.SeatOpen}, nil
	}
	var met int64
	err := tx.Table("seats").Where("room_id = ? AND member_id = ?", made.Seat.RoomID, taker.Member.ID).Count(&met).Error
	if err != nil {
		return nil, fmt.Errorf("look for the taker in the room: %w", err)
	}
	if met > 0 {
		return &match.Refusal{Seat: match.SeatMet}, nil
	}
	return nil, nil
}

// give writes the next generation of a seat; its former holder, unless they have given
// it up themselves, learns that it was given away.
func (s *Store) give(tx *gorm.DB, made match.Made, former seat) error {
	taker := made.Members[0]
	next := seat{
		RoomID: made.Seat.RoomID, Seat: made.Seat.Number, Generation: made.Seat.Generation, MemberID: taker.Member.ID,
		Nickname: taker.Member.Nickname, JoinID: taker.JoinID, GivenAt: made.At.UnixMilli(),
	}
	if err := s.sql.exec(tx, "insert_seats", list([]seat{next})); err != nil {
		return err
	}
	if err := s.sql.exec(tx, "end_waits", made.At.UnixMilli(), match.OutcomeMatched, list([]int64{taker.Turn})); err != nil {
		return err
	}
	if former.Outcome != nil {
		return nil
	}
	return lose(tx, former.JoinID, seatGivenAway, match.OutcomeGivenAway)
}

// lose takes a seat from a member, with what seat and wait have come to.
func lose(tx *gorm.DB, joinID, seatOutcome, waitOutcome string) error {
	err := tx.Table("seats").Where("join_id = ?", joinID).Update("outcome", seatOutcome).Error
	if err == nil {
		err = tx.Table("waits").Where("join_id = ? AND outcome = ?", joinID, match.OutcomeMatched).Update("outcome", waitOutcome).Error
	}
	if err != nil {
		return fmt.Errorf("take seat from %s: %w", joinID, err)
	}
	return nil
}

// Enter notes who entered a seat, see match.Seats.
func (s *Store) Enter(ctx context.Context, e matchapi.Entry, at time.Time, newID func() string) (result match.Entered, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		rows, err := lockSeat(tx, e.RoomID, e.Seat)
		if err != nil {
			return err
		}
		mine, known := rows.of(e)
		if !known {
			return nil
		}
		if err := enter(tx, mine, e.At); err != nil {
			return err
		}
		if result.Returned, err = s.returnOthers(tx, rows, mine, at, newID); err != nil {
			return err
		}
		m, err := matchOf(tx, mine.JoinID)
		result.Room = m.Room
		result.Seated = &match.Seated{
			Wait: rows.waits[mine.JoinID].domain(), Seat: mine.Seat, Generation: mine.Generation, Entered: true,
		}
		return err
	})
	return result, database.Fault(err)
}

// entryRow is an entry as the statements want it.
type entryRow struct {
	RoomID     string `json:"room_id"`
	Seat       int    `json:"seat"`
	Generation int    `json:"generation"`
	MemberID   string `json:"member_id"`
	EnteredAt  int64  `json:"entered_at"`
}

// EnterAll notes who entered seats that were given to them alone, see match.Seats. It locks
// those seats and no waits: whoever locks both locks the waits first, so that neither waits
// for the other in a ring.
func (s *Store) EnterAll(ctx context.Context, entries []matchapi.Entry) ([]match.Entered, error) {
	results := make([]match.Entered, len(entries))
	var asked []entryRow
	for _, e := range entries {
		if e.Kind == matchapi.KindEntered {
			asked = append(asked, entryRow{e.RoomID, e.Seat, e.Generation, e.MemberID, e.At.UnixMilli()})
		}
	}
	if len(asked) == 0 {
		return results, nil
	}
	var seated map[entryRow]match.Entered
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		seated, err = s.enterAlone(tx, list(asked))
		return err
	})
	for i, e := range entries {
		if e.Kind == matchapi.KindEntered {
			results[i] = seated[entryRow{RoomID: e.RoomID, Seat: e.Seat, Generation: e.Generation, MemberID: e.MemberID}]
		}
	}
	return results, database.Fault(err)
}

// enterAlone returns who sits alone on the seats of entries, by the entry without its time.
func (s *Store) enterAlone(tx *gorm.DB, entries string) (map[entryRow]match.Entered, error) {
	// The next statement sees what was committed while this one waited.
	if err := s.sql.exec(tx, "lock_entries", entries); err != nil {
		return nil, err
	}
	if err := s.sql.exec(tx, "enter_seats", entries); err != nil {
		return nil, err
	}
	seats, err := query[seat](s.sql, tx, "entered_alone", entries)
	if err != nil {
		return nil, err
	}
	matches, err := matchesOf(tx, seats)
	if err != nil {
		return nil, err
	}
	waits, err := waitsOf(tx, seats)
	if err != nil {
		return nil, err
	}
	seated := map[entryRow]match.Entered{}
	for i, mine := range seats {
		key := entryRow{RoomID: mine.RoomID, Seat: mine.Seat, Generation: mine.Generation, MemberID: mine.MemberID}
		seated[key] = match.Entered{Room: matches[i].Room, Seated: &match.Seated{
			Wait: waits[mine.JoinID].domain(), Seat: mine.Seat, Generation: mine.Generation, Entered: true,
		}}
	}
	return seated, nil
}

// Left notes who has left a seat, see match.Seats.
func (s *Store) Left(ctx context.Context, e matchapi.Entry) (w match.Wait, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		rows, err := lockSeat(tx, e.RoomID, e.Seat)
		if err != nil {
			return err
		}
		mine, known := rows.of(e)
		if !known {
			return nil
		}
		w = rows.waits[mine.JoinID].domain()
		if err := enter(tx, mine, e.At); err != nil { // whoever has left was inside
			return err
		}
		return lose(tx, mine.JoinID, seatLeft, match.OutcomeLeft)
	})
	return w, database.Fault(err)
}

// of finds the seat that an entry speaks of. When another generation was entered before,
// the entry contradicts an earlier one, and the earlier one stands.
func (r seatRows) of(e matchapi.Entry) (mine seat, known bool) {
	for _, g := range r.given {
		if g.Generation == e.Generation && g.MemberID == e.MemberID {
			mine, known = g, true
		} else if g.EnteredAt != nil {
			return seat{}, false
		}
	}
	return mine, known
}

// enter marks a seat as entered. What it had come to before, given away or given up, is
// undone: whoever enters first keeps it.
func enter(tx *gorm.DB, mine seat, at time.Time) error {
	if mine.EnteredAt != nil {
		return nil
	}
	err := tx.Table("seats").Where("join_id = ?", mine.JoinID).
		Updates(map[string]any{"entered_at": at.UnixMilli(), "outcome": nil}).Error
	if err == nil {
		err = tx.Table("waits").Where("join_id = ? AND outcome = ?", mine.JoinID, match.OutcomeGivenAway).
			Update("outcome", match.OutcomeMatched).Error
	}
	if err != nil {
		return fmt.Errorf("enter seat: %w", err)
	}
	return nil
}

// returnOthers takes the seat from all others who hold it and opens them a new wait with
// the old place. It returns the open waits of all who ever lost this seat so.
func (s *Store) returnOthers(tx *gorm.DB, rows seatRows, mine seat, at time.Time, newID func() string) ([]match.Wait, error) {
	var members []string
	for _, g := range rows.given {
		if g.JoinID == mine.JoinID {
			continue
		}
		if g.Outcome != nil && *g.Outcome == seatTaken {
			members = append(members, g.MemberID)
		}
		if g.Outcome != nil {
			continue
		}
		if err := lose(tx, g.JoinID, seatTaken, match.OutcomeTaken); err != nil {
			return nil, err
		}
		again := rows.waits[g.JoinID]
		again.JoinID, again.AskedAt = newID(), at.UnixMilli()
		if _, err := query[wait](s.sql, tx, "insert_waits", list([]wait{again})); err != nil {
			return nil, err
		}
		members = append(members, g.MemberID)
	}
	if len(members) == 0 {
		return nil, nil
	}
	rowsOpen, err := query[wait](s.sql, tx, "lock_open_waits", list(members))
	return domainWaits(rowsOpen), err
}

// Unentered lists seats that nobody entered, see match.Seats.
func (s *Store) Unentered(ctx context.Context, since, given time.Time, joinID string, limit int) ([]match.Vacant, error) {
	db := s.db.WithContext(ctx)
	var seats []seat
	err := db.Table("seats").
		Where("given_at >= ? AND (given_at, join_id) < (?, ?) AND entered_at IS NULL", since.UnixMilli(), given.UnixMilli(), joinID).
		Where("outcome IS NULL OR outcome = ?", seatGivenUp).
		Where("NOT EXISTS (SELECT 1 FROM seats n WHERE n.room_id = seats.room_id AND n.seat = seats.seat AND n.generation > seats.generation)").
		Where("EXISTS (SELECT 1 FROM rooms r WHERE r.room_id = seats.room_id AND r.created_at >= ?)", since.UnixMilli()).
		Order("given_at DESC, join_id DESC").Limit(limit).Find(&seats).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("list unentered seats: %w", err))
	}
	matches, err := matchesOf(db, seats)
	vacant := make([]match.Vacant, len(matches))
	for i, m := range matches {
		vacant[i] = match.Vacant{Match: m, JoinID: seats[i].JoinID, GivenAt: time.UnixMilli(seats[i].GivenAt), GivenUp: seats[i].Outcome != nil}
	}
	return vacant, database.Fault(err)
}

// OpenWaits lists open waits, see match.Audit.
func (s *Store) OpenWaits(ctx context.Context, after int64, limit int) ([]match.Wait, error) {
	var rows []wait
	err := s.db.WithContext(ctx).Table("waits").Where("ended_at IS NULL AND turn > ?", after).Order("turn").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, database.Fault(fmt.Errorf("list open waits: %w", err))
	}
	return domainWaits(rows), nil
}
