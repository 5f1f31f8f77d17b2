//go:build integration && bench

package main

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/board"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

var (
	wanted = flag.String("load", "chat", "TestLoad: scenario and its flags")
	output = flag.String("out", "load", "TestLoad: files for the result, .json and .html are added")
	only   = flag.String("parts", "", "TestBench: the parts to run; all, if none is named")
	kept   = flag.String("kept", reports, "TestBench: folder for the board")
	readme = flag.String("readme", "", "TestBench: document whose table becomes this run's")
)

// steady is a PostgreSQL that syncs each commit to disk, as in production, and keeps used
// files of its log for use again.
var steady = []string{"-c", "fsync=on", "-c", "min_wal_size=1GB", "-c", "max_wal_size=4GB"}

// usedFiles is how many files of the log, 16 MiB each, are there to be used again: three
// minutes of 2,000 messages/s, of which each writes some 620 octets (message.walBytes in costs).
const usedFiles = 16

// newSteadyWorld is a world whose PostgreSQL is as one that has run for hours: a new one makes
// each file of its log when it comes to it, 16 MiB of zeros which a commit waits 20 ms for, and
// one that has run renames those that it needs no more. What is measured on it is worth
// what the machine's quiet is worth.
func newSteadyWorld(t *testing.T, more ...string) *world {
	t.Helper()
	w := newWorld(t, slices.Concat(steady, more)...)
	for range usedFiles {
		if err := errors.Join(w.postgres.Exec("SELECT pg_logical_emit_message(false, '', '')"), w.postgres.Exec("SELECT pg_switch_wal()")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.postgres.Exec("CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestLoad is `make load`: the scenario against services of its own.
func TestLoad(t *testing.T) {
	w := newSteadyWorld(t)
	words := strings.Fields(*wanted)
	if words[0] == "match" || words[0] == "journey" {
		w.startMatch()
	}
	args := append([]string{"load", words[0], "-json", *output + ".json", "-html", *output + ".html"}, w.flags()...)
	if err := w.run(append(args, words[1:]...)...); err != nil {
		t.Fatal(err)
	}
	t.Logf("reports: %s.json and %s.html", *output, *output)
}

// run is the program, when what was just built is on the disk: the kernel writes those 100 MB
// when they are 30 s old (vm.dirty_expire_centisecs), and commits then wait 20 to 70 ms.
func (w *world) run(args ...string) error {
	syscall.Sync()
	return run(w.Context(), args, w.getenv, os.Stderr)
}

// parts are what `make bench` runs, in this order. Each has services and stores of its
// own, and returns its figures also when they are bad; what is broken fails the test.
var parts = []struct {
	name string
	run  func(t *testing.T, w *world) []board.Row
}{
	{"chat", benchChat},
	{"peers", benchPeers},
	{"idle", benchIdle},
	{"nodes", benchNodes},
	{"storm", benchStorm},
	{"slow", benchSlow},
	{"match", benchMatch},
	{"journey", benchJourney},
	{"plan", benchPlan},
	{"rooms", benchRooms},
	{"store", benchStore},
	{"alb", benchALB},
}

// TestBench is `make bench`.
func TestBench(t *testing.T) {
	chosen := strings.Fields(*only)
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			t.Fatalf("there is no part %q, but %s", name, strings.Join(names(), ", "))
		}
	}
	b := board.New(report.Commit(os.Getenv))
	for _, part := range parts {
		if len(chosen) > 0 && !slices.Contains(chosen, part.name) {
			continue
		}
		t.Run(part.name, func(t *testing.T) {
			rows := part.run(t, newSteadyWorld(t))
			if len(rows) == 0 {
				t.Error("no figures")
			}
			for _, row := range rows {
				row.Topic, row.Command = part.name, "make bench PARTS="+part.name
				if err := b.Add(row); err != nil {
					t.Error(err)
				}
			}
		})
	}
	b.Explain(reasons(t))
	var text strings.Builder
	if err := b.WriteText(&text); err != nil {
		t.Error(err)
	}
	t.Log("\n" + text.String())
	dir := *kept
	if t.Failed() { // a part may be missing: it takes no other's place
		dir = "../../.cache"
	}
	noJourney := keepJourney(dir, b)
	path, err := b.Keep(dir)
	if err := errors.Join(noJourney, err); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s.json and %s.html", path, path)
	if *readme != "" && !t.Failed() {
		if err := errors.Join(b.TakeOver(*readme, reports), b.DropOthers(dir)); err != nil {
			t.Error(err)
		}
	}
}

func names() (list []string) {
	for _, part := range parts {
		list = append(list, part.name)
	}
	return list
}
