package gateway

import (
	"syscall"
	"unsafe"
)

// writeNow is write(2) for a socket that never blocks. syscall.Write tells Go's scheduler of
// each call, in case it takes long, and has it watched (runtime.sysmon, 20 µs at a time):
// a tenth of what a busy node did.
func writeNow(fd uintptr, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
