// Package scene plays the scenarios: each is members of rooms of six who connect, talk
// and listen at times that are set before, while everything that happens is measured and
// every delivery is judged.
package scene

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/meter"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// Config is what a run is. Not every scenario uses everything.
type Config struct {
	Chat        line.Target
	Others      []line.Target // further chat nodes; members are spread over all
	Peer        line.Dial     // another chat server than ours, for chat; nil: ours
	Signer      *token.Signer // nil: without the key
	Connections int
	Rates       []float64 // messages per second, one step each
	Duration    time.Duration
	Ramp        float64       // new connections per second
	Opening     int           // the most connections being opened at a time; 0: no bound
	Settle      time.Duration // before a measurement of silence
	Beat        time.Duration // heart-beats both ways; 0: none
	Length      int           // of a text
	Within      time.Duration // in which all reconnect
	Stalled     int           // readers who do not read
	Match       line.Target
	Films       int  // to wait for
	Enter       bool // the rooms that one is told of
	Pattern     pattern.Pattern
	Patience    time.Duration // with what is still on its way in the end; 0: SettleFor
	Sources     []usage.Source
	Stores      Stores // that are asked what they hold
	Progress    io.Writer
}

// scenarios by name.
var scenarios = map[string]func(s *stage, ctx context.Context) error{
	"chat":    (*stage).chat,
	"storm":   (*stage).storm,
	"slow":    (*stage).slow,
	"match":   (*stage).match,
	"journey": (*stage).journey,
}

// Names are the scenarios that there are, sorted.
func Names() []string { return slices.Sorted(maps.Keys(scenarios)) }

// Run plays a scenario to its end. The result is what there is of it, also with an error.
func Run(ctx context.Context, scenario string, cfg Config) (*report.Result, error) {
	play, known := scenarios[scenario]
	if !known {
		return nil, fmt.Errorf("there is no scenario %q", scenario)
	}
	s := newStage(scenario, cfg)
	err := s.run(ctx, play)
	return s.result, err
}

func newStage(scenario string, cfg Config) *stage {
	cfg.Patience = cmp.Or(cfg.Patience, SettleFor)
	s := &stage{Config: cfg, began: time.Now(), judge: judge.Judge{Unordered: cfg.Peer != nil}}
	s.phase.Store("prepare")
	s.Chat, s.Match, s.Others = cfg.Chat.Counted(&s.wire), cfg.Match.Counted(&s.wire), nil
	s.puts = line.NewKept(s.Match)
	for _, node := range cfg.Others {
		s.Others = append(s.Others, node.Counted(&s.wire))
	}
	s.result = &report.Result{
		Schema: report.Schema, Date: s.began.UTC().Truncate(time.Second), Machine: report.ThisMachine(), Scenario: scenario,
		Latency: map[string]meter.Quantiles{}, Histogram: map[string][]meter.Bar{}, Measures: map[string]float64{},
	}
	s.measured = &s.meter.Delivery
	return s
}

// run plays while the run is watched.
func (s *stage) run(ctx context.Context, play func(*stage, context.Context) error) error {
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	s.before = s.mustSample(ctx)
	watch.Go(func() { s.watch(watching, ctx) })
	watch.Go(func() { s.pulses(watching) })
	err := play(s, ctx)
	s.puts.Close()
	stop()
	watch.Wait()
	s.conclude()
	return err
}

// stage is a run while it is played.
type stage struct {
	Config
	began    time.Time
	meter    meter.Meter
	wire     line.Wire
	puts     *line.Kept // for joins
	judge    judge.Judge
	matches  judge.Matches
	joined   atomic.Int64   // members whose PUT was sent
	answered atomic.Int64   // those whose PUT was answered, or failed
	measured *meter.Latency // what the scenario is about
	phase    atomic.Value   // string
	before   map[string]usage.Sample

	lines    sync.WaitGroup // one for each connection, and for each that is opened
	storming atomic.Bool    // nobody to talk is no failure

	mu      sync.Mutex // guards what follows while the run is watched
	result  *report.Result
	members []*member
}

