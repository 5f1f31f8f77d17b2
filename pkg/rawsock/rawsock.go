// Package rawsock reads and writes sockets without telling Go's scheduler of each call.
//
// Package net announces every read and write as a system call that may take long, although
// its sockets never block. While such calls come, however short, the runtime has a thread
// of its own look every 20 µs whether one does take long (runtime.sysmon), which was a
// tenth of what a busy node did. Waiting is left to Go's poller, as in package net, so that
// deadlines and Close work as they do there.
package rawsock

import (
	"context"
	"errors"
	"net"
)

// ErrAgain says that a socket has nothing to read yet.
var ErrAgain = errors.New("the socket is not ready")

// Wrap returns a connection that does as c does, by raw system calls. One that is no TCP
// socket, or on a system without them, is returned as it is.
func Wrap(c net.Conn) net.Conn { return wrap(c) }

// Dial is net.Dialer.DialContext with connections that are wrapped.
func Dial(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return Wrap(c), nil
	}
}

// Listener returns a listener whose connections are wrapped.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Wrap(c), nil
}
