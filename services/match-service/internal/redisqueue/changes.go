package redisqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Audience hears of changes.
type Audience interface {
	Tell(memberID string, n match.News)
	Missed() // changes may have been missed
}

// Listen passes on every change that any node makes, until ctx ends. Redis delivers at
// most once: after each new subscription the audience is told that it may have missed some.
func (q *Queue) Listen(ctx context.Context, a Audience, log *slog.Logger) {
	sub := q.rdb.Subscribe(ctx, q.base+changesSuffix)
	// Closing is what ends a read that waits; the connection is given up either way.
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	lost := false
	for ctx.Err() == nil {
		err := q.receive(ctx, sub, a)
		if (err != nil) != lost && ctx.Err() == nil { // once per outage
			lost = err != nil
			log.Warn("channel of changes", "lost", lost, "err", err)
		}
		if err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgainAfter):
		}
	}
}

// receive handles one message; the client subscribes again by itself after an error.
func (q *Queue) receive(ctx context.Context, sub *redis.PubSub, a Audience) error {
	msg, err := sub.ReceiveTimeout(ctx, quietAfter)
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return sub.Ping(ctx)
	case err != nil:
		return err
	}
	switch m := msg.(type) {
	case *redis.Subscription:
		a.Missed()
	case *redis.Message:
		return q.tell(m.Payload, a)
	}
	return nil
}

// change is what a step publishes, see tell in view.lua.
type change struct {
	Look  []string         `json:"look"`
	Views map[string]*view `json:"views"`
	Room  string           `json:"room"`
	Lines []struct {
		MovieID  string   `json:"movieId"`
		Waiting  int      `json:"waiting"`
		Standing []string `json:"standing"` // "<memberId> <nickname>"
		Arrivals arrivals `json:"arrivals"`
	} `json:"lines"`
}

func (q *Queue) tell(payload string, a Audience) error {
	var c change
	err := json.Unmarshal([]byte(payload), &c)
	var room matchapi.Room
	if err == nil && c.Room != "" {
		err = json.Unmarshal([]byte(c.Room), &room)
	}
	if err != nil {
		return fmt.Errorf("read a change of the queue: %w", err)
	}
	for _, id := range c.Look {
		a.Tell(id, match.News{Look: true})
	}
	for id, v := range c.Views {
		if v.RoomJSON == "" {
			v.room = room
		} else if err := v.decode(); err != nil {
			return err
		}
		state := v.domain(q.now())
		a.Tell(id, match.News{State: &state})
	}
	for _, l := range c.Lines {
		line := &match.Line{MovieID: l.MovieID, Waiting: l.Waiting, Arrivals: match.Arrivals(l.Arrivals)}
		for _, s := range l.Standing {
			id, name, _ := strings.Cut(s, " ")
			line.Seated = append(line.Seated, matchapi.Person{MemberID: id, Nickname: name})
		}
		for _, p := range line.Seated {
			a.Tell(p.MemberID, match.News{Line: line})
		}
	}
	return nil
}
