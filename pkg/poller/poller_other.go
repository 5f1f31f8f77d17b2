//go:build !linux

package poller

import (
	"errors"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// Watch cannot: a goroutine has to wait at each socket.
func Watch(*rawsock.Socket, func(ended bool)) (forget func(), err error) {
	return nil, errors.ErrUnsupported
}
