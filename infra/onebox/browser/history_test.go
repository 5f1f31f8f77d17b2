//go:build integration

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/testclient"
)

// chatter lets all say so many messages, over one socket each.
func chatter(t *testing.T, friends []*friend, each int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	var g errgroup.Group
	for _, f := range friends {
		g.Go(func() error {
			socket, err := f.Open(ctx)
			if err != nil {
				return err
			}
			defer func() { _ = socket.Drop() }()
			for i := range each {
				body, err := json.Marshal(map[string]string{"type": "TEXT", "comment": fmt.Sprintf("%s says %d", f.Nickname, i)})
				if err != nil {
					return err
				}
				headers := map[string]string{"destination": "/pub/chat/" + f.room, "receipt": fmt.Sprint(i)}
				if err := socket.Send(ctx, testclient.Frame{Command: "SEND", Headers: headers, Body: string(body)}); err != nil {
					return err
				}
				if answer, err := socket.Next(ctx); err != nil || answer.Command != "RECEIPT" {
					return fmt.Errorf("%s: %+v, %w; want a RECEIPT", f.Nickname, answer, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestHistory_isLoadedWhereOneScrolls(t *testing.T) {
	s := start(t)
	p, friends := alone(t, s)
	chatter(t, friends, 25)
	p.visit("about:blank")
	p.visit(s.url + "/match/#/rooms/" + friends[0].room)
	p.inRoom()
	if n := len(p.reads(1)); n >= 125 {
		t.Fatalf("all %d messages are there at once: nothing is left to scroll for", n)
	}

	p.eventually("scrolls to the first message", func(ctx context.Context) error {
		_ = p.evaluate("document.querySelector('[role=log]').scrollTop = 0")
		if n := len(read[[]line](p, lines)); n < 125 {
			return fmt.Errorf("%d of 125 messages are there", n)
		}
		return nil
	})
	agreesWithHistory(t, p, friends[0])
}

func TestNews_waitBelowWhereOneReads(t *testing.T) {
	p, friends := alone(t, start(t))
	chatter(t, friends, 10)
	p.reads(50)
	p.must(p.evaluate("document.querySelector('[role=log]').scrollTop = 0"))
	p.sees("button", "To the newest ↓")

	friends[0].say(t, "one more")
	p.sees("button", "1 new message ↓")
	p.holds("nothing has moved", "document.querySelector('[role=log]').scrollTop < 300")
	p.click("button", "1 new message ↓")
	p.holds("the newest is seen", "(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.querySelector('[role=log]'))")
	p.holds("the button is gone", "document.querySelector('[data-jump]').hidden")
}
