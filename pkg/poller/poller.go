// Package poller tells of sockets that may have something to read, or take something again, by
// an epoll of its own (epoll(7)). Go's own wakes a goroutine for each, which has to wait there with its stack:
// with 10,000 sockets that wait most of the time these were a third of a node's memory, and
// the garbage collector walked all of them.
package poller

// maxEvents is how many sockets one question tells of.
const maxEvents = 128
