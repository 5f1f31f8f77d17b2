package scene

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// guest is one who goes the way.
type guest struct {
	m      member
	me     matchapi.Member
	conn   *line.HTTP
	stream *line.HTTP
	chat   line.Sixseat
	told   chan string // the ticket; closed without one when the stream broke
}

// opens opens a member's event stream and reads it until it tells of a room.
func (m *measuring) opens(whole context.Context) func(context.Context, *guest) error {
	return func(ctx context.Context, g *guest) (err error) {
		if g.stream, err = m.stage.stream(ctx, g.me, g.m.number+1); err != nil {
			return err
		}
		m.lines.Go(func() {
			defer close(g.told)
			defer g.stream.Close()
			state, err := m.follow(whole, g.me, g.stream)
			if err != nil {
				m.meter.Fail("stream", err)
				return
			}
			g.told <- state.Ticket
		})
		return nil
	}
}

// joins lets a member of a round join the queue for the film of the six.
func (m *measuring) joins(round []*guest) func(context.Context, *guest) error {
	film := map[*guest]string{}
	for i, g := range round {
		film[g] = m.films[i/matchapi.Seats]
	}
	return func(ctx context.Context, g *guest) error {
		put, err := m.Match.HTTP(ctx, g.m.number)
		if err != nil {
			return err
		}
		defer put.Close()
		due := time.Now()
		m.matches.Join(g.me.MemberID, film[g], due)
		return put.Do(http.MethodPut, queuePath, g.me.Token, matchapi.Join{MovieID: film[g]}, nil)
	}
}

func (m *measuring) leavesRoom(ctx context.Context, g *guest) error {
	conn, err := m.Chat.HTTP(ctx, g.m.number)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Do(http.MethodDelete, "/chat/rooms/"+g.m.roomID+"/members/me", g.m.token, nil, nil)
}

// told waits until all have their tickets.
func (m *measuring) told(ctx context.Context, round []*guest) error {
	over := time.After(SettleFor)
	for _, g := range round {
		select {
		case ticket, told := <-g.told:
			if !told {
				return errors.New("an event stream broke")
			}
			g.me.Token, g.m.roomID = g.m.token, ticket // the ticket, until the member has entered
		case <-over:
			return fmt.Errorf("somebody is not told of a room after %v", SettleFor)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// caughtUp waits until match-service uses hardly more than when nothing happens.
func (m *measuring) caughtUp(ctx context.Context) error {
	for end := time.Now().Add(catchUpFor); time.Now().Before(end); {
		before := m.mustSample(ctx)[costs.Match].CPU
		select {
		case <-time.After(catchUpEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		used := (m.mustSample(ctx)[costs.Match].CPU - before) * 1e6 / catchUpEvery.Seconds()
		if used < m.rest.Match+caughtUpBelow {
			return nil
		}
	}
	return fmt.Errorf("match-service is still busy %v after all have entered", catchUpFor)
}

func (m *measuring) enters(ctx context.Context, g *guest) error {
	room, err := m.enter(ctx, g.me, g.m.roomID, g.m.number)
	if err != nil {
		return err
	}
	g.m.roomID = room.RoomID
	g.m.room = m.judge.Room(room.RoomID, 0)
	g.m.ear = g.m.room.Listen(0)
	return nil
}

func (m *measuring) subscribes(_ context.Context, g *guest) error {
	if err := m.subscribed(&g.m, g.chat); err != nil {
		return err
	}
	if err := g.chat.Watch(g.m.roomID); err != nil {
		return err
	}
	m.attend(&g.m, g.chat)
	return nil
}

func (m *measuring) hangsUp(_ context.Context, g *guest) error {
	g.m.ear.Leave(g.m.ear.Due())
	g.m.hangUp()
	return nil
}
