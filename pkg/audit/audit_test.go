package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/wire"
)

var midnight = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// say appends a message to the history and returns its receipt.
func (r *Room) say(memberID, kind, text, key string) Receipt {
	seq := int64(len(r.History) + 1)
	m := chatapi.Message{
		RoomID: r.ID, Seq: seq, MessageID: fmt.Sprint("id-", r.ID, "-", seq), IdempotencyKey: key, MemberID: memberID,
		Type: kind, Comment: text, CreatedBy: "nick of " + memberID, CreatedAt: wire.At(midnight.Add(time.Duration(seq) * time.Millisecond)),
	}
	r.History = append(r.History, m)
	return Receipt{seq, m.MessageID}
}

// seen is a session that saw the history between two seqs.
func (r *Room) seen(after, last int64) Session {
	return Session{LastSeq: after, Seen: slices.Clone(r.History[after:last])}
}

// kept is a room in which everything went well: ada resumed once, bob left before the
// end, cem listens from the middle on. One of bob's sayings was never answered and is
// stored, one is not.
func kept() *Room {
	r := &Room{ID: "room"}
	for _, id := range []string{"ada", "bob", "cem"} {
		r.say(id, chatapi.Enter, "", "")
	}
	hello := r.say("ada", chatapi.Text, "hello", "key 1")
	world := r.say("bob", chatapi.Text, "world", "")
	r.say("bob", chatapi.Text, "unanswered", "")
	again := r.say("ada", chatapi.Text, "again", "key 2")
	r.say("bob", chatapi.Leave, "", "")
	last := r.say("cem", chatapi.Text, "last", "key 1")
	r.Members = []Member{
		{ID: "ada", Said: []Saying{{Text: "hello", Key: "key 1", Receipts: []Receipt{hello, hello}}, {Text: "again", Key: "key 2", Receipts: []Receipt{again}}},
			Sessions: []Session{r.seen(0, 4), r.seen(4, 4), r.seen(4, 9)}},
		{ID: "bob", Said: []Saying{{Text: "world", Receipts: []Receipt{world}}, {Text: "unanswered"}, {Text: "too late", Refused: true}, {Text: "lost on the way"}},
			Sessions: []Session{r.seen(2, 8)}, Left: true},
		{ID: "cem", Said: []Saying{{Text: "last", Key: "key 1", Receipts: []Receipt{last}}}, Sessions: []Session{r.seen(6, 9)}},
	}
	return r
}

func TestCheck_findsNothingWhereAllWasKept(t *testing.T) {
	for _, f := range Check([]Room{*kept(), {ID: "empty"}}) {
		t.Error(f)
	}
}

