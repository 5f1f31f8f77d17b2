package plan

import (
	"testing"
	"time"
)

// Each node has a journal for each shard, and each of them commits by itself.
func TestWrites_commitInEachShardByItself(t *testing.T) {
	w := Writes{Commits: 100_000}
	for shards, want := range map[int]float64{1: 5_000, 3: 15_000, 100: 100_000} {
		iops := w.uses(databases[0], shards, 10, 2*time.Millisecond, 50)[2]
		if near(t, iops.What, iops.Need, want, 1e-9); iops.What != "IOPS" {
			t.Errorf("%+v is not what is looked at", iops)
		}
	}
}
