package plan

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// 20 a second come for 200 s and stay for 119: in the rest there is what a plan has for as
// many users, and twice the CPU is seen.
func TestSteady_comparesTheBusyTimeOfAJourney(t *testing.T) {
	p, c := alike(), round()
	traffic := comingAt(20, p)
	near(t, "visits", traffic.Visits, 20, 1e-9)
	near(t, "sockets", traffic.Sockets, 20*95.02, 0.001)
	d := NewDemand(traffic.PerSecond(), traffic.Length, c)
	r := &report.Result{Scenario: "journey", Settings: map[string]string{"connections": "4000", "ramp": "20"}}
	for i := range 300 {
		s := report.Second{At: float64(i), Usage: map[string]usage.Sample{}}
		if i > 140 && i <= 200 { // before and after something else, which does not count
			s.Sent, s.Connections = 180, 1900
			s.Delivered = int64(traffic.PerSecond()[costs.Delivery] + 6*20)
		}
		for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
			s.Usage[name] = usage.Sample{CPU: float64(i) * (d.Cores[name] + 0.01)}
		}
		s.Usage[costs.Redis] = usage.Sample{CPU: 2 * s.Usage[costs.Redis].CPU}
		r.Seconds = append(r.Seconds, s)
	}
	figures, err := Steady(r, p, c)
	if err != nil || len(figures) != 7 {
		t.Fatal(figures, err)
	}
	for _, f := range figures {
		want := 0.0
		if strings.HasSuffix(f.What, "CPU of redis") {
			want = 0.5
		}
		if math.Abs(f.Off()-want) > 0.02 {
			t.Errorf("%s: planned %g, used %g", f.What, f.Planned, f.Used)
		}
	}
	r.Settings["connections"] = "2000" // all have come before the first has gone
	if figures, err := Steady(r, p, c); figures != nil || !errors.Is(err, ErrNeverSteady) {
		t.Error(figures, err)
	}
}
