package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// opened is the answer to one ask. seated says that the wait ended in a seat that was
// not entered yet, taken that another node has opened a wait for the member at the same
// moment, so that nothing was decided.
type opened struct {
	wait          match.Wait
	seated, taken bool
}

// Open commits a wait, see match.Waits.
func (s *Store) Open(ctx context.Context, ask match.Ask) (match.Standing, error) {
	for range maxConflicts {
		o, err := s.waits.do(ctx, ask)
		switch {
		case err != nil:
			return match.Standing{}, err
		case o.seated:
			return s.seatedBy(ctx, o.wait)
		case !o.taken:
			return match.Standing{Wait: o.wait}, nil
		}
	}
	return match.Standing{}, fault.New(fault.Unavailable, "You are joining from too many places at once.").WithRetry(time.Second)
}

// seatedBy is where a member stands whose wait ended in a seat.
func (s *Store) seatedBy(ctx context.Context, w match.Wait) (match.Standing, error) {
	m, err := matchOf(s.db.WithContext(ctx), w.JoinID)
	if err != nil {
		return match.Standing{}, database.Fault(err)
	}
	return match.Standing{Wait: w, Outcome: match.OutcomeMatched, Match: &m}, nil
}

// openAll decides a group of asks, each of another member, in one transaction.
func (s *Store) openAll(ctx context.Context, asks []match.Ask) (results []opened, err error) {
	err = s.do(ctx, func(tx transaction) error {
		results, err = decide(tx, asks)
		return err
	})
	return results, err
}

// plan sorts the asks of a group by what they take.
type plan struct {
	again, moved []int64 // turns: asked for again, replaced
	fresh        []wait
}

func decide(tx transaction, asks []match.Ask) ([]opened, error) {
	open, seated, err := standings(tx, asks)
	if err != nil {
		return nil, err
	}
	var p plan
	results := make([]opened, len(asks))
	for i, a := range asks {
		w, waits := open[a.Member.ID]
		last, isSeated := seated[a.Member.ID]
		switch {
		case isSeated:
			results[i] = opened{wait: last, seated: true}
		case waits && a.Continues(w):
			p.again = append(p.again, w.Turn)
			w.AskedAt = a.At
			results[i].wait = w
		default:
			joinedAt := a.At
			if waits {
				joinedAt = a.JoinedAt(w)
				p.moved = append(p.moved, w.Turn)
			}
			row := newWait(a, joinedAt)
			p.fresh = append(p.fresh, row)
			results[i].wait = row.domain()
		}
	}
	turns, err := p.commit(tx, asks[len(asks)-1].At)
	if err != nil {
		return nil, err
	}
	for i := range results {
		if w := &results[i].wait; w.Turn == 0 {
			w.Turn = turns[w.JoinID]
			results[i].taken = w.Turn == 0
		}
	}
	return results, nil
}

// standings finds and locks the open waits of those who ask, and then, in a new
// statement that sees what was committed while the first one waited, the waits that ended
// in seats which they have not entered yet. A seat that is no longer offered to anybody
// keeps nobody from waiting anew: the news that it was entered may be lost.
func standings(tx transaction, asks []match.Ask) (open, seated map[string]match.Wait, err error) {
	ids := make([]string, len(asks))
	for i, a := range asks {
		ids[i] = a.Member.ID
	}
	members := list(ids)
	var waiting, unentered rows[wait]
	err = tx.ask(
		question{"lock_open_waits", []any{members}, &waiting},
		question{"unentered_seats", []any{members, asks[0].At.Add(-match.RefillFor).UnixMilli()}, &unentered},
	)
	return byMember(waiting), byMember(unentered), err
}

func byMember(found rows[wait]) map[string]match.Wait {
	waits := make(map[string]match.Wait, len(found.all))
	for _, w := range found.all {
		waits[w.MemberID] = w.domain()
	}
	return waits
}

// commit writes a plan and returns the turns of the fresh waits by join id.
func (p plan) commit(tx transaction, at time.Time) (map[string]int64, error) {
	var questions []question
	var fresh rows[wait]
	if len(p.again) > 0 {
		questions = append(questions, question{"ask_again", []any{at.UnixMilli(), list(p.again)}, nil})
	}
	if len(p.moved) > 0 {
		questions = append(questions, question{"end_waits", []any{at.UnixMilli(), match.OutcomeMoved, list(p.moved)}, nil})
	}
	if len(p.fresh) > 0 {
		questions = append(questions, question{"insert_waits", []any{list(p.fresh)}, &fresh})
	}
	err := tx.commit(questions...)
	turns := make(map[string]int64, len(fresh.all))
	for _, w := range fresh.all {
		turns[w.JoinID] = w.Turn
	}
	return turns, err
}

