// Package redislimit counts people's turns and slots in Redis, so that a limit holds
// across all nodes of a service. Each question is one script on one key.
package redislimit

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/limit"
)

//go:embed take.lua
var takeSource string

//go:embed spend.lua
var spendSource string

//go:embed hold.lua
var holdSource string

var (
	take  = redis.NewScript(takeSource)
	spend = redis.NewScript(spendSource)
	hold  = redis.NewScript(holdSource)
)

// Counter implements limit.Counter.
type Counter struct {
	client redis.UniversalClient
	prefix string // of all keys; they lie in slots of their own
	holds  *batch.Batcher[wish, limit.Held]
}

// wish is what is asked when somebody wants a slot.
type wish struct {
	slots  limit.Slots
	holder limit.Holder
	now    time.Time
}

// New makes a Counter whose keys begin with prefix, such as "match:limit:".
func New(client redis.UniversalClient, prefix string) *Counter {
	c := &Counter{client: client, prefix: prefix}
	c.holds = batch.New(c.holdAll, batch.Limits{Window: holdWindow, Between: holdBetween, Timeout: holdTimeout, Most: maxHolds})
	return c
}

func (c *Counter) key(name, who string) string { return c.prefix + name + ":" + who }

// Take implements limit.Counter.
func (c *Counter) Take(ctx context.Context, p limit.Pace, who string, now time.Time) (time.Duration, error) {
	ms, err := take.Run(ctx, c.client, []string{c.key(p.Name, who)}, now.UnixMilli(), everyMilli(p), p.Burst).Int64()
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", p.Name, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func everyMilli(p limit.Pace) string {
	return strconv.FormatFloat(float64(p.Every)/float64(time.Millisecond), 'f', -1, 64)
}

// Spend implements limit.Counter, with one round trip for all.
func (c *Counter) Spend(ctx context.Context, p limit.Pace, spent []limit.Turns, now time.Time) ([]time.Time, error) {
	steps := make([]*redis.Cmd, len(spent))
	err := c.pipeline(ctx, spend, func(pipe redis.Pipeliner) {
		for i, t := range spent {
			steps[i] = spend.EvalSha(ctx, pipe, []string{c.key(p.Name, t.Who)}, now.UnixMilli(), everyMilli(p), t.N)
		}
	})
	free := make([]time.Time, len(spent))
	for i := 0; i < len(spent) && err == nil; i++ {
		var ms float64
		ms, err = steps[i].Float64()
		free[i] = time.UnixMicro(int64(ms * 1000)).In(now.Location())
	}
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", p.Name, err)
	}
	return free, nil
}

// Hold implements limit.Counter, with one round trip for all who ask at this moment.
func (c *Counter) Hold(ctx context.Context, s limit.Slots, h limit.Holder, now time.Time) (limit.Held, error) {
	held, err := c.holds.Get(ctx, wish{s, h, now})
	if err != nil {
		return limit.Held{}, fmt.Errorf("count %s: %w", s.Name, err)
	}
	return held, nil
}

func (c *Counter) holdAll(ctx context.Context, wishes []wish) (map[wish]limit.Held, error) {
	held, err := c.ask(ctx, wishes)
	answers := make(map[wish]limit.Held, len(wishes))
	for i := range held {
		answers[wishes[i]] = held[i]
	}
	return answers, err
}

// Renew implements limit.Counter, with one round trip for all.
func (c *Counter) Renew(ctx context.Context, s limit.Slots, hs []limit.Holder, now time.Time) ([]bool, error) {
	s.Most = anyNumber
	wishes := make([]wish, len(hs))
	for i, h := range hs {
		wishes[i] = wish{s, h, now}
	}
	held, err := c.ask(ctx, wishes)
	if err != nil {
		return nil, fmt.Errorf("renew %s: %w", s.Name, err)
	}
	lost := make([]bool, len(hs))
	for i := range held {
		lost[i] = !held[i].OK
	}
	return lost, nil
}

// ask puts all wishes into one pipeline.
func (c *Counter) ask(ctx context.Context, wishes []wish) ([]limit.Held, error) {
	steps := make([]*redis.Cmd, len(wishes))
	err := c.pipeline(ctx, hold, func(p redis.Pipeliner) {
		for i, w := range wishes {
			steps[i] = hold.EvalSha(ctx, p, []string{c.key(w.slots.Name, w.holder.Who)}, w.args()...)
		}
	})
	held := make([]limit.Held, len(wishes))
	for i := 0; i < len(wishes) && err == nil; i++ {
		held[i], err = readHeld(steps[i])
	}
	return held, err
}

// anyNumber is the most for those who were admitted before.
const anyNumber = 0

func (w wish) args() []any {
	state := "live"
	if w.holder.Silent {
		state = "silent"
	}
	return []any{w.now.UnixMilli(), w.slots.Lease.Milliseconds(), w.slots.Most, w.holder.Name, state}
}

func readHeld(cmd *redis.Cmd) (limit.Held, error) {
	reply, err := cmd.Slice()
	if err != nil {
		return limit.Held{}, err
	}
	if len(reply) != 2 {
		return limit.Held{}, fmt.Errorf("hold.lua returned %v", reply)
	}
	ok, _ := reply[0].(int64)
	instead, _ := reply[1].(string)
	return limit.Held{OK: ok == 1, Instead: instead}, nil
}

// pipeline runs steps of one script in one round trip. A server that does not know the
// script yet is told, once.
func (c *Counter) pipeline(ctx context.Context, script *redis.Script, steps func(redis.Pipeliner)) error {
	_, err := c.client.Pipelined(ctx, func(p redis.Pipeliner) error { steps(p); return nil })
	if !redis.HasErrorPrefix(err, "NOSCRIPT") {
		return err
	}
	if err := script.Load(ctx, c.client).Err(); err != nil {
		return err
	}
	_, err = c.client.Pipelined(ctx, func(p redis.Pipeliner) error { steps(p); return nil })
	return err
}

// Release implements limit.Counter.
func (c *Counter) Release(ctx context.Context, s limit.Slots, h limit.Holder) error {
	if err := c.client.HDel(ctx, c.key(s.Name, h.Who), h.Name).Err(); err != nil {
		return fmt.Errorf("give %s back: %w", s.Name, err)
	}
	return nil
}
