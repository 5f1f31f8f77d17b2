//go:build integration

package browser

import (
	"context"
	"fmt"
	"sync"
	"testing"

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
	// The sixth does not see the waiting room for long.
	p.holds("it waits, or is in already", "/^#.(waiting$|rooms.)/.test(location.hash)")
}

// inRoom waits until the room is there, connected, and told what happens in it: that one is
// online oneself comes with that.
func (p *page) inRoom() {
	p.t.Helper()
	p.sees("heading", film)
	p.sees("log", "Messages")
	p.holds("is connected", "document.querySelector('[role=log]:not([aria-busy])')")
	p.holds("is told what happens", "document.querySelector('[data-me][data-presence=online]')")
}

// alone is somebody at a page, user1, in a room with five who have none.
func alone(t *testing.T, s *system) (*page, []*friend) {
	t.Helper()
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	friends := fill(t, s, matchapi.Seats-1)
	p.inRoom()
	return p, friends
}

// friend is a member without a page.
type friend struct {
	*testclient.Member
	room    string
	matched chan matchapi.State
}

// join lets members wait for a film, with their event streams open.
func join(t *testing.T, s *system, movieID string, nicknames ...string) []*friend {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	t.Cleanup(func() { stop(); waiting.Wait() })
	var friends []*friend
	for _, nickname := range nicknames {
		m, err := testclient.SignIn(ctx, s.url, nickname)
		if err != nil {
			t.Fatal(err)
		}
		f := &friend{Member: m, matched: make(chan matchapi.State, 1)}
		friends = append(friends, f)
		waiting.Go(func() {
			if state, err := f.Match(ctx, movieID); err == nil { // else the test has ended
				f.matched <- state
			}
		})
	}
	return friends
}

// seat lets members enter their room, once there is one.
func seat(t *testing.T, friends []*friend) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	for _, f := range friends {
		select {
		case state := <-f.matched:
			f.room = state.Room.RoomID
			if _, err := f.Enter(ctx, state.Ticket); err != nil {
				t.Fatal(f.Nickname, err)
			}
		case <-ctx.Done():
			t.Fatal(f.Nickname, "got no room")
		}
	}
}

// fill lets so many others wait for the film and enter their room.
func fill(t *testing.T, s *system, n int) []*friend {
	t.Helper()
	var nicknames []string
	for i := range n {
		nicknames = append(nicknames, fmt.Sprint("friend", i+1))
	}
	friends := join(t, s, filmID, nicknames...)
	seat(t, friends)
	return friends
}

// say sends a message and waits for its receipt.
func (f *friend) say(t *testing.T, text string) {
	t.Helper()
	f.send(t, "/pub/chat/", fmt.Sprintf(`{"type":"TEXT","comment":%q}`, text))
}

// send does something in the room and waits for the receipt.
func (f *friend) send(t *testing.T, prefix, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ceiling)
	defer cancel()
	socket, err := f.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Drop() }()
	err = socket.Send(ctx, testclient.Frame{
		Command: "SEND", Headers: map[string]string{"destination": prefix + f.room, "receipt": "said"}, Body: body,
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := socket.Next(ctx); err != nil || answer.Command != "RECEIPT" {
		t.Fatalf("%s sent %q to %s: %+v, %v; want a RECEIPT", f.Nickname, body, prefix, answer, err)
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
