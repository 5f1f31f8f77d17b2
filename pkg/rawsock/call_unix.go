//go:build unix && (!linux || race)

package rawsock

import "syscall"

// The race detector learns from syscall.Read and Write that what one side of a connection
// did came before what the other does.

func read(fd uintptr, p []byte) (int, syscall.Errno) { return plain(syscall.Read(int(fd), p)) }

func write(fd uintptr, p []byte) (int, syscall.Errno) { return plain(syscall.Write(int(fd), p)) }

func plain(n int, err error) (int, syscall.Errno) {
	if errno, ok := err.(syscall.Errno); ok {
		return 0, errno
	}
	return n, 0
}
