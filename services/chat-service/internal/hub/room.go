package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// room is the live end of one room on this node.
type room struct {
	mu        sync.Mutex    // guards what follows, which each delivery needs: it stands together
	loading   chan struct{} // one slot, taken while the bus is joined and the head is read; nil once that is done
	closed    bool
	head      int64                     // the last seq delivered here
	known     int64                     // the last seq that is known to exist
	tail      place                     // of head, in what the hub remembers
	held      map[int64]*Delivery       // past head+1: wait for what is missing before them; mostly nil
	listeners []listening               // attached: they have everything up to head
	silent    []listening               // attached as well, of those who show nothing
	healing   *time.Timer               // set while a gap is held
	fruitless int                       // heals in a row that found nothing
	six       [matchapi.Seats]listening // where listeners are while they are no more

	id    string
	hub   *Hub
	users int    // subscriptions, those still loading or catching up included; guarded by hub.mu
	leave func() // ends the membership of the bus; set by a user who loads, called by the last; nil before
}

// listening is an attached subscription, with what a delivery needs of it in one place.
type listening struct {
	sub      *Subscription
	listener Listener
	has      int64 // a replay handed over everything up to here
}

func (l *listening) deliver(d *Delivery) (heard bool) {
	heard = d.Seq > l.has // a replay may have read past the head
	if heard {
		l.listener.Deliver(d)
	}
	return heard
}

// errLost is what listeners get when the store has less than it had.
var errLost = fault.New(fault.Unavailable, "The room's history could not be read. Subscribe again.")

func newRoom(id string, h *Hub) *room {
	r := &room{id: id, hub: h, loading: make(chan struct{}, 1)}
	r.listeners = r.six[:0]
	return r
}

// admit loads the room if that was not done yet, and makes sub live if it needs
// nothing before the head.
func (r *room) admit(ctx context.Context, sub *Subscription, after *int64) (live bool, err error) {
	if err := r.load(ctx); err != nil {
		return false, err
	}
	if after != nil {
		if err := r.learn(ctx, *after); err != nil {
			return false, err
		}
	}
	return r.attach(sub, after)
}

// load joins the bus and then reads the room's head, once: what is committed before
// the head is read is part of it, and what is committed later comes over the bus. Users
// that come meanwhile wait, each as long as its own ctx allows.
func (r *room) load(ctx context.Context) error {
	slot := r.toLoad()
	if slot == nil {
		return nil
	}
	select {
	case slot <- struct{}{}:
		defer func() { <-slot }()
	case <-ctx.Done():
		return batch.Late(ctx)
	}
	if r.toLoad() == nil { // whoever had the slot has loaded it
		return nil
	}
	if r.leave == nil {
		leave, err := r.hub.bus.Join(ctx, r.id, kindMessage, r.receive)
		if err != nil {
			return err
		}
		r.leave = leave
	}
	head, err := r.hub.heads.Get(ctx, r.id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loading, r.head, r.known = nil, head, max(r.known, head)
	for seq := range r.held { // committed while the head was read, and part of it
		if seq <= head {
			delete(r.held, seq)
		}
	}
	r.deliverHeld()
	return nil
}

// toLoad is the slot that is to be taken for it; nil once it is done.
func (r *room) toLoad() chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loading
}

// loaded: what is live is in line behind the head. The caller holds mu.
func (r *room) loaded() bool { return r.loading == nil }

// learn asks the store when a listener says that it has more than this node knows of:
// it may have it from another node, and must not get it again, or have made it up.
func (r *room) learn(ctx context.Context, after int64) error {
	if after <= r.lastKnown() {
		return nil
	}
	head, err := r.hub.heads.Get(ctx, r.id)
	if err == nil {
		r.advanced(head)
	}
	return err
}

func (r *room) lastKnown() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known
}

// attach makes sub live if it needs nothing before the head. One that says it has more
// than there is just listens.
func (r *room) attach(sub *Subscription, after *int64) (live bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, errLost
	}
	if after != nil && *after < r.head {
		return false, nil
	}
	var has int64
	if after != nil && *after <= r.known {
		has = *after
	}
	r.listen(sub, has)
	return true, nil
}

// listen makes sub, which has everything up to a seq, live unless it has ended. The caller
// holds mu.
func (r *room) listen(sub *Subscription, has int64) {
	switch l := (listening{sub, sub.listener, has}); {
	case sub.ended:
	case l.listener.Shows():
		r.listeners = append(r.listeners, l)
		if len(r.listeners) == len(r.six)+1 {
			clear(r.six[:]) // they are elsewhere from now on, and must not be kept here when they go
		}
	default:
		r.silent = append(r.silent, l)
	}
}

func (r *room) detach(sub *Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sub.ended = true
	isThis := func(l listening) bool { return l.sub == sub }
	r.listeners, r.silent = slices.DeleteFunc(r.listeners, isThis), slices.DeleteFunc(r.silent, isThis)
}

// publish takes a committed message: the next one is delivered, one that was there
// already is dropped, one too early is held.
func (r *room) publish(d *Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq := d.Seq
	if r.loaded() && seq <= r.head {
		return
	}
	r.known = max(r.known, seq)
	if r.loaded() && seq == r.head+1 {
		r.deliver(d)
	} else {
		r.hold(d)
	}
	r.deliverHeld()
}