func (s *stage) say(format string, args ...any) {
	fmt.Fprintf(s.Progress, "%6.1fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// sample asks all sources at once. One that does not answer within a while is missing, and missed
// is told.
func (s *stage) sample(ctx context.Context, within time.Duration, missed func(name string, err error)) map[string]usage.Sample {
	asking, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var mu sync.Mutex // guards samples
	samples := make(map[string]usage.Sample, len(s.Sources))
	var all sync.WaitGroup
	for _, source := range s.Sources {
		all.Go(func() {
			sample, err := source.Take(asking)
			switch {
			case err == nil:
				mu.Lock()
				defer mu.Unlock()
				samples[source.Name] = sample
			case ctx.Err() == nil:
				missed(source.Name, err)
			}
		})
	}
	all.Wait()
	return samples
}

// mustSample is a sample that the figures of a step come from.
func (s *stage) mustSample(ctx context.Context) map[string]usage.Sample {
	return s.sample(ctx, stepSample, func(name string, err error) { s.meter.Fail("sample "+name, err) })
}

// trySample is one second's: on a machine that is busy it may be missing in a chart.
func (s *stage) trySample(ctx context.Context) map[string]usage.Sample {
	return s.sample(ctx, secondSample, func(name string, err error) {
		if errors.Is(err, context.DeadlineExceeded) {
			s.measure("secondsNotSampled", 1)
		} else {
			s.meter.Fail("sample "+name, err)
		}
	})
}

// watch notes each second and prints it, until ctx ends. The
// last second is noted in full: asking is for as long as the whole run may last.
func (s *stage) watch(ctx, asking context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var sent, delivered, failed int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := report.Second{
			At: time.Since(s.began).Seconds(), Phase: s.phase.Load().(string), Connections: s.meter.Open.Load(),
			Sent: s.meter.Sent.Load(), Delivered: s.meter.Delivered.Load(), Failures: s.meter.Failures() + s.judge.Broken() + s.matches.Broken(),
			Latency: s.measured.Cut(), LateMs: s.meter.Late.Cut().P99, Usage: s.trySample(asking),
		}
		second := now
		second.Sent, second.Delivered, second.Failures = now.Sent-sent, now.Delivered-delivered, now.Failures-failed
		sent, delivered, failed = now.Sent, now.Delivered, now.Failures
		s.say("%-8s %6d connections  %6d sent/s  %7d delivered/s  %d failures  p50 %.1f  p99 %.1f ms  late %.1f ms",
			second.Phase, second.Connections, second.Sent, second.Delivered, now.Failures, second.Latency.P50, second.Latency.P99, second.LateMs)
		s.mu.Lock()
		s.result.Seconds = append(s.result.Seconds, second)
		s.result.Connections = max(s.result.Connections, second.Connections)
		s.mu.Unlock()
	}
}

// cast says who plays: whose lines are kept alive.
func (s *stage) cast(members []*member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members = members
}

// measure adds to something that only this scenario finds.
func (s *stage) measure(name string, by float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Measures[name] += by
}

// step measures a part of the run.
func (s *stage) step(ctx context.Context, name string, perSecond float64, do func()) {
	s.phase.Store(name)
	began, before, mark := time.Now(), s.mustSample(ctx), s.measured.Mark()
	sent, delivered := s.meter.Sent.Load(), s.meter.Delivered.Load()
	do()
	after := s.mustSample(ctx)
	step := report.Step{
		Name: name, Rate: perSecond, Seconds: time.Since(began).Seconds(), Connections: s.meter.Open.Load(),
		Sent: s.meter.Sent.Load() - sent, Delivered: s.meter.Delivered.Load() - delivered, Latency: s.measured.Since(mark),
		Used: usage.Used(before, after), Cost: map[string]float64{}, PerLine: map[string]float64{},
	}
	for name, used := range step.Used {
		if step.Delivered > 0 {
			step.Cost[name] = used.CPU * 1e6 / float64(step.Delivered)
		}
		if base, known := s.before[name]; known && step.Connections > 0 {
			step.PerLine[name] = float64(used.RSS-base.RSS) / float64(step.Connections)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Connections = max(s.result.Connections, step.Connections)
	s.result.Steps = append(s.result.Steps, step)
}

// settle waits until everything that was said is answered and heard, or too long, of which the
// judge has a word to say. Of a run that is broken off nobody has waited for it.
func (s *stage) settle(ctx context.Context) {
	s.phase.Store("settle")
	s.awaitFor(ctx, s.Patience, s.judge.Settled)
	if ctx.Err() != nil {
		for _, m := range s.members {
			m.giveUp()
		}
	}
}

// awaitFor waits until something is so, or too long, and says whether it is.
func (s *stage) awaitFor(ctx context.Context, ceiling time.Duration, so func() bool) bool {
	over := time.After(ceiling)
	for !so() {
		select {
		case <-time.After(settleEvery):
		case <-over:
			return so()
		case <-ctx.Done():
			return so()
		}
	}
	return true
}

// conclude puts everything into the result. Nothing happens any more.
func (s *stage) conclude() {
	r, m := s.result, &s.meter
	r.Sent, r.Skipped, r.Delivered = m.Sent.Load(), m.Skipped.Load(), m.Delivered.Load()
	r.ToPeople, r.FromPeople = s.wire.ToPeople.Load(), s.wire.FromPeople.Load()
	r.Failures, r.Promises = m.Failed(), s.judge.Close()
	r.Promises.Add(s.matches.Close())
	for name, l := range map[string]*meter.Latency{
		"delivery": &m.Delivery, "receipt": &m.Receipt, "connect": &m.Connect, "join": &m.Join, "told": &m.Told, "request": &m.Request, "late": &m.Late,
	} {
		if q, bars := l.All(); q.Count > 0 {
			r.Latency[name], r.Histogram[name] = q, bars
		}
	}
}
