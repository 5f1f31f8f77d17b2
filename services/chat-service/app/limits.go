package app

import "time"

// loadEvery is how often a node says what it carries. CloudWatch looks at whole minutes,
// and a node that grows by a thousand sockets a second has other limits.
const loadEvery = time.Minute

// GCPercent is Go's GOGC where the environment does not say it. A collection walks the memory
// of all sockets, and messages wait meanwhile; at 150 a connection takes nine tenths of what it may.
const GCPercent = 150

// leastSilence is the least ARCHIVE_AFTER. A post without a key that is tried again, since
// the answer to its commit was lost, is looked for among the messages in the database alone;
// that is over within seconds, and no message may be archived before. A room that goes and
// comes each hour is none that fell silent anyway.
const leastSilence = time.Hour
