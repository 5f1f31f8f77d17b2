//go:build integration && bench

package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var (
	measureFlags  = flag.String("measure", "", "flags of capacity measure")
	measureOutput = flag.String("costs", "costs.json", "file for the costs")
)

// TestMeasure is `make measure`: what things cost, on services of its own, of chat-service two
// nodes.
func TestMeasure(t *testing.T) {
	w := newSteadyWorld(t)
	w.startMatch()
	w.another()
	if err := run(t.Context(), w.measuring(*measureOutput, strings.Fields(*measureFlags)...), os.Getenv, os.Stderr); err != nil {
		t.Fatal(err)
	}
}
