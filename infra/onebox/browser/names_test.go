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

// amongWide is user1 in a room with four of wide names and one of a short one, on a phone.
func amongWide(t *testing.T) (*page, []*friend) {
	t.Helper()
	s := start(t)
	p := person(t, chromium(t), "user1", s.url+"/match/")
	p.signIn(p.who)
	p.wait()
	var names []string
	for i := range matchapi.Seats - 2 {
		names = append(names, wide(i))
	}
	names = append(names, "Annabel")
	p.dress("light", phone)
	friends := join(t, s, filmID, names[:1]...)
	p.says("2 of 6 here")
	p.holds("the name is there as a whole", "[...document.querySelectorAll('.seats .taken .name')].every((name) => name.scrollHeight <= name.clientHeight)")
	p.holds("all names begin as high, under their seats", "new Set([...document.querySelectorAll('.seats .name')].slice(0, 3).map((name) => name.offsetTop)).size === 1")
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

	friends[4].send(t, "/pub/typing/", "")
	p.holds("of three who type the long names are cut", `((names) => names.length === 3 && names[2].scrollWidth <= names[2].clientWidth
		&& names[0].scrollWidth > names[0].clientWidth && names[0].offsetWidth === names[1].offsetWidth)([...document.querySelectorAll('[data-typing] bdi')])`)

	p.say("who reads this?")
	seq := p.reads(1)[0].Seq
	for _, f := range friends[:3] {
		f.send(t, "/pub/read/", fmt.Sprintf(`{"seq":%d}`, seq))
	}
	p.holds("three have seen it, in few lines, and all are named", fmt.Sprintf(`((mark) => mark?.title.endsWith(', %s') && / and 1 more$/.test(mark.innerText)
		&& mark.offsetHeight < 4 * parseFloat(getComputedStyle(mark).fontSize) * 1.5)(document.querySelector('[data-mark=seen]'))`, wide(2)))
}
