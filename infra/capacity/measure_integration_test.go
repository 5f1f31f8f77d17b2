//go:build integration

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// A short measurement knows what can be counted: octets on the wire and on disk, of which
// there are some 40 pages at the higher rate. CPU is a matter of the machine's day, and as
// memory may be too little to be told here.
func TestMeasure_small(t *testing.T) {
	w := newWorld(t)
	w.startMatch()
	w.another()
	file := filepath.Join(t.TempDir(), "costs.json")
	var out strings.Builder
	err := run(t.Context(), w.measuring(file, "-connections", "48", "-duration", "1s", "-settle", "0", "-rate", "200,800", "-length", "100"), os.Getenv, &out)
	if err != nil && !errors.Is(err, errTooLittle) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c costs.Costs // as it stands: the reader refuses CPU of which there was too little
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	each := c.Each
	for what, n := range map[string][3]float64{ // least and most, wherever it runs
		"octets of a SEND":            {each[costs.Message].FromPeople, 150, 400},
		"octets of a delivery":        {each[costs.Delivery].ToPeople, 200, 1000},
		"octets of a page of films":   {each[costs.FilmsPage].ToPeople, 1000, 20_000},
		"bus to another chat node":    {each[costs.Hear].Bus, 150, 1500},
		"log of a message":            {each[costs.Message].WAL, 200, 10_000},
		"log of who leaves":           {each[costs.Leave].WAL, 200, 20_000},
		"disk of a message":           {each[costs.Message].Disk, 50, 10_000},
		"Redis of one who waits":      {c.Memory.Waiting, 200, 20_000},
		"length of what was measured": {float64(len(c.Settings["length"])), 3, 3},
	} {
		if n[0] < n[1] || n[0] > n[2] {
			t.Errorf("%s: %g, want %g to %g", what, n[0], n[1], n[2])
		}
	}
}
