package hub

import "slices"

// tail is what was said last in a room, without a gap up to its head, for who comes back
// after a moment. The tails of all rooms are much of what a node holds, so that they are
// packed, and read again for those few.
type tail struct {
	said [tailSize]packed // the oldest first
	n    int              // of them are there
}

// add puts what is delivered to the end.
func (t *tail) add(d *Delivery) {
	if t.n == tailSize {
		copy(t.said[:], t.said[1:])
		t.n--
	}
	t.said[t.n] = pack(d.Message)
	t.n++
}

// since returns the last n, which must be there.
func (t *tail) since(n int64) []packed { return slices.Clone(t.said[int64(t.n)-n : t.n]) }

// lead puts what was said just before in front of the tail, as far as there is place.
func (t *tail) lead(page []*Delivery) {
	page = page[max(0, len(page)-(tailSize-t.n)):]
	copy(t.said[len(page):], t.said[:t.n])
	for i, d := range page {
		t.said[i] = pack(d.Message)
	}
	t.n += len(page)
}

// unpackAll makes deliveries of what a room's tail had from a seq on, ready to be handed over.
func unpackAll(roomID string, seq int64, said []packed) []*Delivery {
	all := make([]*Delivery, len(said))
	for i, p := range said {
		all[i] = newDelivery(p.unpack(roomID, seq+int64(i)))
	}
	return all
}
