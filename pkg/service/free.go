package service

import (
	"errors"
	"net"
)

// free frees both ports of a Server that was never served: net/http knows only listeners
// that Serve was given. After Serve it does nothing.
func (s *Server) free() error {
	return errors.Join(closed(s.publicConn.Close()), closed(s.adminConn.Close()))
}

// closed forgives a listener that is closed already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
