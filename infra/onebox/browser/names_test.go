//go:build integration

package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// wide is the widest name that the contract allows.
func wide(n int) string { return fmt.Sprint(strings.Repeat("W", 19), n) }

// amongWide is user1 in a room with five of wide names, on a phone.
func amongWide(t *testing.T) (*page, []*friend) {
	t.Helper()
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	var names []string
	for i := range matchapi.Seats - 1 {
		names = append(names, wide(i))
	}
	p.dress("light", phone)
	friends := join(t, s, filmID, names[:1]...)
	p.says("2 of 6 here")
	p.holds("the name is there as a whole", "[...document.querySelectorAll('.seats .taken .name')].every((name) => name.scrollHeight <= name.clientHeight)")
	friends = append(friends, join(t, s, filmID, names[1:]...)...)
	seat(t, friends)
	p.inRoom()
	return p, friends
}

func TestNames_leaveRoomForWhatTheyDo(t *testing.T) {
	p, friends := amongWide(t)
	friends[0].send(t, "/pub/typing/", "")
	friends[1].send(t, "/pub/typing/", "")
	p.holds("one sees that two type", `(({childNodes, lastChild}, inside) => {
		inside.selectNodeContents(lastChild);
		return childNodes.length === 4 && inside.toString() === ' are typing…' && inside.getBoundingClientRect().right <= innerWidth;
	})(document.querySelector('[data-typing]'), document.createRange())`)

	p.say("who reads this?")
	seq := p.reads(1)[0].Seq
	for _, f := range friends[:3] {
		f.send(t, "/pub/read/", fmt.Sprintf(`{"seq":%d}`, seq))
	}
	p.holds("three have seen it, in few lines, and all are named", fmt.Sprintf(`((mark) => mark?.title.endsWith(', %s') && / and 1 more$/.test(mark.innerText)
		&& mark.offsetHeight < 4 * parseFloat(getComputedStyle(mark).fontSize) * 1.5)(document.querySelector('[data-mark=seen]'))`, wide(2)))
}
