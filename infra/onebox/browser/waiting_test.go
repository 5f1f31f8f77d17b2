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

func TestWaiting_asksAgainWhenTheNetworkGoes(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.signIn(p.who)
	p.wait()
	p.says("1 of 6 here")
	p.must(p.evaluate(`{
		const { fetch } = window;
		window.asked = 0;
		window.fetch = (url, options) => {
			if (url.endsWith('/match/queue/events')) asked++;
			return fetch(url, options);
		};
	}`))

	p.must(p.evaluate("dispatchEvent(new Event('offline'))")) // as the browser does

	// The stream would have stayed for a minute and a half.
	p.holds("it has asked again", "asked > 0")
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

// The search asks a quarter of a second after the last key, which may be between the tap on a
// poster and the browser's word that the address is another.
func TestWaiting_isReachedThoughTheSearchAsksMeanwhile(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.signIn(p.who)
	p.wait()
	p.sees("button", "Stop waiting")
	p.must(p.evaluate(lobby))
	p.sees("searchbox", "Search")

	p.must(p.evaluate(`location.hash = '#/waiting'; document.querySelector('form[role=search]').requestSubmit()`))

	p.sees("button", "Stop waiting")
	p.holds("the address is that of the waiting room", "location.hash === '#/waiting'")
}
