package plan

import (
	"math"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// alike is people who all do the same: 4 pages of films, 9 messages, a page of history.
func alike() pattern.Pattern {
	return pattern.Pattern{Films: 10, Day: &pattern.Day{Present: 0.1, Average: 0.25}, Kinds: []pattern.Kind{{
		Name: "all", Share: 1, Patience: time.Minute,
		Browse: pattern.Reading{Pages: 4, Think: 5 * time.Second}, Chat: pattern.Chat{Messages: 9, Think: 10 * time.Second, Length: 60},
		History: pattern.Reading{Pages: 1, Think: 5 * time.Second},
	}}}
}

// round are costs in round numbers.
func round() *costs.Costs {
	c := &costs.Costs{
		Schema: costs.Schema, Date: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), Commit: "abc", Machine: report.Machine{CPU: "Test", CPUs: 2},
		Length: 60,
		Each: map[costs.Op]costs.Unit{
			costs.SignIn:           {Match: 100, ToPeople: 500, FromPeople: 500},
			costs.FilmsPage:        {Match: 200, ToPeople: 4000, FromPeople: 500},
			costs.Stream:           {Match: 100, Redis: 10},
			costs.StreamSecond:     {Match: 10},
			costs.Join:             {Match: 300, Postgres: 200, Redis: 50, Disk: 400, Kept: 1000},
			costs.Room:             {Match: 600, Postgres: 600, Disk: 2000},
			costs.Enter:            {Chat: 300, Match: 50, Postgres: 300, Redis: 20, Disk: 1000},
			costs.Connect:          {Chat: 400, Postgres: 50, Redis: 50, ToPeople: 3000, FromPeople: 1000},
			costs.ConnectionSecond: {Chat: 5},
			costs.Message:          {Chat: 100, Postgres: 100, Redis: 20, ToPeople: 80, FromPeople: 170, Disk: 500},
			costs.Hear:             {Chat: 30, Redis: 10, Bus: 300},
			costs.NodeSecond:       {Chat: 2, Postgres: 3, Redis: 4, Bus: 10},
			costs.Delivery:         {Chat: 40, ToPeople: 400},
			costs.Signal:           {Chat: 40, ToPeople: 200},
			costs.Leave:            {Chat: 200, Match: 80, Postgres: 250, Redis: 10, Disk: 900},
			costs.HistoryPage:      {Chat: 300, Postgres: 200, ToPeople: 10000, FromPeople: 500},
		},
		Memory: costs.Memory{Connected: 10 << 10, Subscribed: 20 << 10, Stream: 40 << 10, Waiting: 2000, Presence: 500},
		Idle:   map[string]costs.Idle{},
	}
	for _, process := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		c.Idle[process] = costs.Idle{RSS: 40 << 20, Cores: 0.01}
	}
	return c
}

func listed(t testing.TB) *Prices {
	t.Helper()
	f, err := os.Open("../../prices.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := ReadPrices(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func given(t testing.TB) Given {
	return Given{Pattern: alike(), Costs: round(), Prices: listed(t), Zones: 3, Horizon: 100 * 24 * time.Hour}
}

func made(t rapid.TB, users float64, g Given) *Plan {
	t.Helper()
	p, err := Make(users, g)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}
