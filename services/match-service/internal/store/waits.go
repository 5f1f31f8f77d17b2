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

// opened is the answer to one ask. taken says that another node has opened a wait for
// the member at the same moment, so that nothing was decided.
type opened struct {
	standing match.Standing
	taken    bool
}

// Open commits a wait, see match.Waits.
func (s *Store) Open(ctx context.Context, ask match.Ask) (match.Standing, error) {
	for range maxConflicts {
		o, err := s.waits.do(ctx, ask)
		if err != nil {
			return match.Standing{}, err
		}
		if !o.taken {
			return o.standing, nil
		}
	}
	return match.Standing{}, fault.New(fault.Unavailable, "You are joining from too many places at once.").WithRetry(time.Second)
}

// openAll decides a group of asks, each of another member, in one transaction.
func (s *Store) openAll(ctx context.Context, asks []match.Ask) (results []opened, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		results, err = s.decide(tx, asks)
		return err
	})
	return results, err
}

// plan sorts the asks of a group by what they take.
type plan struct {
	again, moved []int64 // turns: asked for again, replaced
	fresh        []wait
}

func (s *Store) decide(tx *gorm.DB, asks []match.Ask) ([]opened, error) {
	open, seated, err := s.standings(tx, asks)
	if err != nil {
		return nil, err
	}
	var p plan
	results := make([]opened, len(asks))
	for i, a := range asks {
		w, waits := open[a.Member.ID]
		st, isSeated := seated[a.Member.ID]
		switch {
		case isSeated:
			results[i].standing = st
		case waits && a.Continues(w):
			p.again = append(p.again, w.Turn)
			w.AskedAt = a.At
			results[i].standing.Wait = w
		default:
			joinedAt := a.At
			if waits {
				joinedAt = a.JoinedAt(w)
				p.moved = append(p.moved, w.Turn)
			}
			row := newWait(a, joinedAt)
			p.fresh = append(p.fresh, row)
			results[i].standing.Wait = row.domain()
		}
	}
	turns, err := s.carryOut(tx, p, asks[len(asks)-1].At)
	if err != nil {
		return nil, err
	}
	for i := range results {
		if w := &results[i].standing.Wait; w.Turn == 0 {
			w.Turn = turns[w.JoinID]
			results[i].taken = w.Turn == 0
		}
	}
	return results, nil
}

// standings finds and locks the open waits of those who ask, and then, in a new
// statement that sees what was committed while the first one waited, the seats that they
// have not entered yet. A seat that is no longer offered to anybody keeps nobody from
// waiting anew: the news that it was entered may be lost.
func (s *Store) standings(tx *gorm.DB, asks []match.Ask) (open map[string]match.Wait, seated map[string]match.Standing, err error) {
	ids := make([]string, len(asks))
	for i, a := range asks {
		ids[i] = a.Member.ID
	}
	members := list(ids)
	rows, err := query[wait](s.sql, tx, "lock_open_waits", members)
	if err != nil {
		return nil, nil, err
	}
	open = map[string]match.Wait{}
	for _, r := range rows {
		open[r.MemberID] = r.domain()
	}
	unentered, err := query[wait](s.sql, tx, "unentered_seats", members, asks[0].At.Add(-match.RefillFor).UnixMilli())
	if err != nil {
		return nil, nil, err
	}
	seated = map[string]match.Standing{}
	for _, u := range unentered {
		m, err := matchOf(tx, u.JoinID)
		if err != nil {
			return nil, nil, err
		}
		seated[u.MemberID] = match.Standing{Wait: u.domain(), Outcome: match.OutcomeMatched, Match: &m}
	}
	return open, seated, nil
}

// carryOut writes a plan and returns the turns of the fresh waits by join id.
func (s *Store) carryOut(tx *gorm.DB, p plan, at time.Time) (map[string]int64, error) {
	if len(p.again) > 0 {
		if err := s.sql.exec(tx, "ask_again", at.UnixMilli(), list(p.again)); err != nil {
			return nil, err
		}
	}
	if len(p.moved) > 0 {
		if err := s.sql.exec(tx, "end_waits", at.UnixMilli(), match.OutcomeMoved, list(p.moved)); err != nil {
			return nil, err
		}
	}
	turns := map[string]int64{}
	if len(p.fresh) == 0 {
		return turns, nil
	}
	rows, err := query[wait](s.sql, tx, "insert_waits", list(p.fresh))
	for _, r := range rows {
		turns[r.JoinID] = r.Turn
	}
	return turns, err
}

// Last is the member's latest wait, see match.Waits.
func (s *Store) Last(ctx context.Context, memberID string) (match.Standing, error) {
	st, err := last(s.db.WithContext(ctx), memberID)
	return st, database.Fault(err)
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
	st := match.Standing{Wait: w.domain()}
	if w.Outcome == nil {
		return st, nil
	}
	st.Outcome = *w.Outcome
	if st.Outcome != match.OutcomeMatched {
		return st, nil
	}
	m, err := matchOf(db, w.JoinID)
	st.Match = &m
	return st, err
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
