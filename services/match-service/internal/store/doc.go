// Package store keeps films, waits and rooms for good: in PostgreSQL, or in SQLite where
// the whole system is one process. It fills the ports match.Waits, match.Rooms and
// catalogue.Store. GORM and SQL are known here and nowhere else.
//
// Waits and rooms are committed in groups (group.go): all that arrive within the same few
// milliseconds share one transaction. The statements of those transactions take their
// rows as one JSON text, so that their number of parameters never changes; they stand in
// postgres.sql and sqlite.sql, and cost PostgreSQL two round trips (transaction.go).
// Plain reads are written with GORM and run on both.
package store
