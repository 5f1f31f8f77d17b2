package plan

import (
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

func TestNodesOf_isWhereMembersAre(t *testing.T) {
	// Of three nodes each is missed by six with (2/3)^6 = 64/729.
	near(t, "six on three", nodesOf(3, 6), 3*665.0/729, 1e-9)
	near(t, "six on one", nodesOf(1, 6), 1, 0)
	near(t, "six on many", nodesOf(1e6, 6), 6, 1e-4)
	near(t, "nobody", nodesOf(3, 0), 1, 0)
}

// What tasks tell each other is carried as well, however many it takes them to be.
func TestLoad_hasWhatTasksTellEachOther(t *testing.T) {
	l := load{cores: 100, listeners: 6, further: costs.Unit{Chat: 20e6, Bus: 1e6}}
	large := taskSize{4096, 8192}
	n := l.tasks(large, 3)
	// On many tasks six are nearly six: 100 cores, and almost five times 20. Without a zone two
	// thirds of the tasks have 80 % of 4 CPUs each for it.
	carries := func(n int) bool { return 100+20*(nodesOf(n, 6)-1) <= float64(remaining(n, 3))*4*strained }
	if n < 80 || !carries(n) || carries(n-1) {
		t.Errorf("%d tasks", n)
	}
	alone := l
	alone.further = costs.Unit{}
	if m := alone.tasks(large, 3); m != 48 { // of which 32 are left
		t.Errorf("%d tasks that tell each other nothing, want 48", m)
	}
	near(t, "network", l.service(large, n, 3).Uses[3].Need, nodesOf(n, 6)-1, 1e-9)
}
