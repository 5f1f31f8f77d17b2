package match

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Leave ends what the member has: a wait, or a match. The store decides a race with the
// pop: either the wait is ended first, then no room is made of it, or the room is
// committed first, then the answer is the match that was given up.
func (s *Service) Leave(ctx context.Context, member Member) (matchapi.Left, error) {
	before, err := s.p.Waits.Leave(ctx, member.ID, s.p.Now())
	if err != nil {
		return matchapi.Left{}, err
	}
	reason := matchapi.ReasonCancelled
	if before.Outcome != "" && before.Outcome != OutcomeMatched {
		reason = before.Outcome // nothing was ended now; the old reason stays true
	}
	if _, err := s.p.Queue.Leave(ctx, member, before.Wait.Turn, reason); err != nil {
		// The wait is over in the store, and that is what counts: the queue cannot make a
		// room of it any more, and forgets it when the two are compared.
		s.p.Log.Warn("queue not told of a leave", "member_id", member.ID, "err", err)
	}
	return left(before), nil
}

func left(before Standing) matchapi.Left {
	switch {
	case before.Outcome == OutcomeMatched:
		return matchapi.Left{Ended: matchapi.Matched, Room: &before.Match.Room}
	case before.Outcome == "" && before.Wait.Turn > 0:
		return matchapi.Left{Ended: matchapi.Waiting}
	}
	return matchapi.Left{Ended: matchapi.Idle}
}
