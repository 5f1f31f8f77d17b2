//go:build integration

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"

	"github.com/sixseat/sixseat/services/chat-service/internal/audit"
)

const (
	dialTimeout = 5 * time.Second // a client gives up a node that does not answer

	// A client whose socket broke tries the next node after a pause between these two;
	// stock ones wait longer, which gives a test less to see.
	pauseLeast, pauseMost = 50 * time.Millisecond, 300 * time.Millisecond
)

// member is a client as one would write it with a stock library: it remembers the last
// seq that it saw and resumes after it, on another node when its own is gone, and sends
// again what was not receipted, with the same key. Without a key it sends once.
type member struct {
	c      *cluster
	roomID string
	me     matchapi.Member
	kick   chan struct{} // holds one: there is something to send

	mu       sync.Mutex // guards what follows
	socket   *testclient.Socket
	said     []*saying
	unheard  map[string]*saying // said, and neither receipted nor given up
	sessions []audit.Session
	online   map[string]bool // whom it was told to be here, in this session
	last     int64           // seq
	left     bool
}

type saying struct {
	audit.Saying
	onItsWay bool // on this socket
	sent     bool
}

func newMember(c *cluster, roomID string, me matchapi.Member) *member {
	return &member{c: c, roomID: roomID, me: me, kick: make(chan struct{}, 1), unheard: map[string]*saying{}}
}

// at is the member as a client of one node.
func (m *member) at(base string) *testclient.Member {
	return &testclient.Member{Member: m.me, Base: base}
}

// listen keeps a session open, now on this node, now on that, until ctx ends.
func (m *member) listen(ctx context.Context, node func() string) {
	for ctx.Err() == nil {
		if err := m.visit(ctx, node()); err != nil && ctx.Err() == nil {
			m.c.noteEnd(err)
		}
		select {
		case <-time.After(pauseLeast + rand.N(pauseMost-pauseLeast)):
		case <-ctx.Done():
		}
	}
}

// visit is one session, to its end.
func (m *member) visit(ctx context.Context, base string) error {
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	s, err := m.at(base).Open(dialing)
	if err != nil {
		return err
	}
	defer func() { _ = s.Drop() }() // it may be closed already
	defer m.hungUp()
	last := strconv.FormatInt(m.resume(), 10)
	for _, headers := range []map[string]string{
		{"id": "errors", "destination": chatapi.ErrorsQueue},
		{"id": "events", "destination": chatapi.TopicPrefix + m.roomID + chatapi.EventsSuffix},
		{"id": "room", "destination": chatapi.TopicPrefix + m.roomID, chatapi.HeaderLastSeq: last},
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
		if err := m.take(f); err != nil {
			return err
		}
	}
}

// resume begins a session after the last seq.
func (m *member) resume() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.online = map[string]bool{}
	m.sessions = append(m.sessions, audit.Session{LastSeq: m.last})
	return m.last
}

func (m *member) connected(s *testclient.Socket) {
	m.mu.Lock()
	m.socket = s
	m.mu.Unlock()
	m.nudge()
}

func (m *member) hungUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.socket = nil
	for _, s := range m.unheard {
		s.onItsWay = false
	}
}

func (m *member) nudge() {
	select {
	case m.kick <- struct{}{}:
	default: // it knows already
	}
}

