package gateway

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
)

// Memory watches how much of its memory the process uses. It counts what the last
// garbage collection left and the stacks: garbage is no reason to turn people away.
type Memory struct {
	used  func() uint64
	limit uint64 // above it memory is scarce; 0: it never is
	over  atomic.Bool
}

// NewMemory watches for percent of what the process may use; for 0, or where nothing
// says how much that is, memory is never scarce.
func NewMemory(percent int) *Memory {
	return &Memory{used: usedMemory, limit: allowedMemory() / 100 * uint64(percent)}
}

// look measures; the sweep calls it.
func (m *Memory) look() {
	if m != nil && m.limit > 0 {
		m.over.Store(m.used() > m.limit)
	}
}

func (m *Memory) scarce() bool { return m != nil && m.over.Load() }

func usedMemory() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// allowedMemory is GOMEMLIMIT, or the container's limit (cgroup v2, memory.max), or 0
// when there is neither.
func allowedMemory() uint64 {
	if set := debug.SetMemoryLimit(-1); set < math.MaxInt64 {
		return uint64(set)
	}
	text, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return 0 // no container
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0 // "max": no limit
	}
	return n
}
