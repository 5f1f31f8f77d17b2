//go:build integration

package browser

import (
	"fmt"
	"testing"
)

func TestJourney_sixGoTheWholeWay(t *testing.T) {
	people := six(t, start(t))

	together(people, func(p *page) {
		for i := range 3 {
			p.say(fmt.Sprintf("%s says %d", p.who, i))
		}
	})
	together(people, func(p *page) { p.reads(18) })
	for _, p := range people[1:] {
		agrees(t, people[0], p)
	}

	people[5].click("button", "Leave")
	people[5].click("button", "Leave the room")
	people[5].sees("heading", "What do you want to talk about?")
	together(people[:5], func(p *page) { p.says("user6 left the room") })
}
