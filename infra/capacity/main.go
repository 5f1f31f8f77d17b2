// Command capacity puts a known load on a running system and says what came of it: how
// long people waited, what it cost, and whether a promise was broken. It measures what one
// of each thing costs there, and plans from that what a number of users needs.
//
//	capacity load SCENARIO [flags]
//	capacity measure [flags]
//	capacity plan [flags]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "capacity:", err)
		os.Exit(1)
	}
}

const usageText = `usage: capacity load SCENARIO [flags]
       capacity measure [flags]             what one of each thing costs, on a running system
       capacity plan [flags]                what a number of users needs, and what it costs

  chat     members connect, then talk at one rate after another
  storm    while they talk all lines break at once, and all reconnect
  slow     some have a second line, from which they read nothing
  match    members join the queue at a rate and wait for the room of six
  journey  people browse, queue, are matched, chat, read and go, as a pattern file says

Flags: capacity load SCENARIO -h, capacity measure -h, capacity plan -h`

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	if getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	switch {
	case len(args) > 1 && args[0] == "load":
		return load(ctx, args[1], args[2:], getenv, out)
	case len(args) > 0 && args[0] == measured:
		return measure(ctx, args[1:], getenv, out)
	case len(args) > 0 && args[0] == "plan":
		return plans(args[1:], out)
	}
	return errors.New(usageText)
}
