package chatter

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/sixseat/sixseat/pkg/audit"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// saying is one thing that a member wants to say, and how far it came.
type saying struct {
	audit.Saying
	began    time.Time
	onItsWay bool // on this socket
	sent     bool
}

// Talk says something at the pace, until ctx ends; most of it with a key.
func (m *Member) Talk(ctx context.Context, pace time.Duration) {
	wait := rand.N(pace) // not all at the same moment
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = pace
		key := fmt.Sprintf("%s/%d", m.Me.MemberID, i)
		if i%keyless == 0 {
			key = ""
		}
		m.Say(fmt.Sprintf("%s says %d", m.Me.MemberID, i), key)
	}
}

// Say hands a text over, to be sent now or after the next connect; without a key only
// when there is a connection.
func (m *Member) Say(text, key string) {
	if key == "" && m.NotConnected() != "" {
		return
	}
	m.Note(text, key)
	m.nudge()
}

// Note remembers a saying and returns its number, which its receipt has.
func (m *Member) Note(text, key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.said)
	s := &saying{Saying: audit.Saying{Text: text, Key: key}, began: time.Now()}
	m.said, m.unheard[strconv.Itoa(n)] = append(m.said, s), s
	return n
}

// Frame is the SEND of a saying.
func (m *Member) Frame(n int) testclient.Frame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sendFrame(strconv.Itoa(n), m.said[n])
}

func (m *Member) sendFrame(receipt string, s *saying) testclient.Frame {
	headers := map[string]string{"destination": chatapi.ChatPrefix + m.RoomID, "receipt": receipt}
	if s.Key != "" {
		headers[chatapi.HeaderIdempotencyKey] = s.Key
	}
	return testclient.Frame{Command: "SEND", Headers: headers, Body: fmt.Sprintf(`{"type":"TEXT","comment":%q}`, s.Text)}
}

func (m *Member) nudge() {
	select {
	case m.kick <- struct{}{}:
	default: // it knows already
	}
}

// Send writes what there is to send whenever there is something, until ctx ends.
func (m *Member) Send(ctx context.Context) {
	again := time.NewTicker(sendAgainEvery)
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
				break // Listen notices, and connects again
			}
		}
	}
}

// next is one frame that is worth sending now.
func (m *Member) next() (*testclient.Socket, testclient.Frame) {
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

// receipted notes what a RECEIPT says; a saying that was sent again may get several.
func (m *Member) receipted(f testclient.Frame) error {
	seq, err := strconv.ParseInt(f.Headers["seq"], 10, 64)
	if err != nil {
		return fmt.Errorf("RECEIPT %v: %w", f.Headers, err)
	}
	n, err := strconv.Atoi(f.Headers["receipt-id"])
	if err != nil || n >= len(m.said) {
		return fmt.Errorf("RECEIPT for what was not said: %v", f.Headers)
	}
	s := m.said[n]
	if len(s.Receipts) == 0 {
		m.slowest = max(m.slowest, time.Since(s.began))
	}
	s.Receipts = append(s.Receipts, audit.Receipt{Seq: seq, MessageID: f.Headers["message-id"]})
	delete(m.unheard, f.Headers["receipt-id"])
	return nil
}

// refused reads a problem. Busy and away are worth another try. A store that is away may
// still have stored it, a refusal for its pace has not.
func (m *Member) refused(f testclient.Frame) error {
	var p fault.Problem
	if err := json.Unmarshal([]byte(f.Body), &p); err != nil {
		return err
	}
	m.notes.count("refusals: " + p.Title)
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
		if !m.Left {
			m.notes.Errorf("%s was refused: %s", m.Me.MemberID, f.Body)
		}
	}
	if s.Refused {
		delete(m.unheard, f.Headers["receipt-id"])
	}
	return nil
}

// waitsFor is how many sayings with a key have no receipt yet.
func (m *Member) waitsFor() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.unheard {
		if s.Key != "" {
			n++
		}
	}
	return n
}

// Unanswered is how many sayings have neither a receipt nor a refusal.
func (m *Member) Unanswered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.unheard)
}
