package plan

import (
	"testing"
)

func TestNodesOf_isWhereSixAre(t *testing.T) {
	// Of three nodes each is missed by six with (2/3)^6 = 64/729.
	near(t, "of three", nodesOf(3), 3*665.0/729, 1e-9)
	near(t, "of one", nodesOf(1), 1, 0)
	near(t, "of many", nodesOf(1e6), 6, 1e-4)
}
