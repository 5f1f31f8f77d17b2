package store

import (
	"context"
	"errors"
	"time"
)

// errLocked is why an entry that was set aside is given up.
var errLocked = errors.New("its room is locked by somebody else")

// setAside keeps what is for rooms that somebody else holds for long, as a node does that
// vanished in the middle of ENTER, and returns the rest: other rooms do not wait for them.
func (j *Journal) setAside(batch []entry) (free []entry) {
	ctx, cancel := context.WithTimeout(context.Background(), j.each)
	defer cancel()
	locked, err := j.db.locked(ctx, roomsOf(appendPosts(nil, batch)))
	if err != nil {
		j.log.Warn("locked rooms not found out", "err", err)
		return batch
	}
	free, held := part(batch, locked)
	if len(held) > 0 {
		j.log.Warn("rooms are locked by others", "rooms", locked, "entries", len(held))
		j.keep(held)
	}
	return free
}

// keep puts entries behind those that are aside already.
func (j *Journal) keep(held []entry) {
	j.aside = append(j.aside, held...)
	if j.again == nil {
		j.again = time.After(asideRetry)
	}
}

// tryAside commits what was set aside and is free now.
func (j *Journal) tryAside() {
	aside := j.refuseLate(j.aside, errLocked)
	j.aside, j.again = nil, nil
	if len(aside) > 0 {
		j.storeAll(j.setAside(aside))
	}
}

// behindAside sends those of a batch to wait whose rooms others wait for already: a room's
// posts stay in their order.
func (j *Journal) behindAside(batch []entry) (free []entry) {
	if len(j.aside) == 0 {
		return batch
	}
	free, held := part(batch, roomsOf(appendPosts(nil, j.aside)))
	j.keep(held)
	return free
}

// part separates entries for any of the rooms, and those that come behind them in another
// room that they are for, from the rest.
func part(batch []entry, rooms []string) (rest, held []entry) {
	waits := map[string]bool{}
	for _, id := range rooms {
		waits[id] = true
	}
	for _, e := range batch {
		if !touches(e, waits) {
			rest = append(rest, e)
			continue
		}
		held = append(held, e)
		for _, p := range e.posts {
			waits[p.RoomID] = true
		}
	}
	return rest, held
}

func touches(e entry, rooms map[string]bool) bool {
	for _, p := range e.posts {
		if rooms[p.RoomID] {
			return true
		}
	}
	return false
}
