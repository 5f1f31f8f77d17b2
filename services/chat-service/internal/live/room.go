package live

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
)

// room is what this node knows of a room. Live.mu guards it.
type room struct {
	id      string
	here    guests    // through this node
	version int64     // of here: Live.versions at its last change
	saidAt  time.Time // when here was last said to Presence, or tried

	left map[string]bool // those who left for good, whatever anybody says

	visits  int // open ones
	hearing int // of these, those that listen, or are about to

	// Made when somebody listens first.
	others    map[string]view // by node: who is here through it; kept while somebody listens
	listeners map[*Visit]bool // attached
	known     chan struct{}   // closed once the others were asked; nil before anybody listens
	joining   chan struct{}   // one slot, taken while the bus is joined
	leave     func()          // leaves the bus; nil when it is not joined
}

// guest is a member with visits, or one whose last visit ended a moment ago.
type guest struct {
	Member
	visits int
	until  time.Time // without visits: when that is told
}

// guests are those of one room, by member id: six at most, and fewer on each of several nodes,
// which all have the room. A map would be as large as all else that is kept of it.
type guests []*guest

func (g guests) place(memberID string) (at int, found bool) {
	return slices.BinarySearchFunc(g, memberID, func(one *guest, id string) int { return strings.Compare(one.ID, id) })
}

func (g guests) get(memberID string) *guest {
	if at, found := g.place(memberID); found {
		return g[at]
	}
	return nil
}

func (g *guests) add(one *guest) {
	at, _ := g.place(one.ID)
	*g = slices.Insert(*g, at, one)
}

func (g *guests) remove(memberID string) {
	if at, found := g.place(memberID); found {
		*g = slices.Delete(*g, at, at+1)
	}
}

// view is what another node said last.
type view struct {
	State
	heard time.Time
}

// Visit is one subscription of a member to a room: for as long as one is open, on
// whatever node, the member is online there.
type Visit struct {
	live  *Live
	room  *room
	guest *guest // nil for one who has left the room

	to      Listener          // nil: hears nothing
	told    map[string]Member // who is online, as far as to was told
	hearing bool
	closed  bool
}

// Visit opens a visit that hears nothing.
func (l *Live) Visit(roomID string, m Member) *Visit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open(roomID, m)
}

