package hub

import "slices"

// tail is the JSON of what was said last in a room, without a gap up to its head, for who
// comes back after a moment. What else belongs to a delivery is read out of it again for
// those few: the tails of all rooms are much of what a node holds.
type tail struct {
	bodies [tailSize][]byte // the oldest first
	n      int              // of them are there
}

// add puts what is delivered to the end.
func (t *tail) add(body []byte) {
	if t.n == tailSize {
		copy(t.bodies[:], t.bodies[1:])
		t.n--
	}
	t.bodies[t.n] = body
	t.n++
}

// since returns the last n, which must be there.
func (t *tail) since(n int64) [][]byte { return slices.Clone(t.bodies[int64(t.n)-n : t.n]) }

// lead puts what was said just before in front of the tail, as far as there is place.
func (t *tail) lead(page []*Delivery) {
	page = page[max(0, len(page)-(tailSize-t.n)):]
	copy(t.bodies[len(page):], t.bodies[:t.n])
	for i, d := range page {
		t.bodies[i] = d.Body
	}
	t.n += len(page)
}

// readAll makes deliveries of what a tail had, ready to be handed over.
func readAll(bodies [][]byte) ([]*Delivery, error) {
	all := make([]*Delivery, len(bodies))
	for i, body := range bodies {
		d, err := readDelivery(body)
		if err != nil {
			return nil, err
		}
		all[i] = d
	}
	return all, nil
}
