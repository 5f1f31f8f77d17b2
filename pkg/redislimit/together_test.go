package redislimit

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/limit"
)

// trips counts what goes to Redis.
type trips struct{ single, together atomic.Int64 }

func (*trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (t *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "evalsha" { // and nothing that a connection begins with
			t.single.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		t.together.Add(1)
		return next(ctx, cmds)
	}
}

// Who comes in a storm shares a round trip with the others, and gets an answer of their own.
func TestCounter_holdsOfOneMomentGoTogether(t *testing.T) {
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	var counted trips
	r.Client.AddHook(&counted)
	c := New(r.Client, "test:")
	s := limit.Slots{Name: "sessions", Most: 1, Lease: time.Minute}
	now := time.Now()
	if held, err := c.Hold(t.Context(), s, limit.Holder{Who: "member0", Name: "first"}, now); !held.OK || err != nil {
		t.Fatal(held, err)
	}
	counted.together.Store(0) // the script is loaded
	wishes := make([]wish, maxHolds)
	for i := range wishes {
		wishes[i] = wish{s, limit.Holder{Who: fmt.Sprint("member", i), Name: "second"}, now}
	}
	answers, err := c.holdAll(t.Context(), wishes)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range wishes {
		if held := answers[w]; held.OK != (i > 0) {
			t.Errorf("%s: %v", w.holder.Who, held)
		}
	}
	if together, single := counted.together.Load(), counted.single.Load(); single > 0 || together != 1 {
		t.Errorf("%d pipelines, and %d questions beside them", together, single)
	}
}
