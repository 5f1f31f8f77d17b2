package app

import "time"

// loadEvery is how often a node says what it carries. CloudWatch looks at whole minutes,
// and a node that grows by a thousand sockets a second has other limits.
const loadEvery = time.Minute
