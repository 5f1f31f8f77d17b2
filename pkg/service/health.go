package service

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Health is what a node says about itself. Alive asks no store: a load balancer that
// took all nodes out because the database blinked would make things worse. Ready asks
// them all, for people and dashboards; nothing restarts on it.
type Health struct {
	checks map[string]func(context.Context) error

	once     sync.Once
	draining chan struct{} // closed when the node begins to stop
}

// NewHealth makes a Health that asks the named stores for readiness.
func NewHealth(checks map[string]func(context.Context) error) *Health {
	return &Health{checks: checks, draining: make(chan struct{})}
}

// Drain turns Alive to 503, for good.
func (h *Health) Drain() { h.once.Do(func() { close(h.draining) }) }

// Draining is closed when the node begins to stop.
func (h *Health) Draining() <-chan struct{} { return h.draining }

// Alive answers the load balancer: 200 while the process lives and does not drain.
func (h *Health) Alive(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.draining:
		fault.Write(w, r, fault.New(fault.Stopping, "This node is draining."))
	default:
		ok(w)
	}
}

// Ready answers people: 200 while the stores can be reached and the node does not drain.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	for name, check := range h.checks {
		if err := check(ctx); err != nil {
			fault.Write(w, r, fault.New(fault.Unavailable, "The %s cannot be reached.", name).Wrap(err))
			return
		}
	}
	h.Alive(w, r)
}

func ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintln(w, "ok") // a prober that has gone away needs no answer
}
