package plan

// Balancer is the ALB.
type Balancer struct {
	Balancers int     `json:"balancers"`
	Units     float64 `json:"capacityUnits"` // LCU at the busiest time
	Uses      []Use   `json:"uses"`          // a Share of 1 is one unit
	Binds     string  `json:"binds"`
}

func planBalancer(t Traffic, d Demand, tasks int) Balancer {
	b := Balancer{Balancers: max(1, (tasks+quotaTargets-1)/quotaTargets)}
	dimension := func(what, unit string, need, of float64) {
		b.Uses = append(b.Uses, Use{what, need, of, unit, 1, need / of})
	}
	dimension("new connections", "1/s", t.Visits*t.Connections+t.reopened(), lcuNew)
	dimension("active connections", "open", t.Sockets+t.Streams+t.Browsing, lcuActive)
	dimension("processed octets", "GB/h", (d.ToPeople+d.FromPeople)*3600/1e9, lcuBytes/1e9)
	dimension("rule evaluations", "1/s", d.Requests*float64(max(0, rules-freeRules)), lcuRules)
	for _, u := range b.Uses {
		b.Units = max(b.Units, u.Share)
	}
	b.Binds = first(b.Uses)
	return b
}
