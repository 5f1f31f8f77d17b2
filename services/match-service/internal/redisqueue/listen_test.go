package redisqueue

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// mute is a server that takes subscriptions and says nothing after, not even to a ping, as
// one does whose machine has vanished.
type mute struct{ subscribed chan time.Time }

func (m mute) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go m.serve(server)
	return client, nil
}

func (m mute) serve(c net.Conn) {
	defer c.Close()
	answer := func(text string) { _, _ = c.Write([]byte(text)) } // the client may be gone
	for lines := bufio.NewScanner(c); lines.Scan(); {
		switch word := strings.ToLower(lines.Text()); word {
		case "hello":
			answer("-ERR unknown command\r\n")
		case "client":
			answer("+OK\r\n")
		case "subscribe":
			m.subscribed <- time.Now()
			channel := tag + changesSuffix
			answer(fmt.Sprintf("*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n", len(channel), channel))
		}
	}
}

type deaf struct{}

func (deaf) Here(string) bool        { return false }
func (deaf) Tell(string, match.News) {}
func (deaf) Missed()                 {}

func TestListen_givesUpAConnectionThatLeavesAPingUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := mute{make(chan time.Time, 1)}
		client := redis.NewClient(&redis.Options{Dialer: m.dial, ReadTimeout: -1, WriteTimeout: -1})
		q := New(client, Config{Limits: match.DefaultLimits(), Now: time.Now})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { q.Listen(ctx, deaf{}, slog.New(slog.DiscardHandler)); close(ended) }()

		first, again := <-m.subscribed, <-m.subscribed

		if got, want := again.Sub(first), 2*quietAfter+listenAgainAfter; got != want {
			t.Errorf("subscribed again after %v, want %v", got, want)
		}
		cancel()
		<-ended
		_ = client.Close()
	})
}
