// Package judge says while a run goes on whether chat keeps its promises: one order,
// nothing lost, nothing twice. It looks at every delivery and costs little: for each
// listener the next seq, for each room what was said and which of it stands at which seq.
//
// pkg/audit judges whole messages after a test; this judges millions of deliveries.
package judge

import (
	"fmt"
	"sync"
	"time"
)

// Rule is a promise that can be broken.
type Rule string

// The promises.
const (
	Lost       Rule = "lost"       // a listener, or all of them, never heard a message
	Twice      Rule = "twice"      // heard again, or stored again under another seq
	Disorder   Rule = "disorder"   // heard after a later one
	Different  Rule = "different"  // two listeners heard different messages as the same seq, or the receipt named another
	Unsaid     Rule = "unsaid"     // nobody said it
	Unanswered Rule = "unanswered" // neither receipted nor refused by the end
	Refused    Rule = "refused"    // refused, and shown all the same
)

// Finding is one broken promise.
type Finding struct {
	Rule   Rule   `json:"rule"`
	Room   string `json:"room"`
	Detail string `json:"detail"`
}

// Verdict is all that was found.
type Verdict struct {
	Broken   map[Rule]int64 `json:"broken"`
	Examples []Finding      `json:"examples,omitempty"`
}

// Total is how many promises were broken.
func (v Verdict) Total() (n int64) {
	for _, count := range v.Broken {
		n += count
	}
	return n
}

// Judge is the rooms of a run. The zero Judge is ready.
type Judge struct {
	// Unordered: the server promises no order, so what comes late is not held against it.
	// Where it has no seq either, a saying's nonce stands for it.
	Unordered bool

	mu      sync.Mutex // guards what follows; taken after a room's
	rooms   map[string]*Room
	verdict Verdict
}

// Room is the room of this id, whose first message that counts is the one after `after`.
// All who ask for it get the same; the first says after what.
func (j *Judge) Room(id string, after int64) *Room {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.rooms == nil {
		j.rooms = map[string]*Room{}
	}
	r := j.rooms[id]
	if r == nil {
		r = &Room{id: id, judge: j, base: after, head: after}
		j.rooms[id] = r
	}
	return r
}

func (j *Judge) found(n int64, rule Rule, room, format string, args ...any) {
	if n <= 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.verdict.Broken == nil {
		j.verdict.Broken = map[Rule]int64{}
	}
	j.verdict.Broken[rule] += n
	if len(j.verdict.Examples) < examplesKept {
		j.verdict.Examples = append(j.verdict.Examples, Finding{rule, room, fmt.Sprintf(format, args...)})
	}
}

// Broken is how many promises were broken so far.
func (j *Judge) Broken() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.verdict.Total()
}

func (j *Judge) all() []*Room {
	j.mu.Lock()
	defer j.mu.Unlock()
	rooms := make([]*Room, 0, len(j.rooms))
	for _, r := range j.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}

// Settled reports whether every listener heard everything and every saying is answered.
func (j *Judge) Settled() bool {
	for _, r := range j.all() {
		if !r.settled() {
			return false
		}
	}
	return true
}

// Close judges what only the end shows, and returns everything. Nobody speaks or listens
// any more.
func (j *Judge) Close() Verdict {
	for _, r := range j.all() {
		r.close()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.verdict
}

// Room is one room and what was said in it during the run.
type Room struct {
	id    string
	judge *Judge
	base  int64 // the seq before the first that counts

	mu        sync.Mutex // guards what follows
	said      []saying   // by nonce, which counts from 1
	at        []int      // nonces by seq, the first is base+1; unheard or server where it is none
	head      int64      // the highest seq that anybody heard or was receipted
	listeners []*Listener
}

// What stands at a seq in place of a nonce.
const (
	unheard = 0
	server  = -1 // an ENTER or LEAVE
)

type saying struct {
	due   time.Time
	seq   int64 // 0 until it is known
	state state
}

type state uint8

const (
	open      state = iota
	receipted       // committed
	refused         // will never be
	unknown         // its line broke before the answer
)

// Say notes that something is about to be said, meant for the moment due, and returns its
// nonce, by which it is known from now on.
func (r *Room) Say(due time.Time) (nonce int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, saying{due: due})
	return len(r.said)
}

// Receipted notes a receipt and returns when its saying was due.
func (r *Room) Receipted(nonce int, seq int64) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.saying(nonce)
	switch {
	case s == nil:
		r.found(1, Unsaid, "a receipt names saying %d, and there are %d", nonce, len(r.said))
		return time.Time{}
	case s.state == receipted:
		r.found(1, Twice, "saying %d was receipted again, with seq %d", nonce, seq)
	case s.seq != 0 && s.seq != seq:
		r.found(1, Different, "saying %d was heard as seq %d and receipted as %d", nonce, s.seq, seq)
	}
	s.state, s.seq = receipted, seq
	r.head = max(r.head, seq)
	return s.due
}

// Refused notes that a saying was answered with a problem.
func (r *Room) Refused(nonce int) { r.end(nonce, refused) }

// Unknown notes that a saying's answer will never come.
func (r *Room) Unknown(nonce int) { r.end(nonce, unknown) }

func (r *Room) end(nonce int, as state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.saying(nonce); s != nil && s.state == open {
		s.state = as
	}
}

func (r *Room) saying(nonce int) *saying {
	if nonce < 1 || nonce > len(r.said) {
		return nil
	}
	return &r.said[nonce-1]
}

func (r *Room) found(n int64, rule Rule, format string, args ...any) {
	r.judge.found(n, rule, r.id, format, args...)
}

