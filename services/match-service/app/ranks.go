package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
)

// The label rank stands for a film in metrics: a label for each film would be a thousand
// series each. Films are ranked by popularity, since that is what decides how long one
// waits: the ten that everybody picks, the ninety behind them, and the long tail.
var rankNames = []string{"1-10", "11-100", "101+"}

func rankOf(place int) string {
	switch {
	case place <= 10:
		return rankNames[0]
	case place <= 100:
		return rankNames[1]
	}
	return rankNames[2]
}

// ranks are the films as they were when the node started. One that came later counts to
// the tail, and is not in its length.
type ranks struct {
	ids  []string // most popular first
	rank map[string]string
}

type films interface {
	Films(ctx context.Context, q catalogue.Query) ([]catalogue.Film, error)
}

func readRanks(ctx context.Context, f films) (ranks, error) {
	list, err := f.Films(ctx, catalogue.Query{Sort: catalogue.Popular, Limit: maxRanked})
	if err != nil {
		return ranks{}, fmt.Errorf("rank films: %w", err)
	}
	r := ranks{rank: map[string]string{}}
	for i, film := range list {
		r.ids = append(r.ids, film.ID)
		r.rank[film.ID] = rankOf(i + 1)
	}
	return r, nil
}

func (r ranks) of(movieID string) string {
	if rank, known := r.rank[movieID]; known {
		return rank
	}
	return rankNames[len(rankNames)-1]
}

// lengths reads from time to time how many wait for films of each rank, on all nodes.
type lengths struct {
	ranks   ranks
	counter catalogue.Counter
	waiting map[string]prometheus.Gauge // by rank
	log     *slog.Logger
}

// Run reads until ctx ends. While the queue is away the last lengths stand.
func (l lengths) Run(ctx context.Context) {
	tick := time.NewTicker(lengthsEvery)
	defer tick.Stop()
	for {
		if err := l.read(ctx); err != nil && ctx.Err() == nil {
			l.log.Debug("queues not measured", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l lengths) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lengthsEvery)
	defer cancel()
	sums := map[string]int{}
	for start := 0; start < len(l.ranks.ids); start += lengthsPage {
		ids := l.ranks.ids[start:min(start+lengthsPage, len(l.ranks.ids))]
		counts, err := l.counter.Counts(ctx, ids)
		if err != nil {
			return err
		}
		for i, n := range counts {
			sums[l.ranks.of(ids[i])] += n
		}
	}
	for rank, gauge := range l.waiting {
		gauge.Set(float64(sums[rank]))
	}
	return nil
}
