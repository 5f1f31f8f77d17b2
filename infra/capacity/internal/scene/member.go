package scene

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// Ids of a member's subscriptions. Those who share one get the same octets.
const (
	roomSub   = "room"
	errorsSub = "errors"
	eventsSub = "events" // who comes and types: not judged
)

// member is one of the six of a room.
type member struct {
	number int // of the connection
	token  string
	roomID string
	length int // of what the member says
	room   *judge.Room
	ear    *judge.Listener

	session atomic.Pointer[line.Session] // nil while there is none
	bye     atomic.Bool                  // who hangs up is this side
	ended   chan struct{}                // closed when the line's goroutine is done

	mu   sync.Mutex // guards open
	open map[int]bool
}

// start opens the member's line in a goroutine of its own, which reads it to its end.
// opened is called when the member listens, or does not for err.
func (s *stage) start(ctx context.Context, m *member, due time.Time, opened func(err error)) {
	m.bye.Store(false)
	m.ended = make(chan struct{})
	s.lines.Go(func() {
		defer close(m.ended)
		s.meter.Late.Record(time.Since(due))
		session, err := s.subscribe(ctx, m)
		if opened(err); err != nil {
			s.meter.Fail("connect", err)
			m.ear.Leave()
			return
		}
		s.meter.Connect.Record(time.Since(due))
		m.session.Store(session)
		s.meter.Open.Add(1)
		err = s.listen(m, session)
		session.Close()
		m.session.Store(nil)
		s.meter.Open.Add(-1)
		m.giveUp()
		if !m.bye.Load() { // that is one failure, not the loss of each message that comes later
			s.meter.Fail("line broke", err)
			m.ear.Leave()
		}
	})
}

// hangUp ends the line and waits for its goroutine.
func (m *member) hangUp() {
	if m.ended == nil {
		return
	}
	m.bye.Store(true)
	if session := m.session.Load(); session != nil {
		session.Close()
	}
	<-m.ended
}

// subscribe opens a session that hears everything after what the member has heard.
func (s *stage) subscribe(ctx context.Context, m *member) (*line.Session, error) {
	session, err := s.Chat.Connect(ctx, m.number, m.token, s.Beat)
	if err != nil {
		return nil, err
	}
	if err := s.subscribed(m, session); err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

func (s *stage) subscribed(m *member, session *line.Session) error {
	if err := session.Deadline(time.Now().Add(subscribeTimeout)); err != nil {
		return err
	}
	if err := session.Subscribe(errorsSub, chatapi.ErrorsQueue, -1); err != nil {
		return err
	}
	if err := session.Subscribe(roomSub, chatapi.TopicPrefix+m.roomID, m.ear.Seen()); err != nil {
		return err
	}
	for {
		f, err := session.Next()
		if err != nil {
			return fmt.Errorf("SUBSCRIBE: %w", err)
		}
		if string(f.Command) == "RECEIPT" && string(f.Header("receipt-id")) == roomSub {
			return session.Deadline(time.Time{})
		}
		if err := s.take(m, f); err != nil {
			return fmt.Errorf("SUBSCRIBE: %w", err)
		}
	}
}

func (s *stage) listen(m *member, session *line.Session) error {
	for {
		f, err := session.Next()
		if err == nil {
			err = s.take(m, f)
		}
		if err != nil {
			return err
		}
	}
}

// take is what a member does with a frame.
func (s *stage) take(m *member, f line.Frame) error {
	switch string(f.Command) {
	case "MESSAGE":
		switch string(f.Header("subscription")) {
		case errorsSub:
			s.refused(m, f)
			return nil
		case eventsSub:
			return nil
		}
		s.meter.Delivered.Add(1)
		if due, fresh := m.ear.Heard(f.Number(chatapi.HeaderSeq), nonce(f.Body)); fresh {
			s.meter.Delivery.Record(time.Since(due))
		}
		return nil
	case "RECEIPT":
		n, err := strconv.Atoi(string(f.Header("receipt-id")))
		if err != nil {
			return nil // a subscription's
		}
		m.answered(n)
		if due := m.room.Receipted(n, f.Number(chatapi.HeaderSeq)); !due.IsZero() {
			s.meter.Receipt.Record(time.Since(due))
		}
		return nil
	}
	return &line.FrameError{Frame: f.String()}
}

func (s *stage) refused(m *member, f line.Frame) {
	if n, err := strconv.Atoi(string(f.Header("receipt-id"))); err == nil {
		m.answered(n)
		m.room.Refused(n)
	}
	s.meter.Fail("refused", errors.New(string(f.Body)))
}

var comment = []byte(`"comment":"`)

// nonce finds which saying a message is. Reading all of the JSON for each delivery would
// cost more than everything else here.
func nonce(body []byte) int {
	_, text, found := bytes.Cut(body, comment)
	if !found {
		return 0
	}
	if len(text) > 0 && text[0] == '"' {
		return judge.Server
	}
	return number(text)
}

// number reads the nonce that a text begins with, 0 where there is none.
func number(text []byte) int {
	n, i := 0, 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9' && n < 1<<40; i++ {
		n = 10*n + int(text[i]-'0')
	}
	if i == len(text) || text[i] != ' ' {
		return 0
	}
	return n
}

// text is a saying of a length in characters.
func text(nonce, length int) string {
	head := strconv.Itoa(nonce) + " "
	return head + strings.Repeat("x", max(0, length-len(head)))
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
	if err := session.Say(m.roomID, strconv.Itoa(n), text(n, m.length)); err != nil {
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

// giveUp is for what was not answered when the line ended: nobody knows of it.
func (m *member) giveUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range m.open {
		m.room.Unknown(n)
	}
	clear(m.open)
}

var errSilent = errors.New("the server sent no heart-beat for three times its interval")

// pulse sends the heart-beats that are due before it is called again, and ends lines whose
// server is silent.
func (s *stage) pulse() {
	now := time.Now()
	s.mu.Lock()
	members := s.members
	s.mu.Unlock()
	for _, m := range members {
		session := m.session.Load()
		if session == nil {
			continue
		}
		silent, err := session.Pulse(now, now.Add(2*watchEvery))
		if silent {
			s.meter.Fail("silent", errSilent)
			session.Close()
		}
		_ = err // the line broke, and its reader says so
	}
}