func TestCheck_findsEachFault(t *testing.T) {
	for _, c := range []struct {
		what  string
		rule  Rule
		plant func(r *Room)
	}{
		{"a hole in the history", Numbered, func(r *Room) { r.History = slices.Delete(r.History, 4, 5) }},
		{"the history begins with 2", Numbered, func(r *Room) { r.History = r.History[1:] }},
		{"two stored under one seq", Numbered, func(r *Room) { r.History[5].Seq = 5 }},
		{"two with one message-id", Numbered, func(r *Room) { r.History[5].MessageID = r.History[4].MessageID }},
		{"another room's message", Numbered, func(r *Room) { r.History[5].RoomID = "other" }},
		{"history out of order", Numbered, func(r *Room) { r.History[4], r.History[5] = r.History[5], r.History[4] }},
		{"receipted, and the end of the history is gone", Stored, func(r *Room) { r.History = r.History[:8] }},
		{"receipted, and something else is there", Stored, func(r *Room) { r.History[3].Comment, r.History[6].Comment = "again", "hello" }},
		{"receipted with another message-id", Stored, func(r *Room) { r.Members[0].Said[0].Receipts[1].MessageID = "id-room-5" }},
		{"receipted with another seq", Stored, func(r *Room) { r.Members[1].Said[0].Receipts[0].Seq = 4 }},
		{"receipted with seq 0", Stored, func(r *Room) { r.Members[1].Said[0].Receipts[0].Seq = 0 }},
		{"the same key got two seqs", Stored, func(r *Room) { r.Members[0].Said[0].Receipts[1] = Receipt{7, "id-room-7"} }},
		{"stored twice under two ids", Once, func(r *Room) { r.say("cem", chatapi.Text, "last", "key 1") }},
		{"an unanswered one stored twice", Once, func(r *Room) { r.History[4].Comment = "unanswered" }},
		{"refused and stored", Refused, func(r *Room) { r.Members[1].Said[1].Refused = true }},
		{"nobody said it", Said, func(r *Room) { r.say("ada", chatapi.Text, "made up", "") }},
		{"changed on its way into the store", Said, func(r *Room) { r.History[5].Comment = "unansw" }},
		{"stored as another member's", Said, func(r *Room) { r.History[5].MemberID = "ada" }},
		{"stored under another key", Said, func(r *Room) { r.History[6].IdempotencyKey = "key 3" }},
		{"said after the LEAVE", Inside, func(r *Room) { r.say("bob", chatapi.Text, "lost on the way", "") }},
		{"said before the ENTER", Inside, func(r *Room) { r.History[2].MemberID = "dan" }},
		{"entered twice", Inside, func(r *Room) { r.say("ada", chatapi.Enter, "", "") }},
		{"left twice", Inside, func(r *Room) { r.say("bob", chatapi.Leave, "", "") }},
		{"one was lost", Order, func(r *Room) { s := &r.Members[0].Sessions[2]; s.Seen = slices.Delete(s.Seen, 1, 2) }},
		{"the first was lost", Order, func(r *Room) { s := &r.Members[2].Sessions[0]; s.Seen = s.Seen[1:] }},
		{"one came twice", Order, func(r *Room) { s := &r.Members[0].Sessions[2]; s.Seen = slices.Insert(s.Seen, 1, s.Seen[0]) }},
		{"one came again after the resume", Order, func(r *Room) {
			r.Members[0].Sessions[2].Seen = slices.Insert(r.Members[0].Sessions[2].Seen, 0, r.History[3])
		}},
		{"two were swapped", Order, func(r *Room) { s := r.Members[1].Sessions[0].Seen; s[1], s[2] = s[2], s[1] }},
		{"the text was another", Same, func(r *Room) { r.Members[0].Sessions[0].Seen[3].Comment = "hullo" }},
		{"the time was another", Same, func(r *Room) { r.Members[0].Sessions[0].Seen[3].CreatedAt = wire.At(midnight) }},
		{"another room's came in its place", Same, func(r *Room) { r.Members[0].Sessions[0].Seen[3].RoomID = "other" }},
		{"seen and not stored", Same, func(r *Room) {
			m := r.History[8]
			m.Seq, m.MessageID = 10, "id-room-10"
			r.Members[2].Sessions[0].Seen = append(r.Members[2].Sessions[0].Seen, m)
		}},
		{"the end never came", ToTheEnd, func(r *Room) { s := &r.Members[2].Sessions[0]; s.Seen = s.Seen[:2] }},
		{"nothing came any more after the resume", ToTheEnd, func(r *Room) { r.Members[0].Sessions[2].Seen = nil }},
		{"a client that resumed with a wrong seq", Described, func(r *Room) { r.Members[0].Sessions[2].LastSeq = 5 }},
		{"a text that tells nothing apart", Described, func(r *Room) { r.Members[0].Said[0].Text = "again" }},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := kept()
			c.plant(r)

			found := Check([]Room{{ID: "before"}, *r, {ID: "behind"}})

			if !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == c.rule && f.RoomID == "room" }) {
				t.Errorf("found %v; want that it is not so that %s", found, c.rule)
			}
		})
	}
}

