package service

import (
	"context"
	"time"
)

// Evenly calls each for all of the list, evenly over the window, the first at once. When
// ctx ends the rest has its turn at once. It goes by the clock, not by pauses: those of
// ten thousand would add up, and a node that stops may be short of time.
func Evenly[T any](ctx context.Context, window time.Duration, list []T, each func(T)) {
	begin := time.Now()
	for i, item := range list {
		due := begin.Add(window * time.Duration(i) / time.Duration(len(list)))
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(due)):
		}
		each(item)
	}
}
