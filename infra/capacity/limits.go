package main

// spareFiles are for what else is open than members' connections: reports, /metrics, and
// requests that prepare the run. The bounds of a run itself are in internal/scene/limits.go.
const spareFiles = 100
