// Package redispresence keeps in Redis who is in which room through which node, so that
// nodes know of each other's members: it implements live.Presence.
//
// A room is one hash, a field for each node. A node's word counts while its lease holds:
// a sorted set has the end of each lease, which is compared with the clock of the one who
// asks. Keys expire only to clean up.
package redispresence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

// Presence implements live.Presence.
type Presence struct {
	client redis.UniversalClient
	prefix string // of all keys
}

// New makes a Presence whose keys begin with prefix, such as "sixseat:".
func New(client redis.UniversalClient, prefix string) *Presence { return &Presence{client, prefix} }

func (p *Presence) leases() string { return p.prefix + "nodes" }

// room is the key of a room's hash; between braces, so that all keys of one room lie in
// one slot of a Redis cluster.
func (p *Presence) room(id string) string { return p.prefix + "{" + id + "}:here" }

// word is what a field holds.
type word struct {
	live.State
	At int64 `json:"at"` // when it was said, Unix ms: old ones of dead nodes are cleared away
}

// Say implements live.Presence: the lease first, so that nobody sees a word without one.
func (p *Presence) Say(ctx context.Context, node string, lease live.Lease, states map[string]live.State) (held bool, err error) {
	var before *redis.FloatCmd
	answers, _ := p.client.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		before = tx.ZScore(ctx, p.leases(), node)
		tx.ZAdd(ctx, p.leases(), redis.Z{Score: float64(lease.Until.UnixMilli()), Member: node})
		tx.ZRemRangeByScore(ctx, p.leases(), "-inf", strconv.FormatInt(lease.Now.Add(-live.KeepFor).UnixMilli(), 10))
		return nil
	})
	for _, a := range answers {
		if err := a.Err(); err != nil && !errors.Is(err, redis.Nil) { // Nil: no lease yet
			return false, fmt.Errorf("prolong the lease: %w", err)
		}
	}
	held = before.Err() == nil && before.Val() > float64(lease.Now.UnixMilli())
	if len(states) == 0 {
		return held, nil
	}
	_, err = p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for id, s := range states {
			if err := p.put(ctx, pipe, node, id, word{s, lease.Now.UnixMilli()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("say who is in %d rooms: %w", len(states), err)
	}
	return held, nil
}

func (p *Presence) put(ctx context.Context, pipe redis.Pipeliner, node, roomID string, w word) error {
	if len(w.Members) == 0 {
		pipe.HDel(ctx, p.room(roomID), node)
		return nil
	}
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	pipe.HSet(ctx, p.room(roomID), node, text)
	pipe.Expire(ctx, p.room(roomID), live.KeepFor)
	return nil
}

// Hear implements live.Presence, in one pipeline.
func (p *Presence) Hear(ctx context.Context, node string, roomIDs []string, now time.Time) (map[string]map[string]live.State, bool, error) {
	var leases *redis.StringSliceCmd
	words := make(map[string]*redis.MapStringStringCmd, len(roomIDs))
	_, err := p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		leases = pipe.ZRangeByScore(ctx, p.leases(), &redis.ZRangeBy{Min: "(" + strconv.FormatInt(now.UnixMilli(), 10), Max: "+inf"})
		for _, id := range roomIDs {
			words[id] = pipe.HGetAll(ctx, p.room(id))
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("hear who is in %d rooms: %w", len(roomIDs), err)
	}
	speaks := map[string]bool{}
	for _, n := range leases.Val() {
		speaks[n] = true
	}
	heard := make(map[string]map[string]live.State, len(roomIDs))
	stale := map[string][]string{}
	for id, fields := range words {
		of := map[string]live.State{}
		for n, text := range fields.Val() {
			var w word
			if err := json.Unmarshal([]byte(text), &w); err != nil {
				return nil, false, fmt.Errorf("hear who is in room %s: %w", id, err)
			}
			if speaks[n] {
				of[n] = w.State
			} else if now.Sub(time.UnixMilli(w.At)) >= live.KeepFor {
				stale[id] = append(stale[id], n)
			}
		}
		if len(of) > 0 {
			heard[id] = of
		}
	}
	return heard, speaks[node], p.clear(ctx, stale)
}

// clear removes what nodes said who are long dead. Those who live say it again before.
func (p *Presence) clear(ctx context.Context, stale map[string][]string) error {
	if len(stale) == 0 {
		return nil
	}
	_, err := p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for id, nodes := range stale {
			pipe.HDel(ctx, p.room(id), nodes...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("clear the words of dead nodes: %w", err)
	}
	return nil
}
