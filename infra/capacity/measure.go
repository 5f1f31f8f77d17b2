package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/scene"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// measured is the name of a measurement among the scenarios.
const measured = "measure"

// measure finds out on a running system what one of each thing costs.
func measure(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	o := &options{set: flag.NewFlagSet("capacity measure", flag.ContinueOnError), scenario: measured, dialect: ours}
	o.set.SetOutput(out)
	o.cfg = scene.Config{Ramp: 1, Films: scene.MaxFilms, Progress: out, Sources: []usage.Source{usage.Self()}}
	o.where()
	postgres := o.set.String("postgres", "", "PostgreSQL's `URL`, to ask how much it has written; a user who may connect is enough")
	redis := o.set.String("redis", "", "Redis's `URL`, to ask how much it holds, like redis://127.0.0.1:6379")
	file := o.set.String("out", "costs.json", "write the costs to this `file`")
	o.set.IntVar(&o.cfg.Connections, "connections", 2000, "members, in rooms of six")
	o.set.Func("rate", "messages per second, a comma `list` of at least two (default a twelfth and a third of -connections)", o.rates)
	o.set.DurationVar(&o.cfg.Duration, "duration", 10*time.Second, "of each stage; in 10s and multiples of it heart-beats and event streams do whole turns")
	o.set.DurationVar(&o.cfg.Settle, "settle", time.Minute, "before each time of silence: PostgreSQL vacuums once a minute")
	o.set.DurationVar(&o.cfg.Beat, "beat", 10*time.Second, "heart-beats, both ways; 0: none")
	o.set.IntVar(&o.cfg.Length, "length", 60, "characters of a message")
	if err := o.set.Parse(args); err != nil {
		return err
	}
	if o.set.NArg() > 0 {
		return fmt.Errorf("%q is no flag", o.set.Arg(0))
	}
	if o.cfg.Rates == nil {
		n := float64(o.cfg.Connections)
		o.cfg.Rates = []float64{n / 12, n / 3}
	}
	o.cfg.Ramp = float64(max(1, o.cfg.Connections))
	if err := errors.Join(o.check(), o.checkMeasured(*postgres, *redis)); err != nil {
		return err
	}
	store, err := usage.Postgres(ctx, *postgres)
	if err != nil {
		return fmt.Errorf("-postgres: %w", err)
	}
	defer store.Close()
	o.cfg.Stores = scene.Stores{Postgres: store, Redis: func(ctx context.Context) (usage.Redis, error) {
		asked, err := usage.AskRedis(ctx, *redis)
		if err != nil {
			return asked, fmt.Errorf("-redis: %w", err)
		}
		return asked, nil
	}}
	defer o.shareCores(getenv)()
	found, result, err := scene.Measure(ctx, o.cfg)
	if err == nil {
		err = result.Clean()
	}
	if err != nil {
		return fmt.Errorf("costs of a run that was not clean are none: %w", err)
	}
	found.Commit, found.Settings = report.Commit(getenv), o.settings()
	if err := write(*file, found.Write); err != nil {
		return err
	}
	kept, err := costs.ReadFile(*file)
	if err != nil { // what plan would refuse is better known now
		return fmt.Errorf("%w: %w", errTooLittle, err)
	}
	for _, doubt := range kept.Doubts {
		fmt.Fprintf(out, "doubtful: %s\n", doubt)
	}
	fmt.Fprintf(out, "costs: %s\n", *file)
	return nil
}

// errTooLittle is a measurement in which something drowned in the noise.
var errTooLittle = errors.New("too little was measured; take more -connections, or a longer -duration")

func (o *options) checkMeasured(postgres, redis string) error {
	var bad []error
	processes := []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis}
	if len(o.nodes) > 0 {
		processes = append(processes, scene.SecondChat)
	}
	for _, process := range processes {
		if !slices.ContainsFunc(o.cfg.Sources, func(s usage.Source) bool { return s.Name == process }) {
			bad = append(bad, fmt.Errorf("-metrics or -process must say where %s is", process))
		}
	}
	if len(o.nodes) > 1 {
		bad = append(bad, errors.New("-node must be one at most: two nodes show what it takes to hear of each other"))
	}
	if postgres == "" {
		bad = append(bad, errors.New("-postgres is missing"))
	}
	if redis == "" {
		bad = append(bad, errors.New("-redis is missing"))
	}
	if len(o.cfg.Rates) < 2 || slices.Min(o.cfg.Rates) <= 0 {
		bad = append(bad, errors.New("-rate must be at least two rates above 0: the fixed cost is told apart by them"))
	}
	return errors.Join(bad...)
}