// place notes which message stands at a seq, and returns its saying if a member said it.
func (r *Room) place(seq int64, nonce int) *saying {
	i := seq - r.base - 1
	if i < 0 || i >= int64(len(r.said)+maxUnsaid) {
		r.found(1, Unsaid, "seq %d, where %d is the last before the run and %d were said", seq, r.base, len(r.said))
		return nil
	}
	for int64(len(r.at)) <= i {
		r.at = append(r.at, unheard)
	}
	s := r.saying(nonce)
	switch had := r.at[i]; {
	case had != unheard && had != nonce:
		r.found(1, Different, "seq %d is saying %d to one and %d to another (%d: not a member's)", seq, had, nonce, server)
		return s
	case had == unheard && nonce != server && s == nil:
		r.found(1, Unsaid, "seq %d is saying %d, and there are %d", seq, nonce, len(r.said))
	case had == unheard && s != nil && s.state == receipted && s.seq != seq:
		r.found(1, Different, "saying %d was receipted as seq %d and heard as %d", nonce, s.seq, seq)
	case had == unheard && s != nil && s.seq != 0 && s.seq != seq:
		r.found(1, Twice, "saying %d is seq %d and %d", nonce, s.seq, seq)
	}
	r.at[i] = nonce
	if s != nil {
		s.seq = seq
	}
	return s
}

// Read notes that the history has a message at a seq.
func (r *Room) Read(seq int64, nonce int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.place(seq, nonce)
}

func (r *Room) settled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.said {
		if s.state == open {
			return false
		}
	}
	for _, l := range r.listeners {
		if !l.left && l.next <= r.head {
			return false
		}
	}
	return true
}

func (r *Room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range r.said {
		heard := s.seq > r.base && s.seq-r.base <= int64(len(r.at)) && r.at[s.seq-r.base-1] == i+1
		switch {
		case s.state == open:
			r.found(1, Unanswered, "saying %d", i+1)
		case s.state == refused && heard:
			r.found(1, Refused, "saying %d is seq %d", i+1, s.seq)
		case s.state == receipted && !heard && len(r.listeners) > 0 && s.seq < r.staying():
			r.found(1, Lost, "nobody heard saying %d, receipted as seq %d", i+1, s.seq)
		}
	}
	for _, l := range r.listeners {
		r.found(int64(len(l.missing)), Lost, "a listener never heard %d messages before seq %d", len(l.missing), l.next)
		r.found(r.owed(l)-l.next+1, Lost, "a listener heard nothing after seq %d, and %d is the last", l.next-1, r.owed(l))
	}
}

// staying is the seq before which somebody must have heard everything.
func (r *Room) staying() (seq int64) {
	for _, l := range r.listeners {
		seq = max(seq, l.next, r.owed(l)+1)
	}
	return seq
}

// owed is the seq up to which a listener must have heard everything.
func (r *Room) owed(l *Listener) int64 {
	if l.left {
		return l.until
	}
	return r.head
}

// Listener is one member's ear in a room, over all the lines that it has in turn.
type Listener struct {
	room    *Room
	next    int64 // guarded by the room's lock, as what follows
	missing map[int64]bool
	left    bool
	until   int64 // the seq up to which one who left must have heard
}

// Listen adds a listener who will hear everything after the seq `after`.
func (r *Room) Listen(after int64) *Listener {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &Listener{room: r, next: after + 1, missing: map[int64]bool{}}
	r.listeners = append(r.listeners, l)
	return l
}

// Server is the nonce of what no member said.
const Server = server

// Heard notes one delivery. If a member said it, and this listener had not heard it yet,
// it returns when it was due.
func (l *Listener) Heard(seq int64, nonce int) (due time.Time, ok bool) {
	r := l.room
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case seq == l.next:
		l.next++
	case l.missing[seq]:
		if !r.judge.Unordered {
			r.found(1, Disorder, "seq %d came when %d was due", seq, l.next)
		}
		delete(l.missing, seq)
	case seq < l.next:
		r.found(1, Twice, "seq %d came when %d was due", seq, l.next)
		return time.Time{}, false
	default:
		l.skip(seq)
	}
	r.head = max(r.head, min(seq, r.base+int64(len(r.said)+maxUnsaid)))
	s := r.place(seq, nonce)
	if s == nil {
		return time.Time{}, false
	}
	return s.due, true
}

// skip goes on after seq; those before are missing until they come.
func (l *Listener) skip(seq int64) {
	room := int64(maxMissing - len(l.missing))
	for s := l.next; s < seq && s < l.next+room; s++ {
		l.missing[s] = true
	}
	l.room.found(seq-l.next-room, Lost, "seq %d came when %d was due", seq, l.next)
	l.next = seq + 1
}

// Seen is the seq up to which the listener has heard, for the next line's last-seq.
func (l *Listener) Seen() int64 {
	l.room.mu.Lock()
	defer l.room.mu.Unlock()
	return l.next - 1
}

// Whole reports whether the listener has heard everything that anybody has.
func (l *Listener) Whole() bool {
	l.room.mu.Lock()
	defer l.room.mu.Unlock()
	return l.next > l.room.head
}

// Due is the last seq that anybody has heard, or was receipted.
func (l *Listener) Due() int64 {
	l.room.mu.Lock()
	defer l.room.mu.Unlock()
	return l.room.head
}

// Leave says that the listener has heard up to a seq, and need not hear what comes after. What
// is said first counts. Of one whose line broke it is 0: that is one failure, and not the loss
// of each message that comes later.
func (l *Listener) Leave(until int64) {
	l.room.mu.Lock()
	defer l.room.mu.Unlock()
	if !l.left {
		l.left, l.until = true, until
	}
}
