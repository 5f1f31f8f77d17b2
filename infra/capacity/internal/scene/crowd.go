package scene

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
)

// gather seats members in as many whole rooms as the connections fill.
func (s *stage) gather(ctx context.Context) error {
	if s.Peer != nil {
		s.cast(s.imagine())
		return nil
	}
	if s.Signer == nil {
		return errors.New("SIGNING_KEY must be that of match-service: rooms are made with tickets that it signs")
	}
	rooms := s.Connections / matchapi.Seats
	s.say("seats %d members in %d rooms", rooms*matchapi.Seats, rooms)
	members := make([]*member, rooms*matchapi.Seats)
	err := prepare(ctx, s.node, rooms, func(conn *line.HTTP, i int) error {
		return s.seat(conn, members[i*matchapi.Seats:][:matchapi.Seats], i)
	})
	if err != nil {
		return fmt.Errorf("seat members: %w", err)
	}
	s.cast(members)
	return nil
}

// prepare does something n times, some of them at a time, each of those on a connection to
// one of the nodes.
func prepare(ctx context.Context, node func(i int) line.Target, n int, do func(conn *line.HTTP, i int) error) error {
	var next atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	for w := range min(preparing, n) {
		work.Go(func() error {
			conn, err := node(w).HTTP(ctx, w)
			if err != nil {
				return err
			}
			defer conn.Close()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(conn, i); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return work.Wait()
}

// imagine is members of rooms that nobody has to make: to a peer, a room is a name.
func (s *stage) imagine() []*member {
	members := make([]*member, s.Connections/matchapi.Seats*matchapi.Seats)
	for i := range members {
		id := fmt.Sprintf("room%d", i/matchapi.Seats+1)
		room := s.judge.Room(id, 0)
		members[i] = &member{number: i, roomID: id, length: s.Length, room: room, ear: room.Listen(0)}
	}
	return members
}

// seat makes a room and lets its six enter.
func (s *stage) seat(conn *line.HTTP, six []*member, room int) error {
	made := matchapi.Room{RoomID: uuid.NewString(), MovieID: "capacity", Title: "Capacity", CreatedAt: wire.At(time.Now())}
	for i := range six {
		made.Seats = append(made.Seats, matchapi.Seat{Seat: i + 1, MemberID: uuid.NewString(), Nickname: fmt.Sprintf("user%d", i+1)})
	}
	var head int64
	for i, seat := range made.Seats {
		raw, _, err := s.Signer.Member(seat.MemberID, seat.Nickname)
		if err != nil {
			return err
		}
		ticket, err := s.Signer.Ticket(token.Ticket{MemberID: seat.MemberID, Nickname: seat.Nickname, Room: made, Seat: seat.Seat, Generation: 1})
		if err != nil {
			return err
		}
		var entered chatapi.Room
		if err := conn.Do(http.MethodPost, "/chat/rooms", raw, chatapi.Ticket{Ticket: ticket}, &entered); err != nil {
			return err
		}
		head = max(head, entered.LastSeq)
		six[i] = &member{number: room*matchapi.Seats + i, token: raw, roomID: made.RoomID, length: s.Length}
	}
	judged := s.judge.Room(made.RoomID, head)
	for _, m := range six {
		m.room, m.ear = judged, judged.Listen(head)
	}
	return nil
}

// connect lets all members connect, perSecond of them, and waits until each has or has
// not. With a bound on how many are opening, the pace finds out how fast the server is.
func (s *stage) connect(ctx context.Context, perSecond float64) error {
	var opening sync.WaitGroup
	var failed atomic.Int64
	opening.Add(len(s.members))
	slots := make(chan struct{}, cmp.Or(s.Opening, len(s.members)))
	n := pace.Steady(ctx, time.Now(), perSecond, len(s.members), func(i int, due time.Time) {
		slots <- struct{}{} // comes free: each opening ends, in its time limit at the latest
		if s.Opening > 0 {
			due = time.Now() // who is held back here is not kept waiting by the server
		}
		s.start(ctx, s.members[i], due, func(err error) {
			<-slots
			if err != nil {
				failed.Add(1)
			}
			opening.Done()
		})
	})
	opening.Add(n - len(s.members)) // those who were not started
	opening.Wait()
	if int(failed.Load()) == len(s.members) {
		return errors.New("nobody could connect")
	}
	return ctx.Err()
}

// hangUpAll ends every line.
func (s *stage) hangUpAll() {
	for _, m := range s.members {
		m.bye.Store(true)
	}
	for _, m := range s.members {
		m.hangUp()
	}
	s.lines.Wait()
}
