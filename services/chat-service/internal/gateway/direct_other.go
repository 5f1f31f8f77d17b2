//go:build !unix

package gateway

import "net"

// direct is for systems on which a socket can be written without waiting.
type direct struct{}

func newDirect(net.Conn) *direct { return nil }

func (*direct) write([]byte) (int, error) { return 0, nil }
