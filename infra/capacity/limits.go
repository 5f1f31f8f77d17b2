package main

// spareFiles are for what else is open than members' connections: reports, /metrics, and
// requests that prepare the run. The bounds of a run itself are in internal/scene/limits.go.
const spareFiles = 100

// gcPercent is this program's GOGC where the environment does not say it: it has
// memory to spare, and each collection keeps what it measures from running for 30 ms.
const gcPercent = 400
