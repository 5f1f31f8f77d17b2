package scene

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// round are those who wait at the same time: six for each film.
type round []*guest

func (m *measuring) rounds() (rounds []round) {
	size := len(m.films) * matchapi.Seats
	for from := 0; from < len(m.people); from += size {
		rounds = append(rounds, m.people[from:min(from+size, len(m.people))])
	}
	return rounds
}

// sixths are the last of each six, who come when all others are there. The others come one
// for each film in turn, so that hardly two come for the same film at the same time, as on
// a journey. What it costs when they do has not been measured.
func (r round) sixths() (five, sixths []*guest) {
	for seat := range matchapi.Seats {
		for k := seat; k < len(r); k += matchapi.Seats {
			five = append(five, r[k])
		}
	}
	rest := len(r) - len(r)/matchapi.Seats
	return five[:rest], five[rest:]
}

// meeting is what all rounds used, beyond what was used anyway.
type meeting struct {
	*measuring
	all  map[costs.Op]costs.Unit
	kept float64 // by Redis when all have entered

	// Of the first round: how many they were, a second of all their streams, and of one who
	// waits besides.
	size        float64
	open, waits costs.Unit
}

// meets: they wait with event streams open, are matched, and enter their rooms.
func (m *measuring) meets(ctx context.Context) error {
	met := meeting{measuring: m, all: map[costs.Op]costs.Unit{}}
	for _, r := range m.rounds() {
		before, err := m.look(ctx)
		if err != nil {
			return err
		}
		for _, stop := range []func(context.Context, look, round) error{met.streams, met.waiting, met.matched, met.entered} {
			if err := stop(ctx, before, r); err != nil {
				return err
			}
		}
	}
	people, rooms := float64(len(m.people)), float64(len(m.people)/matchapi.Seats)
	// The sixth of each room joined in "room".
	join := costs.Unit{}.Plus(met.all[costs.Join], 1/(people-rooms))
	room := costs.Unit{}.Plus(met.all[costs.Room], 1/rooms).Plus(join, -1)
	stream, enter := costs.Unit{}.Plus(met.all[costs.Stream], 1/people), costs.Unit{}.Plus(met.all[costs.Enter], 1/people)
	stream.Kept, room.Kept, enter.Kept = 0, 0, 0
	join.Kept = met.kept / people // for all of them
	m.costs(costs.Stream, stream)
	m.costs(costs.Join, join)
	m.costs(costs.Room, room)
	m.costs(costs.Enter, enter)
	return nil
}

// add notes what a stage of a round used.
func (m *meeting) add(op costs.Op, u used, anyway costs.Unit) {
	m.all[op] = m.all[op].Plus(u.Unit, 1).Plus(anyway, -u.seconds)
}

// streams are opened, and stay open for a while.
func (m *meeting) streams(ctx context.Context, before look, r round) error {
	opened, err := m.during(ctx, "stream", m.spread(r, m.opens(ctx)))
	if err != nil {
		return err
	}
	m.add(costs.Stream, opened, m.rest)
	if m.size > 0 { // they were measured
		return nil
	}
	held, err := m.during(ctx, "streamSecond", m.pause)
	if err != nil {
		return err
	}
	m.first, m.size, m.open = before, float64(len(r)), held.perSecond()
	m.streamTakes(float64(held.after.usage[costs.Match].RSS-before.usage[costs.Match].RSS) / m.size)
	return nil
}

// streamTakes notes the memory of an event stream. What signing in has left to be collected
// is often more than all streams take, and then they fit into it: a plan from that says so.
func (m *meeting) streamTakes(octets float64) {
	if m.found.Memory.Stream = m.takes("match-service for an event stream", octets); octets <= 0 && octets >= -mostGivenBack {
		m.found.Doubts = append(m.found.Doubts, "memory of match-service for an event stream: none was seen, since they fit into what the process had")
	}
}

// anyway is what streams and so many who wait use in a second.
func (m *meeting) anyway(streams, waiting int) costs.Unit {
	return m.rest.Plus(m.open.Plus(m.rest, -1), float64(streams)/m.size).Plus(m.waits, float64(waiting))
}

// waiting: five of each six join the queue, and wait for a while.
func (m *meeting) waiting(ctx context.Context, _ look, r round) error {
	five, _ := r.sixths()
	joined, err := m.during(ctx, "join", m.spread(five, m.joins(r)))
	if err != nil {
		return err
	}
	m.add(costs.Join, joined, m.anyway(len(r), 0))
	if _, known := m.found.Each[costs.StreamSecond]; known {
		return nil
	}
	m.found.Memory.Waiting = joined.Kept / float64(len(five))
	// Who waits is touched and read beside what the stream alone costs.
	held, err := m.during(ctx, "streamSecond", m.pause)
	if err != nil {
		return err
	}
	m.waits = costs.Unit{}.Plus(held.perSecond(), 1/float64(len(five))).Plus(m.open, -1/float64(len(five)))
	second := costs.Unit{}.Plus(m.open, 1/m.size).Plus(m.rest, -1/m.size).Plus(m.waits, 1)
	second.Kept = 0
	m.costs(costs.StreamSecond, second)
	return nil
}

// matched: the sixths join, and all are told of their rooms.
func (m *meeting) matched(ctx context.Context, _ look, r round) error {
	five, sixths := r.sixths()
	used, err := m.during(ctx, "room", func(ctx context.Context) error {
		if err := m.spread(sixths, m.joins(r))(ctx); err != nil {
			return err
		}
		return m.told(ctx, r)
	})
	if err == nil {
		m.add(costs.Room, used, m.anyway(len(r), len(five)))
	}
	return err
}

// entered: they enter their rooms. match-service hears of it a second later, and takes one
// page of them after the other: what it does for the last belongs here as well.
func (m *meeting) entered(ctx context.Context, before look, r round) error {
	used, err := m.during(ctx, "enter", func(ctx context.Context) error {
		if err := m.spread(r, m.enters)(ctx); err != nil {
			return err
		}
		return m.caughtUp(ctx)
	})
	if err == nil {
		m.add(costs.Enter, used, m.rest)
		m.kept += float64(used.after.redis.Memory - before.redis.Memory)
	}
	return err
}
