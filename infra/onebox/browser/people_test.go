//go:build integration

package browser

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// The film that all wait for; every catalogue has it.
const (
	film   = "Pulp Fiction"
	filmID = "pulp-fiction-1994"
)

// signIn takes a nickname on the first screen.
func (p *page) signIn(nickname string) {
	p.t.Helper()
	p.write("textbox", "Your nickname", nickname)
	p.press(enter)
	p.sees("heading", "What do you want to talk about?")
}

// wait finds the film and waits for it.
func (p *page) wait() {
	p.t.Helper()
	p.write("searchbox", "Search", film)
	p.holds("it alone is found", "document.querySelectorAll('[data-movie]').length === 1") // before that it would move under the pointer
	p.click("button", "*"+film+"*")
	p.sees("button", "Stop waiting")
}

// inRoom waits until the room is there and connected.
func (p *page) inRoom() {
	p.t.Helper()
	p.sees("heading", film)
	p.sees("log", "Messages")
	p.holds("is connected", "document.querySelector('[role=log]:not([aria-busy])')")
}

// six people sit in a new room, each at a page; they are user1 to user6.
func six(t *testing.T, s *system) []*page {
	t.Helper()
	browser := chromium(t)
	people := make([]*page, matchapi.Seats)
	for i := range people {
		who := fmt.Sprintf("user%d", i+1)
		people[i] = person(t, browser, who, s.url+"/match/")
	}
	together(people, func(p *page) {
		p.signIn(p.who)
		p.wait()
		p.inRoom()
	})
	return people
}

// alone is somebody at a page, user1, in a room with five who have none.
func alone(t *testing.T, s *system) (*page, []friend) {
	t.Helper()
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	friends := fill(t, s, matchapi.Seats-1)
	p.inRoom()
	return p, friends
}

// friend is a member of a room without a page.
type friend struct {
	*testclient.Member
	room string
}

// fill lets so many others wait for the film and enter their room.
func fill(t *testing.T, s *system, n int) []friend {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	friends := make([]friend, n)
	g, ctx := errgroup.WithContext(ctx)
	for i := range friends {
		g.Go(func() error {
			m, err := testclient.SignIn(ctx, s.url, fmt.Sprint("friend", i+1))
			if err != nil {
				return err
			}
			state, err := m.Match(ctx, filmID)
			if err != nil {
				return err
			}
			friends[i] = friend{m, state.Room.RoomID}
			_, err = m.Enter(ctx, state.Ticket)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return friends
}

// say sends a message and waits for its receipt.
func (f friend) say(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	socket, err := f.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Drop() }()
	err = socket.Send(ctx, testclient.Frame{
		Command: "SEND", Headers: map[string]string{"destination": "/pub/chat/" + f.room, "receipt": "said"},
		Body: fmt.Sprintf(`{"type":"TEXT","comment":%q}`, text),
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := socket.Next(ctx); err != nil || answer.Command != "RECEIPT" {
		t.Fatalf("%s said %q: %+v, %v; want a RECEIPT", f.Nickname, text, answer, err)
	}
}

// together lets all do something at the same time.
func together(people []*page, do func(p *page)) {
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() { do(p) })
	}
	all.Wait()
	if t := people[0].t; t.Failed() { // FailNow ended only the goroutine of who failed
		t.FailNow()
	}
}
