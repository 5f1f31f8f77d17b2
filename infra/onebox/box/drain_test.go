package box

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/sixseat/sixseat/pkg/drain"
	"github.com/sixseat/sixseat/pkg/service"
)

// The notice of pkg/drain reads what the real local load balancer says.
func TestDrainNotice_readsTheLocalLoadBalancer(t *testing.T) {
	stores, err := Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(t.Context(), Config{Addr: "127.0.0.1:0"}, stores, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	admin := httptest.NewServer(b.lb.Admin())
	defer admin.Close()
	notice := func(addr string) service.DrainNotice {
		n, err := drain.Notice(t.Context(), service.Config{Addr: addr, DrainNoticeURL: admin.URL + "/targets"})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	want := func(what string, n service.DrainNotice, want bool) {
		t.Helper()
		if got, err := n.Draining(t.Context()); got != want || err != nil {
			t.Errorf("%s: draining %v, %v; want %v", what, got, err, want)
		}
	}
	chat, match := notice(b.chat.Addr()), notice(b.match.Addr())
	want("chat-service at first", chat, false)

	if err := b.lb.Deregister("aws_lb_target_group.chat", b.chat.Addr()); err != nil {
		t.Fatal(err)
	}

	want("chat-service, which was deregistered", chat, true)
	want("match-service beside it", match, false)
}
