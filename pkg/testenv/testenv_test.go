package testenv

import (
	"fmt"
	"net"
	"testing"
)

// Whoever connects is given a port by the kernel, at any moment: none of those is handed out.
func TestFreePort_isNoneThatTheKernelGives(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if given := l.Addr().(*net.TCPAddr).Port; given < lastPort {
		t.Skipf("the kernel gives %d here", given)
	}
	for range 100 {
		port := FreePort(t)
		if port < firstPort || port >= lastPort {
			t.Fatalf("%d", port)
		}
		free, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatalf("nobody is said to listen at %d: %v", port, err)
		}
		_ = free.Close()
	}
}
