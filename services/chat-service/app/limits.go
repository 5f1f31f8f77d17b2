package app

import "time"

// loadEvery is how often a node says what it carries. CloudWatch looks at whole minutes,
// and a node that grows by a thousand sockets a second has other limits.
const loadEvery = time.Minute

// GCPercent is Go's GOGC where the environment does not say it: a node is full of sockets
// that live for hours, and at Go's 100 each takes a third more memory under load.
const GCPercent = 50
