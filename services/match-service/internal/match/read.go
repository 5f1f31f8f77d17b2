package match

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Read says where the member stands and marks them as present. It is what GET and every
// event stream do; a stream does it every ReadEvery.
func (s *Service) Read(ctx context.Context, member Member) (State, error) {
	step, err := s.p.Queue.Touch(ctx, member.ID)
	if err != nil {
		return State{}, err
	}
	if !step.Known {
		if step, err = s.restore(ctx, member, step); err != nil {
			return State{}, err
		}
	}
	return s.after(ctx, member, step), nil
}

// restore puts a member whom the queue does not know back to where the store says they
// stand: the queue may be new, or have lost its last second.
func (s *Service) restore(ctx context.Context, member Member, missing Step) (Step, error) {
	last, err := s.p.Waits.Last(ctx, member.ID)
	if err != nil {
		return Step{}, err
	}
	switch last.Outcome {
	case "":
		if last.Wait.Turn > 0 {
			return s.restoreWait(ctx, last.Wait, missing)
		}
		// Who never waited is idle, and the queue need not remember it: most who look for
		// the first time are about to join.
		return Step{Known: true, State: State{Kind: matchapi.Idle}}, nil
	case OutcomeMatched:
		m := *last.Match
		seated := Seated{Wait: last.Wait, Seat: m.Seat, Generation: m.Generation, Entered: m.Entered}
		return Step{Known: true, State: matched(m)}, s.p.Queue.Settle(ctx, "", m.Room, []Seated{seated})
	}
	return s.p.Queue.Leave(ctx, member, last.Wait.Turn, last.reason(), nil)
}

// restoreWait gives an open wait its old place back. But when the queue has been working
// for longer than a place is kept without hearing of the member, and no PUT came in that
// time, then they were absent all the while.
func (s *Service) restoreWait(ctx context.Context, w Wait, missing Step) (Step, error) {
	since := missing.Resumed
	if w.AskedAt.After(since) {
		since = w.AskedAt
	}
	if s.p.Now().Sub(since) <= s.p.Limits.Forgotten() {
		s.p.Log.Info("place restored", "member_id", w.Member.ID, "joined_at", w.JoinedAt)
		return s.p.Queue.Join(ctx, w, Healed)
	}
	if err := s.expire(ctx, []string{w.JoinID}); err != nil {
		return Step{}, err
	}
	return s.p.Queue.Leave(ctx, w.Member, w.Turn, matchapi.ReasonExpired, nil)
}

func (s *Service) expire(ctx context.Context, joinIDs []string) error {
	if len(joinIDs) == 0 {
		return nil
	}
	now := s.p.Now()
	return s.p.Waits.Expire(ctx, joinIDs, now, now.Add(-s.p.Limits.Forgotten()))
}
