package scene

import (
	"net"
	"testing"
	"time"

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
