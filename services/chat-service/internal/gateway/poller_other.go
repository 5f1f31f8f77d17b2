//go:build !linux

package gateway

import (
	"errors"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// poller is for Linux, where the services run. Elsewhere a goroutine waits at each socket.
type poller struct{}

func sockets() (*poller, error) { return nil, errors.ErrUnsupported }

func (*poller) watch(*rawsock.Socket, func()) (forget func(), err error) {
	return nil, errors.ErrUnsupported
}

func (*poller) begin(read func()) { go read() }
