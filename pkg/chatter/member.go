// Package chatter is members who chat as one would with a stock STOMP client, for tests
// that break the system beneath them: they resume on any node after the last seq that they
// saw, and send again what has no receipt. Package audit judges what they lived through.
package chatter

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/audit"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// Member is a client as one would write it with a stock library: it remembers the last
// seq that it saw and resumes after it, on another node when its own is gone, and sends
// again what was not receipted, with the same key. Without a key it sends once.
type Member struct {
	Me     matchapi.Member
	RoomID string
	// Left is set before anybody listens when the member will leave: what it hears then is
	// not judged.
	Left bool

	notes *Notes
	kick  chan struct{} // holds one: there is something to send

	mu       sync.Mutex // guards what follows
	socket   *testclient.Socket
	said     []*saying
	unheard  map[string]*saying // said, and neither receipted nor given up
	sessions []audit.Session
	online   map[string]bool // whom it was told to be here, in this session
	last     int64           // seq
	lost     time.Time       // when the socket broke, zero while there is one
	away     time.Duration   // the longest time without one
	slowest  time.Duration   // the longest time from saying something to its receipt
	delay    time.Duration   // the longest time from a post's arrival to seeing it
}

// New is a member of a room, who tells notes what happens.
func New(notes *Notes, roomID string, me matchapi.Member) *Member {
	return &Member{Me: me, RoomID: roomID, notes: notes, kick: make(chan struct{}, 1), unheard: map[string]*saying{}}
}

// At is the member as a client of one node.
func (m *Member) At(base string) *testclient.Member {
	return &testclient.Member{Member: m.Me, Base: base}
}

// Listen keeps a session open, now on this node, now on that, until ctx ends.
func (m *Member) Listen(ctx context.Context, node func() string) {
	for ctx.Err() == nil {
		if err := m.visit(ctx, node()); err != nil && ctx.Err() == nil {
			m.notes.ended(err)
		}
		select {
		case <-time.After(pauseLeast + rand.N(pauseMost-pauseLeast)):
		case <-ctx.Done():
		}
	}
}

// visit is one session, to its end.
func (m *Member) visit(ctx context.Context, base string) error {
	dialing, cancel := context.WithTimeout(ctx, DialTimeout)
	defer cancel()
	s, err := m.At(base).Open(dialing)
	if err != nil {
		return err
	}
	defer func() { _ = s.Drop() }() // it may be closed already
	defer m.hungUp()
	last := strconv.FormatInt(m.resume(), 10)
	for _, headers := range []map[string]string{
		{"id": "errors", "destination": chatapi.ErrorsQueue},
		{"id": "events", "destination": chatapi.TopicPrefix + m.RoomID + chatapi.EventsSuffix},
		{"id": "room", "destination": chatapi.TopicPrefix + m.RoomID, chatapi.HeaderLastSeq: last},
	} {
		if err := s.Send(ctx, testclient.Frame{Command: "SUBSCRIBE", Headers: headers}); err != nil {
			return err
		}
	}
	m.connected(s)
	for {
		f, err := s.Next(ctx)
		if err != nil {
			return err
		}
		if f.Command == "ERROR" {
			return m.lastWords(ctx, s, f)
		}
		if err := m.Take(f); err != nil {
			if !m.Left {
				m.notes.Errorf("%s: %v", m.Me.MemberID, err)
			}
			return err
		}
	}
}

// lastWords reads on behind an ERROR, to the Close that says what to make of it.
func (m *Member) lastWords(ctx context.Context, s *testclient.Socket, f testclient.Frame) error {
	m.notes.count("ERROR: " + f.Headers["message"])
	for {
		if _, err := s.Next(ctx); err != nil {
			return err
		}
	}
}

// resume begins a session after the last seq.
func (m *Member) resume() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.online = map[string]bool{}
	m.sessions = append(m.sessions, audit.Session{LastSeq: m.last})
	return m.last
}

func (m *Member) connected(s *testclient.Socket) {
	m.mu.Lock()
	m.socket = s
	if !m.lost.IsZero() {
		m.away = max(m.away, time.Since(m.lost))
	}
	m.lost = time.Time{}
	m.mu.Unlock()
	m.nudge()
}

func (m *Member) hungUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.socket = nil
	if m.lost.IsZero() { // else a visit failed before it was one
		m.lost = time.Now()
	}
	for _, s := range m.unheard {
		s.onItsWay = false
	}
}

// Take is what the client does with a frame.
func (m *Member) Take(f testclient.Frame) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case f.Command == "MESSAGE" && f.Headers["subscription"] == "room":
		return m.see(f)
	case f.Command == "MESSAGE" && f.Headers["subscription"] == "errors":
		return m.refused(f)
	case f.Command == "MESSAGE" && f.Headers["subscription"] == "events":
		return m.happened(f)
	case f.Command == "RECEIPT":
		return m.receipted(f)
	}
	return fmt.Errorf("got %s %v %s", f.Command, f.Headers, f.Body)
}

func (m *Member) see(f testclient.Frame) error {
	var msg chatapi.Message
	if err := json.Unmarshal([]byte(f.Body), &msg); err != nil {
		return err
	}
	if f.Headers["seq"] != strconv.FormatInt(msg.Seq, 10) || f.Headers["message-id"] != msg.MessageID {
		m.notes.Errorf("headers %v do not fit the body %s", f.Headers, f.Body)
	}
	if msg.Type == chatapi.Text { // what came before the member did is history
		m.delay = max(m.delay, time.Since(msg.CreatedAt.Time))
	}
	session := &m.sessions[len(m.sessions)-1]
	session.Seen = append(session.Seen, msg)
	m.last = msg.Seq
	return nil
}

// happened notes who comes and goes.
func (m *Member) happened(f testclient.Frame) error {
	var e chatapi.Event
	if err := json.Unmarshal([]byte(f.Body), &e); err != nil {
		return err
	}
	switch e.Event {
	case chatapi.Online:
		m.online[e.MemberID] = true
	case chatapi.Offline:
		delete(m.online, e.MemberID)
	}
	return nil
}

// NotConnected says so when it is so, and is "" otherwise.
func (m *Member) NotConnected() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.socket == nil {
		return m.Me.MemberID + " is not connected"
	}
	return ""
}

// Company is how many are online, as far as the member was told.
func (m *Member) Company() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.online)
}

// Seen is the last seq that the member saw.
func (m *Member) Seen() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// Away is the longest time from the loss of a socket to the next subscription.
func (m *Member) Away() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.away
}

// Slowest is the longest time from saying something to its first receipt.
func (m *Member) Slowest() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.slowest
}

// Delay is the longest time from a message's createdAt to seeing it, while the socket was
// lost included; the clocks of nodes and test must agree.
func (m *Member) Delay() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.delay
}

// Account is what the audit wants to know.
func (m *Member) Account() audit.Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := audit.Member{ID: m.Me.MemberID, Sessions: m.sessions, Left: m.Left}
	for _, s := range m.said {
		a.Said = append(a.Said, s.Saying)
	}
	return a
}
