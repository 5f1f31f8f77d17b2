package gateway

import "sync"

// readers are goroutines that stay for reading, and for draining outboxes, whose stacks have
// grown to what it takes.
var readers = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	for range maxReaders {
		go func() {
			for read := range work {
				read()
			}
		}()
	}
	return work
})

// begin lets another goroutine work: one of those that stay, or a new one while all of them
// are at work or wait for a store.
func begin(work func()) {
	select {
	case readers() <- work:
	default:
		go work()
	}
}
