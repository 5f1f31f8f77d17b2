package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Redis is a Redis inside this process. It keeps nothing when the process ends.
type Redis struct {
	server *miniredis.Miniredis
	Client *redis.Client
}

// StartRedis starts one on a free loopback port.
func StartRedis() (*Redis, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	return &Redis{server: server, Client: redis.NewClient(&redis.Options{Addr: server.Addr()})}, nil
}

// Run lets time pass in it, second by second, until ctx ends: keys expire only so.
func (r *Redis) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.server.FastForward(time.Second)
		}
	}
}

// Close ends it.
func (r *Redis) Close() error {
	defer r.server.Close()
	return r.Client.Close()
}
