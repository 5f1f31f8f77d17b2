package redisqueue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Audience hears of changes.
type Audience interface {
	Here(memberID string) bool // whether Tell has anybody to tell
	Tell(memberID string, n match.News)
	Missed() // changes may have been missed
}

// Listen passes on every change that any node makes, until ctx ends. Redis delivers at
// most once: after each new subscription the audience is told that it may have missed some.
func (q *Queue) Listen(ctx context.Context, a Audience, log *slog.Logger) {
	lost := false
	for ctx.Err() == nil {
		err := q.subscribe(ctx, a, func() {
			if lost {
				lost = false
				log.Warn("channel of changes", "lost", lost)
			}
		}, log)
		if !lost && ctx.Err() == nil { // once per outage
			lost = true
			log.Warn("channel of changes", "lost", lost, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgainAfter):
		}
	}
}

// subscribe passes changes on until the connection fails. heard is called with each sign
// of life. A connection that says nothing is pinged; one that leaves even that without an
// answer has died without a word.
func (q *Queue) subscribe(ctx context.Context, a Audience, heard func(), log *slog.Logger) error {
	sub := q.rdb.Subscribe(ctx, q.base+changesSuffix)
	defer sub.Close()
	// Closing is what ends a read that waits; the connection is given up either way.
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	for asked := false; ; {
		msg, err := sub.ReceiveTimeout(ctx, quietAfter)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() && !asked {
			asked = true
			err = sub.Ping(ctx)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		asked = false
		heard()
		switch m := msg.(type) {
		case *redis.Subscription:
			a.Missed()
		case *redis.Message:
			if err := q.tell(m.Payload, a); err != nil {
				log.Error("change not told", "err", err) // streams read by themselves all the same
			}
		}
	}
}

// change is what a step publishes, see tell in view.lua. Every node hears of every change,
// and reads of it only what concerns its own streams.
type change struct {
	Look   []string                  `json:"look"`
	Views  map[string]jsontext.Value `json:"views"`
	Room   string                    `json:"room"`
	Waits  map[string]jsontext.Value `json:"waits"`
	Lines  []line                    `json:"lines"`
	Beside *line                     `json:"beside"`
}

// line is that of a film, or nil.
func (c *change) line(movieID string) *line {
	for i := range c.Lines {
		if c.Lines[i].MovieID == movieID {
			return &c.Lines[i]
		}
	}
	if c.Beside != nil && c.Beside.MovieID == movieID {
		return c.Beside
	}
	return nil
}

func (q *Queue) tell(payload string, a Audience) error {
	var c change
	if err := json.Unmarshal([]byte(payload), &c); err != nil {
		return fmt.Errorf("read a change of the queue: %w", err)
	}
	for _, id := range c.Look {
		if c.Waits[id] == nil {
			a.Tell(id, match.News{Look: true})
		}
	}
	if err := errors.Join(q.tellViews(c.Views, &c, a), q.tellViews(c.Waits, &c, a)); err != nil {
		return err
	}
	for i := range c.Lines {
		c.Lines[i].tell(a)
	}
	return nil
}

func (q *Queue) tellViews(views map[string]jsontext.Value, c *change, a Audience) error {
	var room view // that all views share which have no room of their own
	for id, text := range views {
		if !a.Here(id) {
			continue
		}
		var v view
		if err := json.Unmarshal(text, &v); err != nil {
			return fmt.Errorf("read a change of the queue: %w", err)
		}
		shared := &v
		if v.RoomJSON == "" {
			shared, room.RoomJSON = &room, c.Room
		}
		if shared.room.RoomID == "" {
			if err := shared.decode(); err != nil {
				return err
			}
		}
		v.room = shared.room
		state := v.domain(id, c.line(v.MovieID), q.now())
		a.Tell(id, match.News{State: &state})
	}
	return nil
}

func (l *line) tell(a Audience) {
	seated := l.people()
	if !slices.ContainsFunc(seated, func(p matchapi.Person) bool { return a.Here(p.MemberID) }) {
		return
	}
	news := match.News{Line: &match.Line{MovieID: l.MovieID, Waiting: l.Waiting, Arrivals: match.Arrivals(l.Arrivals), Seated: seated}}
	for _, p := range seated {
		a.Tell(p.MemberID, news)
	}
}
