//go:build !linux

package gateway

import (
	"errors"
	"net"
)

// direct is for Linux, where the services run. Elsewhere a goroutine waits at each socket,
// and whatever is written is drained.
type direct struct{}

func newDirect(net.Conn) *direct { return nil }

var errNothing = errors.New("nothing to read")

func (*direct) write([]byte) (int, error) { return 0, nil }

func (*direct) read([]byte) (int, error) { return 0, errNothing }

func (*direct) watch(*poller, func()) (forget func(), err error) { return nil, errors.ErrUnsupported }

type poller struct{}

func (*poller) begin(read func()) { go read() }

func sockets() (*poller, error) { return nil, errors.ErrUnsupported }
