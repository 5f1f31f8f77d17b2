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

	"github.com/sixseat/sixseat/pkg/limit"
)

//go:embed take.lua
var takeSource string

//go:embed hold.lua
var holdSource string

var (
	take = redis.NewScript(takeSource)
	hold = redis.NewScript(holdSource)
)

// Counter implements limit.Counter.
type Counter struct {
	client redis.UniversalClient
	prefix string // of all keys; they lie in slots of their own
}

// New makes a Counter whose keys begin with prefix, such as "match:limit:".
func New(client redis.UniversalClient, prefix string) *Counter { return &Counter{client, prefix} }

func (c *Counter) key(name, who string) string { return c.prefix + name + ":" + who }

// Take implements limit.Counter.
func (c *Counter) Take(ctx context.Context, p limit.Pace, who string, now time.Time) (time.Duration, error) {
	every := strconv.FormatFloat(float64(p.Every)/float64(time.Millisecond), 'f', -1, 64)
	ms, err := take.Run(ctx, c.client, []string{c.key(p.Name, who)}, now.UnixMilli(), every, p.Burst).Int64()
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", p.Name, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Hold implements limit.Counter.
func (c *Counter) Hold(ctx context.Context, s limit.Slots, who, holder string, now time.Time) (bool, error) {
	ok, err := hold.Run(ctx, c.client, []string{c.key(s.Name, who)}, now.UnixMilli(), s.Lease.Milliseconds(), s.Most, holder).Bool()
	if err != nil {
		return false, fmt.Errorf("count %s: %w", s.Name, err)
	}
	return ok, nil
}

// Release implements limit.Counter.
func (c *Counter) Release(ctx context.Context, s limit.Slots, who, holder string) error {
	if err := c.client.ZRem(ctx, c.key(s.Name, who), holder).Err(); err != nil {
		return fmt.Errorf("give %s back: %w", s.Name, err)
	}
	return nil
}
