package chat

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/sixseat/sixseat/pkg/fault"
)

// pace keeps members to a number of messages per second: a token bucket for each.
type pace struct {
	rate  float64
	burst int

	mu     sync.Mutex // guards meters
	meters map[string]*meter
}

type meter struct {
	*rate.Limiter
	used time.Time
}

func newPace(perSecond float64) *pace {
	return &pace{rate: perSecond, burst: max(1, int(perSecond*burstFactor)), meters: map[string]*meter{}}
}

// take allows n messages now, or says when to try again.
func (p *pace) take(memberID string, n int, now time.Time) error {
	if p.rate <= 0 {
		return nil
	}
	r := p.meter(memberID, now).ReserveN(now, min(n, p.burst))
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	return fault.New(fault.TooMany, "You are sending too fast.").WithRetry(wait)
}

func (p *pace) meter(memberID string, now time.Time) *meter {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.meters[memberID]
	if m == nil {
		if len(p.meters) >= maxMeters {
			p.forget(now)
		}
		m = &meter{Limiter: rate.NewLimiter(rate.Limit(p.rate), p.burst)}
		p.meters[memberID] = m
	}
	m.used = now
	return m
}

func (p *pace) forget(now time.Time) {
	for id, m := range p.meters {
		if now.Sub(m.used) >= meterIdle {
			delete(p.meters, id)
		}
	}
	if len(p.meters) >= maxMeters {
		clear(p.meters) // a limit that is lax for a moment is better than memory without end
	}
}
