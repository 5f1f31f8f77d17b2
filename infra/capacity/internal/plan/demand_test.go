package plan

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

func TestDemand_isLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := map[costs.Op]float64{}
		for _, op := range costs.Ops {
			rates[op] = rapid.Float64Range(0, 1e5).Draw(t, string(op))
		}
		times := rapid.Float64Range(0.1, 50).Draw(t, "times")
		more := map[costs.Op]float64{}
		for op, rate := range rates {
			more[op] = rate * times
		}
		a, b := NewDemand(rates, 100, round()), NewDemand(more, 100, round())
		for _, pair := range [][2]float64{
			{a.Cores[costs.Chat], b.Cores[costs.Chat]}, {a.Cores[costs.Redis], b.Cores[costs.Redis]}, {a.ToPeople, b.ToPeople},
			{a.ChatDB.Disk, b.ChatDB.Disk}, {a.MatchDB.Disk, b.MatchDB.Disk}, {a.Requests, b.Requests},
		} {
			if math.Abs(pair[0]*times-pair[1]) > 1e-9*pair[1] {
				t.Errorf("%g x %g is %g", pair[0], times, pair[1])
			}
		}
	})
}

// Longer messages move and store more octets, and as many more as they are longer.
func TestDemand_knowsTheLengthOfMessages(t *testing.T) {
	rates := map[costs.Op]float64{costs.Message: 10, costs.Delivery: 60}
	a, b := NewDemand(rates, 60, round()), NewDemand(rates, 160, round())
	if b.ToPeople-a.ToPeople != 6000 || b.FromPeople-a.FromPeople != 1000 || b.ChatDB.Disk-a.ChatDB.Disk != 1000 {
		t.Errorf("%+v, %+v", a, b)
	}
	if silent := NewDemand(rates, 0, round()); silent.ToPeople != a.ToPeople {
		t.Errorf("without messages a delivery has %g octets, not %g", silent.ToPeople/60, a.ToPeople/60)
	}
}
