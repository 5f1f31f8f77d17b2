//go:build !linux

package database

import "syscall"

// giveUpSending leaves it to the system how long TCP repeats what nobody acknowledges:
// the option is Linux', which is what the services run on.
func giveUpSending(string, string, syscall.RawConn) error { return nil }
