// Package audit says after a run whether chat kept its promises: what members said and
// were told, what their sessions saw, and what is stored must fit together.
//
// It knows nothing of how the run was made: tests collect the facts as clients see them
// and hand them over. It shares no code with what it judges, and is imported by tests only.
package audit

import (
	"fmt"

	"github.com/sixseat/sixseat/pkg/chatapi"
)

// Room is everything that is known of one room after a run.
type Room struct {
	ID      string
	History []chatapi.Message // as the store has it, from the first to the last
	Members []Member
}

// Member is one who was in the room.
type Member struct {
	ID       string
	Said     []Saying
	Sessions []Session // one after the other: a later one resumes an earlier one
	Left     bool      // did not stay to the end, so need not have seen it
}

// Saying is one thing that a member wanted to say. Texts tell sayings apart: each must
// be unique in its room.
type Saying struct {
	Text     string
	Key      string    // the idempotency key, "" when there was none
	Receipts []Receipt // none: not known whether it was stored; more than one: it was sent again
	Refused  bool      // told that it is not stored and never will be
}

// Receipt is what a RECEIPT told.
type Receipt struct {
	Seq       int64
	MessageID string
}

// Session is what one subscription saw, in the order in which it came.
type Session struct {
	LastSeq int64 // it asked for everything after this one
	Seen    []chatapi.Message
}

// Rule is a promise that can be broken.
type Rule string

// The promises, for each room.
const (
	Numbered  Rule = "history is 1..N, each message once, all of this room"
	Stored    Rule = "what was receipted is in the history, as it was told"
	Once      Rule = "nothing that was said is in the history twice"
	Said      Rule = "the history has only what a member said"
	Refused   Rule = "what was refused is not in the history"
	Inside    Rule = "members speak after their ENTER and before their LEAVE, of which each has one"
	Order     Rule = "each session sees every seq after its last one, in order, none twice"
	Same      Rule = "sessions see what is in the history"
	ToTheEnd  Rule = "who stayed saw everything to the end of the history"
	Described Rule = "the facts are such that they can be judged"
)

// Finding is one promise that was not kept.
type Finding struct {
	RoomID string
	Rule   Rule
	Detail string
}

// String is the finding for failing tests.
func (f Finding) String() string {
	return fmt.Sprintf("room %s: %s: NOT SO: %s", f.RoomID, f.Rule, f.Detail)
}

// Check judges every room. No findings means that all promises were kept.
func Check(rooms []Room) []Finding {
	var findings []Finding
	for _, r := range rooms {
		c := &check{Room: r}
		c.history()
		c.insiders()
		c.sayings()
		for _, m := range r.Members {
			c.views(m)
		}
		findings = append(findings, c.findings...)
	}
	return findings
}

// check is the judgement of one room.
type check struct {
	Room
	findings []Finding
}

func (c *check) found(rule Rule, format string, args ...any) {
	c.findings = append(c.findings, Finding{c.ID, rule, fmt.Sprintf(format, args...)})
}

func (c *check) history() {
	ids := map[string]int64{}
	for i, m := range c.History {
		if m.Seq != int64(i+1) {
			c.found(Numbered, "message %d has seq %d", i+1, m.Seq)
		}
		if first, twice := ids[m.MessageID]; twice {
			c.found(Numbered, "message-id %s is at seq %d and %d", m.MessageID, first, m.Seq)
		}
		ids[m.MessageID] = m.Seq
		if m.RoomID != c.ID {
			c.found(Numbered, "seq %d is of room %s", m.Seq, m.RoomID)
		}
	}
}

// insiders follows who is inside along the history.
func (c *check) insiders() {
	entered, left := map[string]bool{}, map[string]bool{}
	for _, m := range c.History {
		switch inside := entered[m.MemberID] && !left[m.MemberID]; m.Type {
		case chatapi.Enter:
			if entered[m.MemberID] {
				c.found(Inside, "%s enters again at seq %d", m.MemberID, m.Seq)
			}
			entered[m.MemberID] = true
		case chatapi.Leave:
			if !inside {
				c.found(Inside, "%s leaves at seq %d without being inside", m.MemberID, m.Seq)
			}
			left[m.MemberID] = true
		default:
			if !inside {
				c.found(Inside, "%s says %q at seq %d without being inside", m.MemberID, m.Comment, m.Seq)
			}
		}
	}
}

