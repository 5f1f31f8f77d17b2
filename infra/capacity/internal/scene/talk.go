package scene

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
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

// slow: members talk; then as many as are asked for have a second line beside their own, which
// they read, so that it is known what the lines take; then another, which they do not read. A
// line that was read is no good for it: its server's kernel would hold 2 MB for it first.
func (s *stage) slow(ctx context.Context) error {
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer s.hangUpAll()
	talk := func() { s.talk(ctx, s.Rates[0], s.Duration) }
	s.step(ctx, "without", s.Rates[0], talk)
	s.beside(ctx, s.forgets, func() { s.step(ctx, "reading", s.Rates[0], talk) })
	s.beside(ctx, s.stalls, func() { s.step(ctx, "stalled", s.Rates[0], talk) })
	s.settle(ctx)
	return ctx.Err()
}

// beside has something done while members have second lines, and something done with these
// until their context ends. Whenever the server has ended one, there is another.
func (s *stage) beside(ctx context.Context, with func(context.Context, line.Sixseat) error, do func()) {
	holding, end := context.WithCancel(ctx)
	var held sync.WaitGroup
	pace.Steady(ctx, time.Now(), s.Ramp, s.Stalled, func(i int, _ time.Time) {
		held.Go(func() {
			for holding.Err() == nil {
				if err := s.second(holding, s.members[i%len(s.members)], len(s.members)+i, with); err != nil && holding.Err() == nil {
					s.meter.Fail("second line", err)
					return
				}
			}
		})
	})
	do()
	end()
	held.Wait()
}

// second opens a line beside a member's own and has something done with it.
func (s *stage) second(ctx context.Context, m *member, number int, with func(context.Context, line.Sixseat) error) error {
	session, err := s.node(number).Narrow().Sixseat(ctx, number, m.token, s.Beat)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := session.Join(m.roomID, -1); err != nil {
		return err
	}
	return with(ctx, session)
}

// forgets reads a line, and nothing is done with what it says.
func (s *stage) forgets(ctx context.Context, session line.Sixseat) error {
	defer context.AfterFunc(ctx, session.Interrupt)()
	var beats sync.WaitGroup
	defer beats.Wait()
	reading, end := context.WithCancel(ctx)
	defer end()
	beats.Go(func() { s.beats(reading, session) })
	for {
		if _, err := session.Next(); err != nil {
			return err
		}
	}
}

// stalls reads nothing from a line until the server has ended it.
func (s *stage) stalls(ctx context.Context, session line.Sixseat) error {
	if s.beats(ctx, session); ctx.Err() == nil {
		s.measure("stalledLinesEnded", 1)
	}
	return nil
}

// beats sends heart-beats until the line is over.
func (s *stage) beats(ctx context.Context, session line.Sixseat) {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if _, err := session.Pulse(now, now.Add(2*pulseEvery)); err != nil {
			return
		}
	}
}
