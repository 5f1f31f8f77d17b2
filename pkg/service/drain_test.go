package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// nobody is a listener that nobody connects to; in a bubble it costs no time.
type nobody struct {
	closed chan struct{}
	once   sync.Once
}

func (l *nobody) Accept() (net.Conn, error) { <-l.closed; return nil, net.ErrClosed }
func (l *nobody) Close() error              { l.once.Do(func() { close(l.closed) }); return nil }
func (l *nobody) Addr() net.Addr            { return &net.TCPAddr{} }

func newNobody() *nobody { return &nobody{closed: make(chan struct{})} }

// stopping notes when a node did what, from its start.
type stopping struct {
	begin                 time.Time
	unwell, closed, ended time.Duration
	window                time.Duration
	takes                 time.Duration // how long the Drainer takes
}

func (s *stopping) Drain(ctx context.Context, window time.Duration) {
	s.closed, s.window = time.Since(s.begin), window
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
	}
}

// run runs a node until it has stopped.
func (s *stopping) run(t *testing.T, ctx context.Context, n DrainNotice) {
	log := slog.New(slog.DiscardHandler)
	health := NewHealth(nil)
	server := &Server{
		public: newHTTP(http.NotFoundHandler(), log), publicConn: newNobody(),
		admin: newHTTP(adminHandler(health, NewMetrics("test")), log), adminConn: newNobody(), metrics: NewMetrics("test"),
	}
	s.begin = time.Now()
	watched := make(chan struct{})
	go func() { <-health.Draining(); s.unwell = time.Since(s.begin); close(watched) }()
	cfg := Config{DrainNotice: 12 * time.Second, DrainWindow: time.Minute}
	if err := Run(ctx, cfg, server, health, s, n, log); err != nil {
		t.Error(err)
	}
	s.ended = time.Since(s.begin)
	<-watched
}

// balancer drains the node from a time on, and does not answer between two others.
type balancer struct {
	begin              time.Time
	drains, away, back time.Duration
	asked              atomic.Int64
}

func (b *balancer) Draining(context.Context) (bool, error) {
	b.asked.Add(1)
	at := time.Since(b.begin)
	if at >= b.away && at < b.back {
		return true, errors.New("away")
	}
	return at >= b.drains, nil
}

const never = 1000 * time.Hour

func TestRun_drainsAtTheSignalOrWhenTheLoadBalancerDoes(t *testing.T) {
	for _, c := range []struct {
		what           string
		signal         time.Duration
		balancer       *balancer // nil: none
		unwell, closed time.Duration
	}{
		{"a signal, and no load balancer to ask", 3 * time.Second, nil, 3 * time.Second, 15 * time.Second},
		{"a signal first", 3 * time.Second, &balancer{drains: 4 * time.Second}, 3 * time.Second, 15 * time.Second},
		{"the load balancer first, seen at the next question", 100 * time.Second, &balancer{drains: 6 * time.Second}, 10 * time.Second, 22 * time.Second},
		{"it does not answer for a while", 100 * time.Second, &balancer{drains: time.Second, away: 2 * time.Second, back: 13 * time.Second}, 15 * time.Second, 27 * time.Second},
		{"the last owner of the address still drains", 100 * time.Second, &balancer{}, 100 * time.Second, 112 * time.Second},
		{"a signal while it drains already changes nothing", 30 * time.Second, &balancer{drains: time.Second}, 5 * time.Second, 17 * time.Second},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.signal)
				defer cancel()
				var n DrainNotice
				if c.balancer != nil {
					c.balancer.begin, n = time.Now(), c.balancer
				}
				s := &stopping{takes: time.Minute}

				s.run(t, ctx, n)

				if s.unwell != c.unwell || s.closed != c.closed || s.window != time.Minute || s.ended != c.closed+time.Minute {
					t.Errorf("unwell after %v, closing from %v over %v, ended after %v; want %v, %v, 1m and a minute later",
						s.unwell, s.closed, s.window, s.ended, c.unwell, c.closed)
				}
			})
		})
	}
}

func TestRun_cutsADrainThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := &stopping{takes: never}
		s.run(t, ctx, nil)
		if want := 12*time.Second + time.Minute + closeGrace; s.ended != want {
			t.Errorf("ended after %v, want %v", s.ended, want)
		}
	})
}

func TestRun_asksTheLoadBalancerEveryFiveSecondsUntilItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 21*time.Second)
		defer cancel()
		b := &balancer{begin: time.Now(), drains: never}
		(&stopping{}).run(t, ctx, b)
		if n := b.asked.Load(); n != 5 {
			t.Errorf("asked %d times in 21 s, want at 0, 5, 10, 15 and 20 s", n)
		}
	})
}

// A load balancer that does not answer is not forgotten after one line of the log.
func TestNoticed_saysAgainThatNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		b := &balancer{begin: time.Now(), drains: never, away: time.Minute, back: time.Minute + 3*noticeWarnEvery - time.Second}
		ctx, cancel := context.WithCancel(t.Context())
		noticed(ctx, b, slog.New(slog.NewTextHandler(&said, nil)))
		time.Sleep(b.back + time.Minute)
		cancel()
		synctest.Wait()
		if warnings, back := strings.Count(said.String(), "level=WARN"), strings.Count(said.String(), "answers again"); warnings != 3 || back != 1 {
			t.Errorf("%d warnings, %d times back:\n%s", warnings, back, &said)
		}
	})
}
