package database

import "time"

const (
	// connectTimeout bounds one attempt to reach the database, so that a service that
	// cannot start says so within 10 s.
	connectTimeout = 5 * time.Second

	// maxConns is a node's share of the database's connections. PostgreSQL's default is
	// 100; two services of two nodes, and their doubles during a deploy, stay below it. One
	// of them is for Reserve.
	maxConns = 12

	// maxConnIdle is how long an unused connection stays open.
	maxConnIdle = 5 * time.Minute

	// pingAfter is how long a connection may be unused before it is asked whether it still
	// answers: a round trip that a busy node does not pay. pingTimeout is how long a healthy
	// database takes at most, even a busy one; database/sql tries two unused connections
	// before it makes a new one, so a node is back two such waits after its database.
	pingAfter   = time.Second
	pingTimeout = time.Second

	// peerIdle, peerProbe and peerProbes are TCP's keep-alive on both sides: who says nothing
	// is asked after 5 s, each second, and is gone after 5 questions. peerSilence is the same
	// for what was sent and is not acknowledged.
	peerIdle    = 5 * time.Second
	peerProbe   = time.Second
	peerProbes  = 5
	peerSilence = 10 * time.Second

	// maxIdleInTransaction is how long a node may say nothing within a transaction before
	// PostgreSQL ends it and frees its locks. Ours say their next statement within
	// milliseconds; 3 s is a node that stands still or is gone, and less than commits of
	// others are tried again for.
	maxIdleInTransaction = 3 * time.Second

	// lockTimeout is how long a statement waits for one lock. Ours are held for milliseconds;
	// half a second is a node that stands still, and whoever waits shall not hold up others.
	lockTimeout = 500 * time.Millisecond

	// migrateLockTimeout is the same for a migration: longer than an abandoned transaction
	// lasts, and than an autovacuum takes to make way (deadlock_timeout, a second).
	migrateLockTimeout = 10 * time.Second
)
