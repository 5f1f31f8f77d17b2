package awssecrets

import (
	"context"
	"time"
)

// Watch reads the secret every so often until ctx ends, and has take do what there is to
// do for a version other than known. While it cannot be read or taken, what was taken last
// stays good.
func (s *Secret) Watch(ctx context.Context, every time.Duration, known Value, take func(Value) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v, err := s.Current(ctx)
		if err == nil && v.Version != known.Version {
			if err = take(v); err == nil {
				known = v
				s.trouble.log.Info("a secret has changed", "version", v.Version)
			}
		}
		if ctx.Err() == nil {
			s.trouble.is(err)
		}
	}
}
