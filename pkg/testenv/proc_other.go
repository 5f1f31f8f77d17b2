//go:build !linux

package testenv

import "syscall"

// dieWithParent is the best that other systems offer: a server may outlive a crash.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// childrenOf finds none: only the process itself hangs.
func childrenOf(int) []int { return nil }
