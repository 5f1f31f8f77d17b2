package limit

import (
	"context"
	"sync"
	"time"
)

const (
	// tellEvery is how often a node tells the shared counter what its people used. In
	// between somebody who uses several nodes has a burst on each.
	tellEvery = 200 * time.Millisecond

	// maxTold is how many people one question tells of: a few milliseconds of Redis.
	maxTold = 500
)

// Local keeps people to a pace without a question to the shared counter on their way:
// this node's own count decides at once. What was used is told behind, for many people
// together, and the answer brings what they used on other nodes. So somebody on n nodes
// may have n bursts, and pays for them before the next turn.
type Local struct {
	l    *Limiter
	pace Pace

	mu    sync.Mutex     // guards spent
	spent map[string]int // by whom; 0: told, and not all free yet
}

// Local makes a Local. Run must be running for other nodes to count.
func (l *Limiter) Local(p Pace) *Local {
	return &Local{l: l, pace: p, spent: map[string]int{}}
}

// Take uses n turns, all or none, or is a fault of kind TooMany that says when to come
// back. More than a burst at once counts as a burst.
func (c *Local) Take(who string, n int) error {
	if c.pace.Every <= 0 {
		return nil
	}
	t := Turns{who, min(n, c.pace.Burst)}
	if wait := c.l.own.take(c.pace, t, c.l.now()); wait > 0 {
		return tooMany(c.pace, wait)
	}
	if c.l.shared != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.spent[who] += t.N
	}
	return nil
}

// Run tells the shared counter what was used, until ctx ends.
func (c *Local) Run(ctx context.Context) {
	if c.l.shared == nil || c.pace.Every <= 0 {
		return
	}
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.tell(ctx)
		}
	}
}

// tell is once over all that was used since the last time. What cannot be told because
// the shared counter is away is forgotten: then each node counts by itself.
func (c *Local) tell(ctx context.Context) {
	told := c.take()
	for len(told) > 0 {
		asked := c.l.mayAsk()
		if asked == nil {
			return
		}
		some := told[:min(len(told), maxTold)]
		told = told[len(some):]
		within, cancel := context.WithTimeout(ctx, askTimeout)
		free, err := c.l.shared.Spend(within, c.pace, some, c.l.now())
		cancel()
		if !c.l.noted(asked, err) {
			return
		}
		for i, t := range some {
			c.l.own.raise(c.pace, t.Who, free[i].Add(time.Duration(c.since(t.Who))*c.pace.Every))
		}
	}
}

// take empties what was used. Somebody whose turns are not all free yet is asked for
// again, with no new ones, since other nodes may have told meanwhile.
func (c *Local) take() []Turns {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, now := make([]Turns, 0, len(c.spent)), c.l.now()
	for who, n := range c.spent {
		list = append(list, Turns{who, n})
		if c.l.own.allFree(c.pace, who, now) {
			delete(c.spent, who)
		} else {
			c.spent[who] = 0
		}
	}
	return list
}

// since is what who used while the shared counter was being told.
func (c *Local) since(who string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spent[who]
}
