package live

import "context"

// Online returns who is online in each room. sure is false while others may be as well.
func (l *Live) Online(ctx context.Context, roomIDs []string) (online map[string]map[string]bool, sure bool) {
	heard, sure := l.hearNow(ctx, roomIDs)
	l.mu.Lock()
	defer l.mu.Unlock()
	online = make(map[string]map[string]bool, len(roomIDs))
	for _, id := range roomIDs {
		all := map[string]bool{}
		for node, s := range heard[id] {
			for _, m := range s.Members {
				all[m.ID] = all[m.ID] || node != l.node
			}
		}
		if r := l.rooms.Get(id); r != nil && sure {
			for _, g := range r.here {
				all[g.ID] = true
			}
		} else if r != nil {
			for member := range r.present() {
				all[member] = true
			}
		}
		online[id] = all
	}
	return online, sure
}

// Sure reports whether nobody is missed: other nodes can be heard, and had the time to say
// everything.
func (l *Live) Sure() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trust.sure(l.now())
}

func (l *Live) hearNow(ctx context.Context, roomIDs []string) (heard map[string]map[string]State, sure bool) {
	l.mu.Lock()
	away, sure := l.trust.away, l.trust.sure(l.now())
	l.mu.Unlock()
	if away {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	heard, held, err := l.presence.Hear(ctx, l.node, roomIDs, l.now())
	if err != nil {
		l.log.Warn("presence not asked", "err", err)
		return nil, false
	}
	return heard, sure && held
}
