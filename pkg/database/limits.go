package database

import "time"

const (
	// connectTimeout bounds one attempt to reach the database, so that a service that
	// cannot start says so within 10 s.
	connectTimeout = 5 * time.Second

	// maxConns is a node's share of the database's connections. PostgreSQL's default is
	// 100; two services of two nodes, and their doubles during a deploy, stay below it.
	maxConns = 12

	// maxConnIdle is how long an unused connection stays open.
	maxConnIdle = 5 * time.Minute
)
