package live

import (
	"context"
	"time"

	"github.com/sixseat/sixseat/pkg/parts"
)

// exchanges says and hears what is due, until ctx ends: soon when somebody waits for it.
func (l *Live) exchanges(ctx context.Context) {
	turns := parts.NewTurns(hearParts, hearEvery)
	tick := time.NewTicker(turns.Each())
	defer tick.Stop()
	for {
		pause := linger
		if err := l.exchange(ctx); err != nil && ctx.Err() == nil {
			l.lost(err)
			pause = sweepEvery
		}
		if !sleep(ctx, pause) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.repeat(turns.Due())
		case <-l.wake:
		}
	}
}

// sleep is false when ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// exchange asks each question once, when it is due: in a storm somebody always waits for
// another, and must not keep the lease from being prolonged, or the others from hearing.
func (l *Live) exchange(ctx context.Context) error {
	if err := l.say(ctx); err != nil {
		return err
	}
	if err := l.hear(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unsaid) > 0 || len(l.unheard) > 0 {
		signal(l.wake)
	}
	return nil
}

// repeat asks for the rooms of the turns from one up to another to be heard again, and said
// where that is due.
func (l *Live) repeat(from, to int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, r := range l.rooms.Due(from, to) {
		if len(r.here) > 0 && now.Sub(r.saidAt) >= sayAgainEvery-hearEvery { // its next turn would be too late
			l.unsaid[r] = true
		}
		if r.known != nil {
			l.unheard[r] = true
		}
	}
}

// say tells Presence what has changed here, and prolongs the lease.
func (l *Live) say(ctx context.Context) error {
	now := l.now()
	states := l.toSay(now)
	if states == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	held, err := l.presence.Say(ctx, l.node, Lease{now, now.Add(leaseFor)}, states)
	if err != nil {
		return err
	}
	l.hasSaid(states, held, now)
	return nil
}

// toSay is what to say now; nil when nothing is due.
func (l *Live) toSay(now time.Time) map[string]State {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unsaid) == 0 && now.Sub(l.trust.said) < renewEvery {
		return nil
	}
	states := map[string]State{}
	if l.trust.away { // first find out: rooms that were never said need not be taken back
		return states
	}
	for r := range l.unsaid {
		if len(states) == maxRoomsPerAsk {
			break
		}
		r.saidAt = now
		states[r.id] = *r.state()
	}
	return states
}

// hasSaid notes what was said. When there was no lease any more, everything has to be.
func (l *Live) hasSaid(states map[string]State, held bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range states {
		if r := l.rooms.Get(id); r.version == s.Version {
			delete(l.unsaid, r)
			l.forget(r)
		}
	}
	emptied := !held && l.trust.leased
	if l.trust.away || emptied {
		l.log.Info("presence is back, and sure in a while", "lost", emptied)
		l.trust.away, l.trust.since = false, now.Add(leaseFor)
	}
	l.trust.leased, l.trust.said = true, now
	for r := range l.rooms.All() {
		if emptied && len(r.here) > 0 && r.saidAt != now {
			l.unsaid[r] = true
		}
	}
}

// hear asks for the rooms that somebody waits for, and tells the differences.
func (l *Live) hear(ctx context.Context) error {
	ids := l.toHear()
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	heard, held, err := l.presence.Hear(ctx, l.node, ids, l.now())
	if err != nil {
		return err
	}
	l.hasHeard(ids, heard, held)
	return nil
}

func (l *Live) toHear() (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for r := range l.unheard {
		if len(ids) == maxRoomsPerAsk {
			break
		}
		delete(l.unheard, r)
		ids = append(ids, r.id)
	}
	return ids
}

// hasHeard takes the others' word over.
func (l *Live) hasHeard(ids []string, heard map[string]map[string]State, held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if !held { // it came back empty
		l.trust.since, l.trust.said = now.Add(leaseFor), time.Time{}
	}
	for _, id := range ids {
		if r := l.rooms.Get(id); r != nil && r.known != nil { // somebody listens still
			l.takeOver(r, heard[id], now)
			l.release(r)
			l.tell(r)
		}
	}
}

// takeOver keeps what is newer from the bus, since nodes send before they say.
func (l *Live) takeOver(r *room, heard map[string]State, now time.Time) {
	for node, s := range heard {
		if node != l.node && s.Version > r.others[node].Version {
			r.others[node] = view{s, now}
		}
	}
	for node, old := range r.others {
		if _, speaks := heard[node]; !speaks && l.trust.sure(now) && now.Sub(old.heard) >= leaseFor {
			delete(r.others, node)
		}
	}
	if own := heard[l.node]; len(r.here) > 0 && own.Version < r.version { // it was lost
		l.unsaid[r] = true
		signal(l.wake)
	}
}

// lost notes that Presence is away. Nobody waits for it meanwhile.
func (l *Live) lost(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.trust.away {
		l.log.Warn("presence is away: who goes offline is not told", "err", err)
	}
	l.trust.away, l.trust.said = true, time.Time{} // to be tried again
	for r := range l.rooms.All() {
		l.release(r)
	}
}

// release lets those go on who wait for the first word of others. The caller holds mu.
func (l *Live) release(r *room) {
	if r.known == nil {
		return
	}
	select {
	case <-r.known:
	default:
		close(r.known)
	}
}

// ask waits until the other nodes were heard, or could not be.
func (l *Live) ask(ctx context.Context, r *room) error {
	l.mu.Lock()
	if r.known == nil {
		r.known = make(chan struct{})
		l.unheard[r] = true
		if l.trust.away {
			l.release(r)
		}
		signal(l.wake)
	}
	known := r.known
	l.mu.Unlock()
	select {
	case <-known:
		return nil
	case <-ctx.Done():
		return late(ctx)
	}
}
