package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dieWithParent ends the server when the test process dies without cleaning up.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// childrenOf are the processes that a process has started and not yet waited for.
func childrenOf(pid int) (pids []int) {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		panic("testenv: " + err.Error()) // the kernel has no CONFIG_PROC_CHILDREN
	}
	for _, field := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// tick is the unit of times in /proc/PID/stat, the same on all Linux.
const tick = 10 * time.Millisecond

// CPU is what the server has used up to now, with its children.
func (s *Server) CPU() (time.Duration, error) {
	used := time.Duration(0)
	for _, pid := range append(childrenOf(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		n, err := cpuOf(pid)
		if err != nil && !errors.Is(err, os.ErrNotExist) { // else it ended meanwhile
			return 0, err
		}
		used += n
	}
	return used, nil
}

// cpuOf adds up utime, stime and the same of children that ended: fields 14 to 17 of
// proc(5)'s stat, of which the second, a name, may have anything in it.
func cpuOf(pid int) (used time.Duration, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 15 {
		return 0, fmt.Errorf("/proc/%d/stat is %q", pid, stat)
	}
	for _, field := range fields[11:15] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		used += time.Duration(n) * tick
	}
	return used, nil
}
