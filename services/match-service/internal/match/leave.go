package match

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Leave ends what the member has: a wait, or a match. The store decides a race with the
// pop: either the wait is ended first, then no room is made of it, or the room is
// committed first, then the answer is the match that was given up.
func (s *Service) Leave(ctx context.Context, member Member) (matchapi.Left, error) {
	s.catchUp(ctx) // a seat that was entered is not given up
	before, err := s.p.Waits.Leave(ctx, member.ID, s.p.Now())
	if err != nil {
		return matchapi.Left{}, err
	}
	reason, gaveUp := matchapi.ReasonCancelled, (*Seat)(nil)
	switch {
	case before.Outcome == OutcomeMatched && !before.Match.Entered:
		m := before.Match
		gaveUp = &Seat{RoomID: m.Room.RoomID, Number: m.Seat, Generation: m.Generation}
	case before.Outcome != "" && before.Outcome != OutcomeMatched:
		reason = before.reason() // nothing was ended now; the old one stays true
	}
	step, err := s.p.Queue.Leave(ctx, member, before.Wait.Turn, reason, gaveUp)
	if err != nil {
		// The wait is over in the store, and that is what counts: the queue cannot make a
		// room of it any more, and forgets it when the two are compared.
		s.p.Log.Warn("queue not told of a leave", "member_id", member.ID, "err", err)
	}
	s.after(ctx, member, step)
	return ended(before), nil
}

func ended(before Standing) matchapi.Left {
	switch {
	case before.Outcome == OutcomeMatched:
		return matchapi.Left{Ended: matchapi.Matched, Room: &before.Match.Room}
	case before.Outcome == "" && before.Wait.Turn > 0:
		return matchapi.Left{Ended: matchapi.Waiting}
	}
	return matchapi.Left{Ended: matchapi.Idle}
}