// Whatever well-kept room is drawn, nothing is found; whatever single thing is then
// changed, something is.
func TestCheck_anySingleChangeIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRoom(t)
		if found := Check([]Room{*r}); len(found) > 0 {
			t.Fatalf("nothing is wrong, and found: %v", found)
		}
		change := rapid.SampledFrom(changes).Draw(t, "change")
		if !change.make(t, r) {
			t.Skip("this room has nothing to change that way")
		}
		if found := Check([]Room{*r}); len(found) == 0 {
			t.Fatalf("%s: nothing was found in %+v", change.what, *r)
		}
	})
}

// drawRoom draws a room of up to six members in which every promise was kept. The first
// member saw everything, so that every change of the history is one that somebody noticed.
func drawRoom(t *rapid.T) *Room {
	r := &Room{ID: "room"}
	for i := range rapid.IntRange(1, 6).Draw(t, "members") {
		r.Members = append(r.Members, Member{ID: fmt.Sprint("member", i)})
		r.say(r.Members[i].ID, chatapi.Enter, "", "")
	}
	for i := range rapid.IntRange(1, 20).Draw(t, "sayings") {
		m := &r.Members[rapid.IntRange(0, len(r.Members)-1).Draw(t, "author")]
		s := Saying{Text: fmt.Sprint("saying ", i)}
		if rapid.Bool().Draw(t, "with a key") {
			s.Key = fmt.Sprint("key ", i)
		}
		if i == 0 || rapid.IntRange(0, 9).Draw(t, "fate") > 0 { // else it is lost on the way
			receipt := r.say(m.ID, chatapi.Text, s.Text, s.Key)
			for range rapid.IntRange(0, 2).Draw(t, "receipts") {
				s.Receipts = append(s.Receipts, receipt)
			}
		}
		m.Said = append(m.Said, s)
	}
	for i := range r.Members {
		drawSessions(t, r, &r.Members[i], i > 0)
	}
	return r
}