// sayings compares what was said, and what was answered, with the history.
func (c *check) sayings() {
	stored := map[string][]chatapi.Message{} // by text
	for _, m := range c.History {
		if m.Type == chatapi.Text {
			stored[m.Comment] = append(stored[m.Comment], m)
		}
	}
	said := map[string]bool{}
	for _, member := range c.Members {
		for _, s := range member.Said {
			if said[s.Text] {
				c.found(Described, "%q was said twice: texts must be unique", s.Text)
			}
			said[s.Text] = true
			c.saying(member.ID, s, stored[s.Text])
		}
	}
	for text, messages := range stored {
		if !said[text] {
			c.found(Said, "nobody said %q, at seq %d", text, messages[0].Seq)
		}
	}
}

func (c *check) saying(memberID string, s Saying, stored []chatapi.Message) {
	if len(stored) > 1 {
		c.found(Once, "%q is at seq %d and %d", s.Text, stored[0].Seq, stored[1].Seq)
	}
	if s.Refused && len(stored) > 0 {
		c.found(Refused, "%q is at seq %d", s.Text, stored[0].Seq)
	}
	for _, m := range stored {
		if m.MemberID != memberID || m.IdempotencyKey != s.Key {
			c.found(Said, "seq %d is %q by %s with key %q; %s said it with key %q", m.Seq, s.Text, m.MemberID, m.IdempotencyKey, memberID, s.Key)
		}
	}
	for _, r := range s.Receipts {
		at := c.at(r.Seq)
		if at == nil {
			c.found(Stored, "%q was receipted with seq %d, which is not there", s.Text, r.Seq)
		} else if at.MessageID != r.MessageID || at.Comment != s.Text || at.MemberID != memberID {
			c.found(Stored, "%q of %s was receipted with seq %d and message-id %s; there is %q of %s, %s",
				s.Text, memberID, r.Seq, r.MessageID, at.Comment, at.MemberID, at.MessageID)
		}
	}
}

// at is the message with this seq, nil when the history has none in its place.
func (c *check) at(seq int64) *chatapi.Message {
	if seq < 1 || seq > int64(len(c.History)) {
		return nil
	}
	return &c.History[seq-1]
}

// views follows a member from session to session.
func (c *check) views(m Member) {
	if len(m.Sessions) == 0 {
		return
	}
	last := m.Sessions[0].LastSeq
	for i, s := range m.Sessions {
		if s.LastSeq != last {
			c.found(Described, "session %d of %s resumed after %d; the one before had ended with %d", i+1, m.ID, s.LastSeq, last)
			last = s.LastSeq
		}
		for _, seen := range s.Seen {
			if seen.Seq != last+1 {
				c.found(Order, "%s saw seq %d after %d in session %d", m.ID, seen.Seq, last, i+1)
			}
			last = seen.Seq
			if at := c.at(seen.Seq); at == nil {
				c.found(Same, "%s saw seq %d, which is not there: %+v", m.ID, seen.Seq, seen)
			} else if !same(*at, seen) {
				c.found(Same, "%s saw at seq %d %+v; there is %+v", m.ID, seen.Seq, seen, *at)
			}
		}
	}
	if !m.Left && last != int64(len(c.History)) {
		c.found(ToTheEnd, "%s saw seq %d last, and there are %d", m.ID, last, len(c.History))
	}
}

// same compares all fields; times by the instant, whatever their zone.
func same(a, b chatapi.Message) bool {
	instant := a.CreatedAt.Equal(b.CreatedAt.Time)
	a.CreatedAt = b.CreatedAt
	return instant && a == b
}