// Last is the member's latest wait, see match.Waits. Members who come at the same moment,
// as all do when the queue is empty after a fail-over, are looked for together.
func (s *Store) Last(ctx context.Context, memberID string) (match.Standing, error) {
	return s.lasts.Get(ctx, memberID)
}

func (s *Store) lastOf(ctx context.Context, memberIDs []string) (map[string]match.Standing, error) {
	db := s.db.WithContext(ctx)
	waits, err := query[wait](s.sql, db, "last_waits", list(memberIDs))
	if err != nil {
		return nil, database.Fault(err)
	}
	seats, err := seatsOf(db, waits)
	if err != nil {
		return nil, database.Fault(err)
	}
	all := make(map[string]match.Standing, len(waits))
	for _, w := range waits {
		all[w.MemberID] = w.standing(seats[w.JoinID])
	}
	return all, nil
}

// seatsOf are the seats in which waits ended, by join id.
func seatsOf(db *gorm.DB, waits []wait) (map[string]*match.Match, error) {
	var joinIDs []string
	for _, w := range waits {
		if w.matched() {
			joinIDs = append(joinIDs, w.JoinID)
		}
	}
	if len(joinIDs) == 0 {
		return nil, nil
	}
	var seats []seat
	if err := db.Table("seats").Where("join_id IN ?", joinIDs).Find(&seats).Error; err != nil {
		return nil, fmt.Errorf("find seats: %w", err)
	}
	if len(seats) != len(joinIDs) {
		return nil, fmt.Errorf("find seats: %d for %d matched waits", len(seats), len(joinIDs))
	}
	matches, err := matchesOf(db, seats)
	byJoin := make(map[string]*match.Match, len(matches))
	for i := range matches {
		byJoin[seats[i].JoinID] = &matches[i]
	}
	return byJoin, err
}

// last finds the member's latest wait; with a locking clause nobody changes it meanwhile.
func last(db *gorm.DB, memberID string, locking ...clause.Expression) (match.Standing, error) {
	var w wait
	err := db.Clauses(locking...).Table("waits").Where("member_id = ?", memberID).Order("turn DESC").Take(&w).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return match.Standing{}, nil
	}
	if err != nil {
		return match.Standing{}, fmt.Errorf("find latest wait: %w", err)
	}
	seats, err := seatsOf(db, []wait{w})
	return w.standing(seats[w.JoinID]), err
}

// Leave ends a wait or gives up a match, see match.Waits.
func (s *Store) Leave(ctx context.Context, memberID string, at time.Time) (before match.Standing, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		before, err = last(tx, memberID, forUpdate)
		if err != nil {
			return err
		}
		switch {
		case before.Outcome == match.OutcomeMatched:
			return s.giveUp(tx, *before.Match, before.Wait)
		case before.Outcome == "" && before.Wait.Turn > 0:
			return s.sql.exec(tx, "end_waits", at.UnixMilli(), match.OutcomeCancelled, list([]int64{before.Wait.Turn}))
		}
		return nil
	})
	return before, database.Fault(err)
}

// giveUp ends a match. The seat is free for others only if the member never sat in it.
func (s *Store) giveUp(tx *gorm.DB, m match.Match, w match.Wait) error {
	err := tx.Table("waits").Where("turn = ?", w.Turn).Update("outcome", match.OutcomeCancelled).Error
	if err == nil && !m.Entered {
		err = tx.Table("seats").Where("join_id = ? AND entered_at IS NULL", w.JoinID).Update("outcome", seatGivenUp).Error
	}
	if err != nil {
		return fmt.Errorf("give up seat: %w", err)
	}
	return nil
}

// Expire ends absent members' waits, see match.Waits.
func (s *Store) Expire(ctx context.Context, joinIDs []string, at, askedBefore time.Time) error {
	return database.Fault(s.sql.exec(s.db.WithContext(ctx), "expire_waits", at.UnixMilli(), askedBefore.UnixMilli(), list(joinIDs)))
}