func drawSessions(t *rapid.T, r *Room, m *Member, mayMiss bool) {
	n := int64(len(r.History))
	after, last := int64(0), n
	if mayMiss {
		after = rapid.Int64Range(0, n).Draw(t, "listens after")
		if m.Left = rapid.Bool().Draw(t, "left"); m.Left {
			last = rapid.Int64Range(after, n).Draw(t, "listens until")
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "resumes") {
		until := rapid.Int64Range(after, last).Draw(t, "cut at")
		m.Sessions = append(m.Sessions, r.seen(after, until))
		after = until
	}
	m.Sessions = append(m.Sessions, r.seen(after, last))
}

// changes are single changes that no run can explain. Each says whether the room had
// what it changes.
var changes = []struct {
	what string
	make func(t *rapid.T, r *Room) bool
}{
	{"a stored message is gone", func(t *rapid.T, r *Room) bool {
		i := index(t, len(r.History))
		r.History = slices.Delete(r.History, i, i+1)
		return true
	}},
	{"a stored message is there twice", func(t *rapid.T, r *Room) bool {
		i := index(t, len(r.History))
		r.History = slices.Insert(r.History, i, r.History[i])
		return true
	}},
	{"a stored message is there again at the end", func(t *rapid.T, r *Room) bool {
		m := r.History[index(t, len(r.History))]
		r.say(m.MemberID, m.Type, m.Comment, m.IdempotencyKey)
		return true
	}},
	{"two stored messages changed places", func(t *rapid.T, r *Room) bool {
		i := index(t, len(r.History)-1)
		r.History[i], r.History[i+1] = r.History[i+1], r.History[i]
		return true
	}},
	{"two stored messages changed places and numbers", func(t *rapid.T, r *Room) bool {
		i := index(t, len(r.History)-1)
		r.History[i], r.History[i+1] = r.History[i+1], r.History[i]
		r.History[i].Seq, r.History[i+1].Seq = r.History[i+1].Seq, r.History[i].Seq
		return true
	}},
	{"a stored message is another", func(t *rapid.T, r *Room) bool {
		spoil(t, &r.History[index(t, len(r.History))])
		return true
	}},
	{"a seen message is gone", func(t *rapid.T, r *Room) bool {
		s := session(t, r)
		if s == nil {
			return false
		}
		if i := index(t, len(s.Seen)); s != lastOfOneWhoLeft(r, s) || i < len(s.Seen)-1 {
			s.Seen = slices.Delete(s.Seen, i, i+1)
			return true
		}
		return false // who left may have left one message earlier
	}},
	{"a seen message came twice", func(t *rapid.T, r *Room) bool {
		s := session(t, r)
		if s == nil {
			return false
		}
		i := index(t, len(s.Seen))
		s.Seen = slices.Insert(s.Seen, index(t, len(s.Seen)+1), s.Seen[i])
		return true
	}},
	{"two seen messages changed places", func(t *rapid.T, r *Room) bool {
		s := session(t, r)
		if s == nil || len(s.Seen) < 2 {
			return false
		}
		i := index(t, len(s.Seen)-1)
		s.Seen[i], s.Seen[i+1] = s.Seen[i+1], s.Seen[i]
		return true
	}},
	{"a seen message is another", func(t *rapid.T, r *Room) bool {
		s := session(t, r)
		if s == nil {
			return false
		}
		spoil(t, &s.Seen[index(t, len(s.Seen))])
		return true
	}},
	{"a receipt is another", func(t *rapid.T, r *Room) bool {
		s := saying(t, r, func(s Saying) bool { return len(s.Receipts) > 0 })
		if s == nil {
			return false
		}
		receipt := &s.Receipts[index(t, len(s.Receipts))]
		if rapid.Bool().Draw(t, "the seq") {
			receipt.Seq += rapid.SampledFrom([]int64{-100, -1, 1, 100}).Draw(t, "by")
		} else {
			receipt.MessageID += "x"
		}
		return true
	}},
	{"a receipt for what is not stored", func(t *rapid.T, r *Room) bool {
		s := saying(t, r, func(s Saying) bool { return !r.stores(s) })
		if s == nil {
			return false
		}
		m := r.History[index(t, len(r.History))]
		s.Receipts = []Receipt{{m.Seq, m.MessageID}}
		return true
	}},
	{"what is stored was refused", func(t *rapid.T, r *Room) bool {
		s := saying(t, r, r.stores)
		if s == nil {
			return false
		}
		s.Refused = true
		return true
	}},
}

// spoil changes one field of a message.
func spoil(t *rapid.T, m *chatapi.Message) {
	switch rapid.IntRange(0, 7).Draw(t, "field") {
	case 0:
		m.RoomID += "x"
	case 1:
		m.Seq += rapid.SampledFrom([]int64{-100, -1, 1, 100}).Draw(t, "by")
	case 2:
		m.MessageID += "x"
	case 3:
		m.IdempotencyKey += "x"
	case 4:
		m.MemberID += "x"
	case 5:
		m.Comment += "x"
	case 6:
		m.CreatedBy += "x"
	case 7:
		m.CreatedAt = wire.At(m.CreatedAt.Add(time.Millisecond))
	}
}

func index(t *rapid.T, n int) int { return rapid.IntRange(0, n-1).Draw(t, "index") }

// session is one that saw something; nil when none did.
func session(t *rapid.T, r *Room) *Session {
	var all []*Session
	for i := range r.Members {
		for j := range r.Members[i].Sessions {
			if s := &r.Members[i].Sessions[j]; len(s.Seen) > 0 {
				all = append(all, s)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[index(t, len(all))]
}

// lastOfOneWhoLeft returns s when it is the last session with anything in it of a member
// who left and resumed no more.
func lastOfOneWhoLeft(r *Room, s *Session) *Session {
	for _, m := range r.Members {
		if m.Left && s == &m.Sessions[len(m.Sessions)-1] {
			return s
		}
	}
	return nil
}

func (r *Room) stores(s Saying) bool {
	return slices.ContainsFunc(r.History, func(m chatapi.Message) bool { return m.Comment == s.Text })
}

func saying(t *rapid.T, r *Room, like func(Saying) bool) *Saying {
	var all []*Saying
	for i := range r.Members {
		for j, s := range r.Members[i].Said {
			if like(s) {
				all = append(all, &r.Members[i].Said[j])
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[index(t, len(all))]
}
