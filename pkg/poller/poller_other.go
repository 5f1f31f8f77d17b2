//go:build !linux

package poller

import (
	"errors"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Watch cannot: a goroutine has to wait at each socket.
func Watch(_ *rawsock.Socket, _ func(ended bool), _ func()) (*Watched, error) {
	return nil, errors.ErrUnsupported
}

// Watched is nothing that there is here.
type Watched struct{}

// Forget is not called, since nothing is watched.
func (*Watched) Forget() {}

// Await is not called either.
func (*Watched) Await() error { return errors.ErrUnsupported }
