package database

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sixseat/sixseat/pkg/rawsock"
)

// bounded makes connections notice the end of the other side, on both sides: a host that
// vanishes hangs up on nobody.
func bounded(cfg *pgx.ConnConfig) {
	cfg.ConnectTimeout = connectTimeout
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: peerIdle, Interval: peerProbe, Count: peerProbes},
		Control:         giveUpSending,
	}
	cfg.DialFunc = rawsock.Dial(&dialer)
	for name, value := range map[string]string{ // PostgreSQL 15, sections 20.3.2 and 20.11.1
		"lock_timeout":                        milliseconds(lockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(maxIdleInTransaction),
		"tcp_keepalives_idle":                 seconds(peerIdle),
		"tcp_keepalives_interval":             seconds(peerProbe),
		"tcp_keepalives_count":                strconv.Itoa(peerProbes),
	} {
		cfg.RuntimeParams[name] = value
	}
}

// planned makes plans that stay right. A prepared statement keeps its plan, and the plan of
// a table that is nearly empty reads all of it: a day later too, when it has grown. Whatever
// is asked often has an index, so reading whole tables is what comes last. Where nothing
// else is left its cost is out of all proportion, which must not set off the compiler.
func planned(cfg *pgx.ConnConfig) {
	cfg.RuntimeParams["enable_seqscan"] = "off" // PostgreSQL 15, section 20.7.1
	cfg.RuntimeParams["jit"] = "off"            // section 32.2
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + "ms" }

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// died asks a connection that was unused for a while whether it still answers. A ping
// that does not end closes it; the ping that pgx then makes fails at once, and
// database/sql takes another connection.
func died(ctx context.Context, p stdlib.ShouldPingParams) bool {
	if p.IdleDuration < pingAfter {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return p.Conn.Ping(ctx) != nil
}
