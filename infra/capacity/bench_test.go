//go:build integration && bench

package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var (
	wanted = flag.String("load", "chat", "scenario and its flags")
	output = flag.String("out", "load", "files for the result, .json and .html are added")
)

// TestLoad is `make load`: the scenario against services of its own, on a PostgreSQL that
// syncs each commit to disk, as in production. The target's numbers are worth what the
// machine's quiet is worth.
func TestLoad(t *testing.T) {
	w := newWorld(t, "-c", "fsync=on")
	words := strings.Fields(*wanted)
	if words[0] == "match" || words[0] == "journey" {
		w.startMatch()
	}
	args := append([]string{"load", words[0], "-json", *output + ".json", "-html", *output + ".html"}, w.flags()...)
	getenv := func(name string) string {
		if name == "SIGNING_KEY" {
			return w.key
		}
		return os.Getenv(name)
	}
	if err := run(t.Context(), append(args, words[1:]...), getenv, os.Stderr); err != nil {
		t.Fatal(err)
	}
	t.Logf("reports: %s.json and %s.html", *output, *output)
}
