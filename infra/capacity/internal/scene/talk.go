package scene

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
)

// chat: everybody connects, then members talk at each rate in turn.
func (s *stage) chat(ctx context.Context) error {
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer s.hangUpAll()
	for _, perSecond := range s.Rates {
		s.step(ctx, fmt.Sprintf("%g/s", perSecond), perSecond, func() { s.talk(ctx, perSecond, s.Duration) })
	}
	s.settle(ctx)
	return ctx.Err()
}

// assemble seats and connects everybody.
func (s *stage) assemble(ctx context.Context) error {
	if err := s.gather(ctx); err != nil {
		return err
	}
	var err error
	s.step(ctx, "ramp", s.Ramp, func() { err = s.connect(ctx, s.Ramp) })
	if err != nil {
		s.hangUpAll()
	}
	return err
}

var errNobody = errors.New("nobody of the room is connected")

// talk lets somebody speak in each room in turn, perSecond in all rooms together.
func (s *stage) talk(ctx context.Context, perSecond float64, during time.Duration) {
	if perSecond == 0 {
		select {
		case <-time.After(during):
		case <-ctx.Done():
		}
		return
	}
	rooms := len(s.members) / matchapi.Seats
	pace.Steady(ctx, time.Now(), perSecond, int(perSecond*during.Seconds()), func(i int, due time.Time) {
		six, first := s.members[i%rooms*matchapi.Seats:][:matchapi.Seats], rand.IntN(matchapi.Seats)
		for k := range six {
			if s.speak(six[(first+k)%len(six)], due) {
				return
			}
		}
		s.meter.Skipped.Add(1)
		if !s.storming.Load() {
			s.meter.Fail("send", errNobody)
		}
	})
}

// storm: while members talk, all lines break at once, and all reconnect within a while
// with what they saw last.
func (s *stage) storm(ctx context.Context) error {
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer s.hangUpAll()
	perSecond := s.Rates[0]
	s.step(ctx, "before", perSecond, func() { s.talk(ctx, perSecond, s.Duration) })
	s.step(ctx, "storm", perSecond, func() { s.reconnect(ctx, perSecond) })
	s.step(ctx, "after", perSecond, func() { s.talk(ctx, perSecond, s.Duration) })
	s.settle(ctx)
	return ctx.Err()
}

func (s *stage) reconnect(ctx context.Context, perSecond float64) {
	s.storming.Store(true)
	defer s.storming.Store(false)
	cut := time.Now()
	for _, m := range s.members {
		m.bye.Store(true)
	}
	for _, m := range s.members {
		m.hangUp()
		m.giveUp()
	}
	talking, quiet := context.WithCancel(ctx)
	defer quiet()
	var talk, back sync.WaitGroup
	defer back.Wait()
	talk.Go(func() { s.talk(talking, perSecond, s.Within+s.Patience) })
	back.Go(func() {
		if err := s.connect(ctx, float64(len(s.members))/s.Within.Seconds()); err != nil && ctx.Err() == nil {
			s.meter.Fail("connect", err)
		}
	})
	behind := append([]*member{}, s.members...)
	whole := s.awaitFor(ctx, s.Within+s.Patience, func() bool {
		behind = remove(behind, func(m *member) bool { return m.session.Load() != nil && m.ear.Whole() })
		return len(behind) == 0
	})
	s.measure("wholeSeconds", time.Since(cut).Seconds())
	if !whole && ctx.Err() == nil {
		s.meter.Fail("not whole", fmt.Errorf("%d members still miss something %v after the lines broke", len(behind), time.Since(cut).Round(time.Second)))
	}
	quiet()
	talk.Wait()
}

// remove takes those off a list who are done, and keeps no order.
func remove(list []*member, done func(*member) bool) []*member {
	for i := 0; i < len(list); {
		if done(list[i]) {
			list[i] = list[len(list)-1]
			list = list[:len(list)-1]
		} else {
			i++
		}
	}
	return list
}

// slow: members talk; then as many as are asked for have a second line beside their own,
// from which they read nothing.
func (s *stage) slow(ctx context.Context) error {
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer s.hangUpAll()
	perSecond := s.Rates[0]
	s.step(ctx, "without", perSecond, func() { s.talk(ctx, perSecond, s.Duration) })
	stalling, end := context.WithCancel(ctx)
	var stalled sync.WaitGroup
	pace.Steady(ctx, time.Now(), s.Ramp, s.Stalled, func(i int, _ time.Time) {
		stalled.Go(func() { s.stall(stalling, s.members[i%len(s.members)], len(s.members)+i) })
	})
	s.step(ctx, "stalled", perSecond, func() { s.talk(ctx, perSecond, s.Duration) })
	end()
	stalled.Wait()
	s.settle(ctx)
	return ctx.Err()
}

// stall holds a line of a member's without reading it. Whenever the server has ended it,
// there is another.
func (s *stage) stall(ctx context.Context, m *member, number int) {
	for ctx.Err() == nil {
		if err := s.stallOnce(ctx, m, number); err != nil && ctx.Err() == nil {
			s.meter.Fail("stalled reader", err)
			return
		}
	}
}

func (s *stage) stallOnce(ctx context.Context, m *member, number int) error {
	session, err := s.node(number).Narrow().Sixseat(ctx, number, m.token, s.Beat)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := session.Join(m.roomID, -1); err != nil {
		return err
	}
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		if _, err := session.Pulse(now, now.Add(2*pulseEvery)); err != nil {
			s.measure("stalledLinesEnded", 1)
			return nil
		}
	}
}
