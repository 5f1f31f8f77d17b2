package main

import "time"

// stopTimeout is how long requests may take to finish after Ctrl-C; then they
// are cut, like WebSockets.
const stopTimeout = 5 * time.Second

// heapFloor is memory that is never touched, so it costs none: the garbage collector
// runs when the heap has doubled, and without this floor that is every few megabytes of
// requests, for about a tenth of the processor time.
const heapFloor = 32 << 20

// adminTimeout bounds one admin call: small JSON on a local network.
const adminTimeout = 5 * time.Second

// healthTimeout bounds the question of "localalb health": shorter than a container's
// own timeout for it, so that this program says what was wrong.
const healthTimeout = 2 * time.Second
