//go:build integration

package browser

import "testing"

func TestWaiting_keepsTheSeatWhileTheServerIsAway(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	p.says("1 of 6 here")

	p.unplug(true)
	if err := s.match.Kill(); err != nil {
		t.Fatal(err)
	}
	p.says("Connection lost. Your place is kept for a minute")
	if err := s.match.Start(); err != nil {
		t.Fatal(err)
	}
	p.says("We kept your seat")
	p.unplug(false)

	fill(t, s, 5)
	p.inRoom()
}

func TestWaiting_isLeft(t *testing.T) {
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	p.click("button", "Stop waiting")
	p.sees("heading", "What do you want to talk about?")
	p.holds("nobody waits", "document.querySelector('[data-movie="+filmID+"]').innerText.includes('Be the first')")
}