// Listen opens a visit and tells its listener everything from now on, first of each who
// is online. It waits for the other nodes' word, unless that cannot be had.
func (l *Live) Listen(ctx context.Context, roomID string, m Member, to Listener) (*Visit, error) {
	l.mu.Lock()
	v := l.open(roomID, m)
	v.hearing = true
	if v.room.hearing++; v.room.joining == nil {
		v.room.others, v.room.listeners, v.room.joining = map[string]view{}, map[*Visit]bool{}, make(chan struct{}, 1)
	}
	l.mu.Unlock()
	err := l.join(ctx, v.room)
	if err == nil {
		err = l.ask(ctx, v.room)
	}
	if err != nil {
		v.Close()
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v.to, v.told = to, map[string]Member{}
	v.room.listeners[v] = true
	l.tell(v.room)
	return v, nil
}

// open finds or makes the room and the guest. The caller holds mu.
func (l *Live) open(roomID string, m Member) *Visit {
	r := l.rooms.Get(roomID)
	if r == nil {
		r = &room{id: roomID}
		l.rooms.Set(roomID, r)
	}
	r.visits++
	if r.left[m.ID] {
		return &Visit{live: l, room: r}
	}
	g := r.here.get(m.ID)
	if g == nil {
		g = &guest{Member: m}
		r.here.add(g)
		l.changed(r)
	}
	delete(l.leaving, g)
	g.visits++
	return &Visit{live: l, room: r, guest: g}
}

// Close ends the visit; nothing is told once it has returned. The member goes offline
// after a while, unless a visit is open here or elsewhere. It may be called twice.
func (v *Visit) Close() {
	l, r := v.live, v.room
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.closed {
		return
	}
	v.closed = true
	if v.hearing {
		l.deafen(r, v)
	}
	if g := v.guest; g != nil && r.here.get(g.ID) == g {
		if g.visits--; g.visits == 0 {
			g.until = l.now().Add(offlineAfter)
			l.leaving[g] = r
		}
	}
	r.visits--
	l.forget(r)
}

// deafen takes a listener out; with the last one what others say is forgotten, since
// nobody keeps it true. The caller holds mu.
func (l *Live) deafen(r *room, v *Visit) {
	delete(r.listeners, v)
	if r.hearing--; r.hearing > 0 {
		return
	}
	if r.leave != nil {
		r.leave()
		r.leave = nil
	}
	clear(r.others)
	r.known = nil
	delete(l.unheard, r)
	delete(l.behind, r)
}

// Left takes a member who left the room out of it at once, and for good.
func (l *Live) Left(roomID, memberID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms.Get(roomID)
	if r == nil || r.left[memberID] {
		return
	}
	if r.left == nil {
		r.left = map[string]bool{}
	}
	r.left[memberID] = true
	if g := r.here.get(memberID); g != nil {
		l.remove(r, g)
	} else {
		l.tell(r)
	}
}

// remove takes a guest out. The caller holds mu.
func (l *Live) remove(r *room, g *guest) {
	r.here.remove(g.ID)
	delete(l.leaving, g)
	l.changed(r)
	l.forget(r)
}

// changed tells everybody that who is here through this node has changed. The caller
// holds mu.
func (l *Live) changed(r *room) {
	l.versions++
	r.version = l.versions
	if len(r.here) > 0 || !r.saidAt.IsZero() {
		l.unsaid[r] = true
		signal(l.wake)
	} else {
		delete(l.unsaid, r) // nobody has heard of it
	}
	l.send(r.id, note{Node: l.node, State: r.state()})
	l.tell(r)
}

// forget drops a room that nobody is here for. The caller holds mu.
func (l *Live) forget(r *room) {
	if r.visits == 0 && len(r.here) == 0 && !l.unsaid[r] {
		l.rooms.Delete(r.id)
	}
}

// state is what this node says of the room.
func (r *room) state() *State {
	s := &State{Version: r.version}
	for _, g := range r.here {
		s.Members = append(s.Members, g.Member)
	}
	return s
}

// present is who is online, by member id.
func (r *room) present() map[string]Member {
	all := map[string]Member{}
	for _, v := range r.others {
		for _, m := range v.Members {
			all[m.ID] = m
		}
	}
	for _, g := range r.here {
		all[g.ID] = g.Member
	}
	for id := range r.left {
		delete(all, id)
	}
	return all
}

// tell brings all listeners up to date. Those who cannot take it now are told later. The
// caller holds mu.
func (l *Live) tell(r *room) {
	delete(l.behind, r)
	if len(r.listeners) == 0 {
		return
	}
	present, sure := r.present(), l.trust.sure(l.now())
	for v := range r.listeners {
		if !v.tell(present, sure) {
			l.behind[r] = true
		}
	}
}

// tell offers the difference between who is online and what the listener was told. While
// the others are not sure to be heard, nobody but who left the room is called offline.
func (v *Visit) tell(present map[string]Member, sure bool) bool {
	for _, id := range slices.Sorted(maps.Keys(present)) {
		m := present[id]
		if _, told := v.told[id]; told {
			continue
		}
		if !v.to.Offer(Event{Event: chatapi.Online, MemberID: id, Nickname: m.Nickname}) {
			return false
		}
		v.told[id] = m
	}
	for _, id := range slices.Sorted(maps.Keys(v.told)) {
		if _, here := present[id]; here || !sure && !v.room.left[id] {
			continue
		}
		if !v.to.Offer(Event{Event: chatapi.Offline, MemberID: id, Nickname: v.told[id].Nickname}) {
			return false
		}
		delete(v.told, id)
	}
	return true
}

// late is how a wait ends whose caller has no more time.
func late(ctx context.Context) error {
	return fault.New(fault.Unavailable, "The room could not be listened to in time.").Wrap(ctx.Err())
}
