package database

import (
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

func TestBounded_givesUpAPeerThatDoesNotAcknowledge(t *testing.T) {
	cfg, err := pgx.ParseConfig("postgres://user@host/name?connect_timeout=60")
	if err != nil {
		t.Fatal(err)
	}
	bounded(cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := cfg.DialFunc(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ option, want int }{
		"unacknowledged, in ms": {unix.TCP_USER_TIMEOUT, int(peerSilence.Milliseconds())},
		"idle, in s":            {unix.TCP_KEEPIDLE, int(peerIdle.Seconds())},
		"between probes, in s":  {unix.TCP_KEEPINTVL, int(peerProbe.Seconds())},
		"probes":                {unix.TCP_KEEPCNT, peerProbes},
	} {
		var got int
		var failed error
		err := raw.Control(func(fd uintptr) { got, failed = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, c.option) })
		if got != c.want || err != nil || failed != nil {
			t.Errorf("%s: %d, %v, %v; want %d", name, got, err, failed, c.want)
		}
	}
}
