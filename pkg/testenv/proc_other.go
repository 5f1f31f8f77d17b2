//go:build !linux

package testenv

import (
	"errors"
	"syscall"
	"time"
)

// dieWithParent is the best that other systems offer: a server may outlive a crash.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// childrenOf finds none: only the process itself hangs.
func childrenOf(int) []int { return nil }

// CPU is known on Linux alone.
func (s *Server) CPU() (time.Duration, error) { return 0, errors.New("CPU is measured on Linux alone") }
