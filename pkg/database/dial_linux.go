package database

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUpSending bounds how long TCP repeats what its peer does not acknowledge
// (RFC 5482); Linux alone tries for a quarter of an hour.
func giveUpSending(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(peerSilence.Milliseconds()))
	})
	if err == nil {
		err = failed
	}
	return err
}