// hold keeps what came before its time. The caller holds mu.
func (r *room) hold(d *Delivery) {
	if r.held == nil || len(r.held) >= maxHeld { // all of it is in the store
		r.held = map[int64]*Delivery{}
	}
	r.held[d.Seq] = d
}

// shown is the last seq that was delivered here.
func (r *room) shown() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head
}

// advanced says that the history reaches at least seq.
func (r *room) advanced(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = max(r.known, seq)
	r.deliverHeld()
}

// deliverHeld delivers what is in line, and starts to heal if something is missing.
// The caller holds mu.
func (r *room) deliverHeld() {
	if !r.loaded() {
		return
	}
	for d := r.held[r.head+1]; d != nil; d = r.held[r.head+1] {
		delete(r.held, r.head+1)
		r.deliver(d)
	}
	if len(r.held) == 0 {
		r.held = nil
	}
	if r.known > r.head && r.healing == nil && !r.closed {
		r.healing = time.AfterFunc(holdFor, r.heal)
	}
}

func (r *room) deliver(d *Delivery) {
	r.head = d.Seq
	r.remember(d)
	shown := 0
	for i := range r.listeners {
		if r.listeners[i].deliver(d) {
			shown++
		}
	}
	if d.Type == chatapi.Leave {
		for i := range r.silent {
			r.silent[i].deliver(d)
		}
	}
	r.hub.counted.delivered(d, shown)
}

// heal reads what is missing from the store, if it still is: page after page without a
// pause, and again after one while the store does not answer or has nothing yet.
func (r *room) heal() {
	head, missing := r.gap()
	if !missing {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), healTimeout)
	defer cancel()
	page, err := r.hub.page(ctx, chat.Position{RoomID: r.id, Seq: head}, r.hub.archived)
	if err != nil {
		r.hub.log.Warn("gap not healed yet", "room_id", r.id, "after", head, "err", err)
	}
	if r.healed(page, err) == maxFruitless {
		r.hub.abandon(r)
	}
}

// healed delivers what was found and returns how often in a row nothing was.
func (r *room) healed(page []*Delivery, err error) (fruitless int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := false
	for _, d := range page {
		if d.Seq > r.head {
			if r.held == nil {
				r.held = map[int64]*Delivery{}
			}
			r.held[d.Seq], missing = d, true
		}
	}
	if missing {
		r.hub.counted.healed.Inc()
	}
	r.deliverHeld() // no timer is set while healing is
	pause := healRetry
	switch {
	case len(page) > 0:
		r.fruitless, pause = 0, 0
	case err == nil:
		r.fruitless++
	}
	r.healing = nil
	if r.known > r.head && !r.closed {
		r.healing = time.AfterFunc(pause, r.heal)
	}
	return r.fruitless
}

func (r *room) gap() (head int64, missing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.known <= r.head {
		r.healing = nil
		return 0, false
	}
	return r.head, true
}

// remember puts what comes next in the room to what its hub remembers. The caller holds mu.
func (r *room) remember(d *Delivery) {
	var ordinary [ordinaryPacked]byte // on the stack
	r.tail = r.hub.recent.put(r.tail, packed(ordinary[:0]).pack(d.Message))
}

// remembered is the room's last messages, as far as they are remembered, the oldest first.
// The caller holds mu.
func (r *room) remembered(n int) []chat.Message {
	said := r.hub.recent.last(r.tail, n)
	all := make([]chat.Message, len(said))
	for i, p := range said {
		all[len(said)-1-i] = p.unpack(r.id, r.head-int64(i))
	}
	return all
}

// after returns what came after seq, if all of it is remembered. With nothing after seq it
// attaches sub instead: from here on it is live.
func (r *room) after(seq int64, sub *Subscription) (next []chat.Message, live, known bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := r.head - seq
	switch {
	case r.closed:
		return nil, false, false, errLost
	case missing <= 0:
		r.listen(sub, seq)
		return nil, true, true, nil
	case missing > tailSize:
		return nil, false, false, nil
	}
	next = r.remembered(int(missing))
	return next, false, len(next) == int(missing), nil
}

// recall remembers what a replay read, if it ends where what is remembered begins: the
// room's others, who come back at this moment, need no query.
func (r *room) recall(page []*Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	tail := r.remembered(tailSize)
	first := r.head - int64(len(tail)) + 1
	page = slices.DeleteFunc(slices.Clone(page), func(d *Delivery) bool { return d.Seq >= first })
	if len(page) == 0 || page[len(page)-1].Seq != first-1 || len(tail) == tailSize {
		return
	}
	r.tail = 0
	for _, d := range page[max(0, len(page)-(tailSize-len(tail))):] {
		r.remember(d)
	}
	for _, m := range tail {
		r.remember(&Delivery{Message: m})
	}
}

// close ends the room's work and returns those who listened until now.
func (r *room) close() (listeners []Listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.healing != nil {
		r.healing.Stop()
	}
	for _, l := range slices.Concat(r.listeners, r.silent) {
		listeners = append(listeners, l.listener)
	}
	r.listeners, r.silent = nil, nil
	return listeners
}