// take is what the client does with a frame.
func (m *member) take(f testclient.Frame) error {
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

func (m *member) see(f testclient.Frame) error {
	var msg chatapi.Message
	if err := json.Unmarshal([]byte(f.Body), &msg); err != nil {
		return err
	}
	if f.Headers["seq"] != strconv.FormatInt(msg.Seq, 10) || f.Headers["message-id"] != msg.MessageID {
		m.c.Errorf("headers %v do not fit the body %s", f.Headers, f.Body)
	}
	session := &m.sessions[len(m.sessions)-1]
	session.Seen = append(session.Seen, msg)
	m.last = msg.Seq
	return nil
}

// happened notes who comes and goes.
func (m *member) happened(f testclient.Frame) error {
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

// receipted notes what a RECEIPT says; a saying that was sent again may get several.
func (m *member) receipted(f testclient.Frame) error {
	seq, err := strconv.ParseInt(f.Headers["seq"], 10, 64)
	if err != nil {
		return fmt.Errorf("RECEIPT %v: %w", f.Headers, err)
	}
	n, err := strconv.Atoi(f.Headers["receipt-id"])
	if err != nil || n >= len(m.said) {
		return fmt.Errorf("RECEIPT for what was not said: %v", f.Headers)
	}
	s := m.said[n]
	s.Receipts = append(s.Receipts, audit.Receipt{Seq: seq, MessageID: f.Headers["message-id"]})
	delete(m.unheard, f.Headers["receipt-id"])
	return nil
}

// refused reads a problem. Busy and away are worth another try. A store that is away may
// still have stored it, a refusal for its pace has not.
func (m *member) refused(f testclient.Frame) error {
	var p fault.Problem
	if err := json.Unmarshal([]byte(f.Body), &p); err != nil {
		return err
	}
	m.c.noteRefusal(p.Title)
	s := m.unheard[f.Headers["receipt-id"]]
	if s == nil {
		return fmt.Errorf("a problem with what was not said: %v %s", f.Headers, f.Body)
	}
	switch s.onItsWay = false; p.Status {
	case fault.Unavailable.Status():
	case fault.TooMany.Status():
		s.Refused = s.Key == ""
	default:
		s.Refused = true
		if !m.left {
			m.c.Errorf("%s was refused: %s", m.me.MemberID, f.Body)
		}
	}
	if s.Refused {
		delete(m.unheard, f.Headers["receipt-id"])
	}
	return nil
}

// say hands a text over, to be sent now or after the next connect; without a key only
// when there is a connection.
func (m *member) say(text, key string) {
	if key == "" && m.notConnected() != "" {
		return
	}
	m.note(text, key)
	m.nudge()
}

// note remembers a saying and returns its number, which its receipt has.
func (m *member) note(text, key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.said)
	s := &saying{Saying: audit.Saying{Text: text, Key: key}}
	m.said, m.unheard[strconv.Itoa(n)] = append(m.said, s), s
	return n
}

// frame is the SEND of a saying.
func (m *member) frame(n int) testclient.Frame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sendFrame(strconv.Itoa(n), m.said[n])
}

func (m *member) sendFrame(receipt string, s *saying) testclient.Frame {
	headers := map[string]string{"destination": chatapi.ChatPrefix + m.roomID, "receipt": receipt}
	if s.Key != "" {
		headers[chatapi.HeaderIdempotencyKey] = s.Key
	}
	return testclient.Frame{Command: "SEND", Headers: headers, Body: fmt.Sprintf(`{"type":"TEXT","comment":%q}`, s.Text)}
}

// send writes what there is to send whenever there is something, until ctx ends.
func (m *member) send(ctx context.Context) {
	again := time.NewTicker(time.Second) // for what was refused
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.kick:
		case <-again.C:
		}
		for socket, f := m.next(); socket != nil; socket, f = m.next() {
			if socket.Send(ctx, f) != nil {
				break // listen notices, and connects again
			}
		}
	}
}

// next is one frame that is worth sending now.
func (m *member) next() (*testclient.Socket, testclient.Frame) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.socket == nil {
		return nil, testclient.Frame{}
	}
	for receipt, s := range m.unheard {
		if s.onItsWay || s.sent && s.Key == "" {
			continue
		}
		s.onItsWay, s.sent = true, true
		return m.socket, m.sendFrame(receipt, s)
	}
	return nil, testclient.Frame{}
}

// waitsFor is how many sayings with a key have no receipt yet.
func (m *member) waitsFor() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.unheard {
		if s.Key != "" {
			n++
		}
	}
	return n
}

// unanswered is how many sayings have neither a receipt nor a refusal.
func (m *member) unanswered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.unheard)
}

// notConnected says so when it is so.
func (m *member) notConnected() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.socket == nil {
		return m.me.MemberID + " is not connected"
	}
	return ""
}

// company is how many are online, as far as the member was told.
func (m *member) company() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.online)
}

func (m *member) seen() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// account is what the audit wants to know.
func (m *member) account() audit.Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := audit.Member{ID: m.me.MemberID, Sessions: m.sessions, Left: m.left}
	for _, s := range m.said {
		a.Said = append(a.Said, s.Saying)
	}
	return a
}
