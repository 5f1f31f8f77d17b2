package scene

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/parts"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// member is one of the six of a room.
type member struct {
	number int // of the connection
	token  string
	roomID string
	length int // of what the member says
	room   *judge.Room
	ear    *judge.Listener

	session atomic.Pointer[line.Chat] // nil while there is none
	bye     atomic.Bool               // who hangs up is this side
	ended   chan struct{}             // closed when the line is; nil before there was one

	mu   sync.Mutex // guards open
	open map[int]bool
}

// start opens the member's line in a goroutine, which goes when it is open. opened is called
// when the member listens, or does not for err.
func (s *stage) start(ctx context.Context, m *member, due time.Time, opened func(err error)) {
	m.bye.Store(false)
	s.lines.Go(func() {
		s.meter.Late.Record(time.Since(due))
		session, err := s.subscribe(ctx, m)
		defer opened(err)
		if err != nil {
			s.meter.Fail("connect", err)
			m.ear.Leave(0)
			return
		}
		s.meter.Connect.Record(time.Since(due))
		s.attend(m, session)
	})
}

// attend has a line heard that has subscribed, to its end.
func (s *stage) attend(m *member, session line.Chat) {
	m.ended = make(chan struct{})
	m.session.Store(&session)
	s.meter.Open.Add(1)
	s.lines.Add(1)
	s.listen(m, session, func(err error) {
		defer s.lines.Done()
		defer close(m.ended)
		session.Close()
		m.session.Store(nil)
		s.meter.Open.Add(-1)
		if !m.bye.Load() { // that is one failure, not the loss of each message that comes later
			s.meter.Fail("line broke", err)
			m.giveUp()
			m.ear.Leave(0)
		}
	})
}

// hangUp ends the line and waits until nobody hears it any more. What was not answered by then
// stays so, unless it is given up.
func (m *member) hangUp() {
	if m.ended == nil {
		return
	}
	m.bye.Store(true)
	if session := m.session.Load(); session != nil {
		(*session).Close()
	}
	<-m.ended
}

// subscribe opens a line that hears everything after what the member has heard.
func (s *stage) subscribe(ctx context.Context, m *member) (line.Chat, error) {
	session, err := s.dial(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := s.subscribed(m, session); err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

func (s *stage) dial(ctx context.Context, m *member) (line.Chat, error) {
	if s.Peer != nil {
		return s.Peer(ctx, s.Chat, m.number, s.Beat)
	}
	return s.node(m.number).Sixseat(ctx, m.number, m.token, s.Beat)
}

// node is the chat node that the i-th connection goes to: the six of a room are on all.
func (s *stage) node(i int) line.Target {
	if i %= 1 + len(s.Others); i > 0 {
		return s.Others[i-1]
	}
	return s.Chat
}

func (s *stage) subscribed(m *member, session line.Chat) error {
	if err := session.Deadline(time.Now().Add(subscribeTimeout)); err != nil {
		return err
	}
	if err := session.Join(m.roomID, m.ear.Seen()); err != nil {
		return err
	}
	for {
		e, err := session.Hear()
		if err != nil {
			return fmt.Errorf("SUBSCRIBE: %w", err)
		}
		if e.Kind == line.Joined {
			return session.Deadline(time.Time{})
		}
		s.take(m, e, session.Heard())
	}
}

// listen has everything taken that the member hears, and over told why that ended.
func (s *stage) listen(m *member, session line.Chat, over func(error)) {
	line.Listen(session, func(e line.Event) { s.take(m, e, session.Heard()) }, over)
}

// take is what a member does with what it heard at `at`.
func (s *stage) take(m *member, e line.Event, at time.Time) {
	switch e.Kind {
	case line.Message:
		s.meter.Delivered.Add(1)
		if due, fresh := m.ear.Heard(e.Seq, e.Nonce); fresh {
			s.meter.Delivery.Record(at.Sub(due))
		}
	case line.Answer:
		m.answered(e.Nonce)
		if due := m.room.Receipted(e.Nonce, e.Seq); !due.IsZero() {
			s.meter.Receipt.Record(at.Sub(due))
		}
	case line.Refusal:
		m.answered(e.Nonce)
		m.room.Refused(e.Nonce)
		s.meter.Fail("refused", errors.New(e.Why))
	}
}

// speak says something now that was due at due, and returns whether the member could.
func (s *stage) speak(m *member, due time.Time) bool {
	session := m.session.Load()
	if session == nil {
		return false
	}
	s.meter.Late.Record(time.Since(due))
	n := m.room.Say(due)
	m.asked(n)
	s.meter.Sent.Add(1)
	if err := (*session).Say(m.roomID, n, m.length); err != nil {
		m.answered(n)
		m.room.Unknown(n)
		if !m.bye.Load() {
			s.meter.Fail("send", err)
		}
	}
	return true
}

func (m *member) asked(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open == nil {
		m.open = map[int]bool{}
	}
	m.open[n] = true
}

func (m *member) answered(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, n)
}

func (m *member) unanswered() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open) > 0
}

// giveUp is for what was not answered when the line broke, or was cut: nobody knows of it.
func (m *member) giveUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range m.open {
		m.room.Unknown(n)
	}
	clear(m.open)
}

var errSilent = errors.New("the server sent no heart-beat for three times its interval")

// pulses keeps heart-beats going until ctx ends. It comes to each member once in pulseEvery, a
// part of them after the other: all at once would make late what is due at that moment.
func (s *stage) pulses(ctx context.Context) {
	turns := parts.NewTurns(pulseParts, pulseEvery)
	tick := time.NewTicker(turns.Each())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for turn, to := turns.Due(); turn < to; turn++ {
			s.pulse(turn % pulseParts)
		}
	}
}

// pulse sends the heart-beats of a part of the members that are due before it is called for it
// again, and ends lines whose server is silent.
func (s *stage) pulse(part int) {
	now := time.Now()
	s.mu.Lock()
	members := s.members
	s.mu.Unlock()
	for i := part; i < len(members); i += pulseParts {
		session := members[i].session.Load()
		if session == nil {
			continue
		}
		silent, err := (*session).Pulse(now, now.Add(2*pulseEvery))
		if silent {
			s.meter.Fail("silent", errSilent)
			(*session).Close()
		}
		_ = err // the line broke, and its reader says so
	}
}
