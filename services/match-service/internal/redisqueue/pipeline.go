package redisqueue

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/fault"
)

// pipeline sends the steps of many callers to Redis together: while some are under way the
// next gather, and when nothing is under way a step goes at once. Most of what a step costs
// beside its own work is being sent and answered alone.
type pipeline struct {
	rdb redis.UniversalClient

	mu      sync.Mutex // guards what follows
	waiting []*call
	flights int // goroutines that send
}

// call is one step on its way; text and err are set before done is closed.
type call struct {
	script *redis.Script
	key    string
	args   []any
	done   chan struct{}
	text   string
	err    error
}

// run has a step carried out. When ctx ends first it may be carried out all the same.
func (p *pipeline) run(ctx context.Context, s *redis.Script, key string, args []any) (string, error) {
	c := &call{script: s, key: key, args: args, done: make(chan struct{})}
	if !p.add(c) {
		return "", fault.New(fault.Unavailable, "The queue is too busy right now.").WithRetry(time.Second)
	}
	select {
	case <-c.done:
		return c.text, c.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (p *pipeline) add(c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) >= maxWaiting {
		return false
	}
	p.waiting = append(p.waiting, c)
	if p.flights < maxFlights {
		p.flights++
		go p.fly()
	}
	return true
}

// fly sends what waits until nothing does.
func (p *pipeline) fly() {
	for {
		calls := p.next()
		if len(calls) == 0 {
			return
		}
		p.send(calls)
	}
}

func (p *pipeline) next() []*call {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(len(p.waiting), maxTogether)
	calls := p.waiting[:n:n]
	p.waiting = p.waiting[n:]
	if n == 0 {
		p.waiting = nil // what was sent is let go
		p.flights--
	}
	return calls
}

// send carries calls out by the hash of their scripts. It belongs to no caller, so its time
// is bounded here.
func (p *pipeline) send(calls []*call) {
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	answers := make([]*redis.Cmd, len(calls))
	_, _ = p.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error { // each answer has its own error
		for i, c := range calls {
			answers[i] = pipe.EvalSha(ctx, c.script.Hash(), []string{c.key}, c.args...)
		}
		return nil
	})
	for i, c := range calls {
		c.text, c.err = answers[i].Text()
		if c.err != nil && redis.HasErrorPrefix(c.err, "NOSCRIPT") { // after a restart or a fail-over
			c.text, c.err = c.script.Eval(ctx, p.rdb, []string{c.key}, c.args...).Text()
		}
		close(c.done)
	}
}
