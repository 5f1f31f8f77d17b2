package scene

import (
	"net"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// That somebody could not connect is one failure, not the loss of all that the others said.
func TestJourney_whoCannotConnectHasLostNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target, err := line.ParseTarget("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil { // nobody listens there any more
		t.Fatal(err)
	}
	s := &stage{Config: Config{Chat: target}}
	room := s.judge.Room("r", 0)
	v := &visitor{stage: s, m: &member{roomID: "r", room: room, ear: room.Listen(0)}}
	if err := v.chats(t.Context()); err == nil {
		t.Fatal("connected to nobody")
	}
	other := room.Listen(0)
	n := room.Say(time.Now())
	other.Heard(1, n)
	room.Receipted(n, 1)
	if verdict := s.judge.Close(); verdict.Total() != 0 {
		t.Errorf("%+v", verdict)
	}
}

// Who goes has heard all that was said by then: a subscription that goes deaf is a loss, also
// when nothing comes after it.
func TestJourney_whoGoesHasHeardEverything(t *testing.T) {
	for what, c := range map[string]struct {
		heard int64
		whole bool
		lost  int64
	}{"all": {3, true, 0}, "all but the last two": {1, false, 2}} {
		t.Run(what, func(t *testing.T) {
			s := &stage{}
			m := &member{roomID: "r", room: s.judge.Room("r", 0), open: map[int]bool{}}
			m.ear = m.room.Listen(0)
			talk := &talk{visitor: &visitor{stage: s, m: m}}
			other := m.room.Listen(0)
			for seq := int64(1); seq <= 3; seq++ {
				n := m.room.Say(time.Now())
				m.open[n] = true
				if talk.whole() {
					t.Error("whole before the answer")
				}
				delete(m.open, n)
				m.room.Receipted(n, seq)
				other.Heard(seq, n)
				if seq <= c.heard {
					m.ear.Heard(seq, n)
				}
			}
			if talk.whole() != c.whole {
				t.Errorf("whole: %v", !c.whole)
			}
			other.Heard(4, m.room.Say(time.Now())) // after the end
			if talk.whole() != c.whole {
				t.Errorf("what came later counts")
			}
			m.room.Receipted(4, 4)
			m.ear.Leave(talk.heard)
			if got := s.judge.Close(); got.Broken[judge.Lost] != c.lost || got.Total() != c.lost {
				t.Errorf("%+v, want %d lost", got, c.lost)
			}
		})
	}
}
