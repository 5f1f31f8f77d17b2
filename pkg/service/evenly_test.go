package service

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// turns runs Evenly over a window of 10 s and returns when each of n had its turn.
func turns(ctx context.Context, n int, each func(i int)) []time.Duration {
	list, begin := make([]int, n), time.Now()
	for i := range list {
		list[i] = i
	}
	var at []time.Duration
	Evenly(ctx, 10*time.Second, list, func(i int) {
		at = append(at, time.Since(begin))
		each(i)
	})
	return at
}

func seconds(list ...time.Duration) []time.Duration {
	for i := range list {
		list[i] *= time.Second
	}
	return list
}

func TestEvenly(t *testing.T) {
	for what, c := range map[string]struct {
		n    int
		each func(i int)
		want []time.Duration
	}{
		"none":          {0, func(int) {}, nil},
		"one":           {1, func(int) {}, seconds(0)},
		"five":          {5, func(int) {}, seconds(0, 2, 4, 6, 8)},
		"after a delay": {5, func(i int) { time.Sleep(time.Duration(i%2) * 5 * time.Second) }, seconds(0, 2, 7, 7, 12)},
	} {
		synctest.Test(t, func(t *testing.T) {
			if got := turns(context.Background(), c.n, c.each); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", what, got, c.want)
			}
		})
	}
}

func TestEvenly_theRestAtOnceWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if got := turns(ctx, 5, func(int) {}); !slices.Equal(got, seconds(0, 2, 3, 3, 3)) {
			t.Error(got)
		}
	})
}

// Twenty thousand short turns with one delay among them do not take longer than the window.
func TestEvenly_keepsTheWindowHoweverManyThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := turns(context.Background(), 20_000, func(i int) {
			if i%1000 == 500 {
				time.Sleep(200 * time.Millisecond) // as long as 400 turns
			}
		})
		if last := got[len(got)-1]; len(got) != 20_000 || last != 10*time.Second*19_999/20_000 {
			t.Errorf("%d turns, the last after %v", len(got), last)
		}
	})
}
