package plan

import (
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// A journey that went as planned agrees, and one that took twice the CPU does not.
func TestJourney_comparesWithWhatWasUsed(t *testing.T) {
	p := alike()
	e := expect(1200, 20, p)
	near(t, "sockets", e.sockets, 20*60*1175/1200, 0.001) // all have come before the first has gone: 60 s of coming, 95 of chatting
	near(t, "messages", e.happens[costs.Message], 9*1175, 0.001)
	near(t, "joins", e.happens[costs.Join], 1200, 0)
	d := NewDemand(e.happens, e.visit.Length, round())
	r := &report.Result{
		Scenario: "journey", Settings: map[string]string{"connections": "1200", "ramp": "20"},
		Connections: int64(e.sockets), Sent: 9 * 1175, Delivered: int64(e.happens[costs.Delivery] + 6*1175),
		ToPeople: int64(d.ToPeople), FromPeople: int64(d.FromPeople),
		Steps: []report.Step{{Seconds: 200, Used: map[string]usage.Sample{
			costs.Chat: {CPU: d.Cores[costs.Chat] + 2}, costs.Match: {CPU: d.Cores[costs.Match] + 2}, costs.Postgres: {CPU: d.Cores[costs.Postgres] + 2}, costs.Redis: {CPU: 2 * (d.Cores[costs.Redis] + 2)},
		}}},
	}
	figures, err := Journey(r, p, round())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		switch {
		case strings.HasPrefix(f.What, "memory"): // none was sampled
		case f.What == "CPU of redis":
			near(t, f.What, f.Off(), 0.5, 0.01)
		default:
			if f.Off() > 0.01 {
				t.Errorf("%s: planned %g, used %g", f.What, f.Planned, f.Used)
			}
		}
	}
	r.Scenario = "chat"
	if _, err := Journey(r, p, round()); err == nil {
		t.Error("chat is no journey")
	}
}
