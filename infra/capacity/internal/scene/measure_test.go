package scene

import (
	"math"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// What is there anyway, whatever the rate, is not in the slope.
func TestFit_tellsTheFixedCostApart(t *testing.T) {
	var x []float64
	var y []costs.Unit
	for _, perSecond := range []float64{0, 100, 400} {
		x = append(x, perSecond)
		y = append(y, costs.Unit{Chat: 5000 + 120*perSecond, Postgres: 700, WAL: 3 * perSecond})
	}
	got := fit(x, y)
	if math.Abs(got.Chat-120) > 1e-9 || math.Abs(got.Postgres) > 1e-9 || math.Abs(got.WAL-3) > 1e-9 {
		t.Errorf("%+v", got)
	}
}

func TestUsed_isWhatCameOnTop(t *testing.T) {
	u := used{Unit: costs.Unit{Match: 9000, Redis: 100}, seconds: 2}
	if got := u.each(10, costs.Unit{Match: 2000, Redis: 50}); got != (costs.Unit{Match: 500}) {
		t.Errorf("%+v", got)
	}
}
