package scene

import (
	"context"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// Stores are asked what they hold, beside what their processes use.
type Stores struct {
	Postgres *usage.Store
	Redis    func(ctx context.Context) (usage.Redis, error)
}

// SecondChat is the name of the source that is the second chat node.
const SecondChat = "chat2"

// Measure finds out what one of each thing that people do costs. Members go the way of a
// journey together, one stage after the other, so that what a stage used is known apart;
// what rests in between is subtracted. The result says whether the run was clean.
func Measure(ctx context.Context, cfg Config) (*costs.Costs, *report.Result, error) {
	m := &measuring{stage: newStage("measure", cfg), found: &costs.Costs{
		Schema: costs.Schema, Each: map[costs.Op]costs.Unit{}, Idle: map[string]costs.Idle{},
	}}
	err := m.run(ctx, func(_ *stage, ctx context.Context) error { return m.all(ctx) })
	m.found.Date, m.found.Machine = m.result.Date, m.result.Machine
	return m.found, m.result, err
}

// measuring is a measurement while it goes on.
type measuring struct {
	*stage
	found  *costs.Costs
	people []*guest
	films  []string
	rest   costs.Unit // per second, when nobody is there
	first  look       // when the services have worked and nothing is open
	six    talked     // to all six, on one chat node
	both   bool       // the second chat node counts as well

	// What PostgreSQL tidied up between stages, in microseconds of CPU, and what it logged in
	// them, in octets.
	tidying, logged float64

	// When nothing was said: how many were connected, and what was used in a second.
	connected []float64
	silence   []costs.Unit
}

func (m *measuring) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer m.lines.Wait()
	defer m.hangUpAll()
	defer cancel()
	rooms := m.Connections / matchapi.Seats
	var err error
	if m.films, err = m.catalogue(ctx); err != nil {
		return err
	}
	m.people = make([]*guest, rooms*matchapi.Seats)
	for i := range m.people {
		m.people[i] = &guest{m: member{number: i * perVisitor, length: m.Length}, told: make(chan string, 1)}
	}
	for _, stop := range []func(context.Context) error{m.visits, m.meets, m.sits, m.talks, m.apart, m.types, m.listens, m.goes} {
		if err := stop(ctx); err != nil {
			return err
		}
	}
	m.tidied()
	return ctx.Err()
}
