package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/token"
)

func noEnv(string) string { return "" }

func TestParse_readsFlags(t *testing.T) {
	key := func(string) string { return token.NewSeed() }
	args := strings.Fields("-target http://127.0.0.2:8082 -connections 100 -rate 500,2000 -duration 1m -ramp 50 -beat 0 -length 250 -metrics chat=http://127.0.0.1:1/metrics -node http://127.0.0.3:8082 -node http://127.0.0.4:8082")
	o, err := parse("chat", args, key, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := o.cfg
	if c.Connections != 100 || len(c.Rates) != 2 || c.Rates[1] != 2000 || c.Duration != time.Minute || c.Ramp != 50 || c.Beat != 0 || c.Length != 250 || len(c.Others) != 2 || c.Signer == nil {
		t.Errorf("%+v", c)
	}
	if len(c.Sources) != 2 || c.Sources[1].Name != "chat" {
		t.Errorf("sources %+v", c.Sources)
	}
	if s := o.settings(); s["rate"] != "500,2000" || s["duration"] != "1m0s" || s["target"] != "http://127.0.0.2:8082" || s["json"] != "" {
		t.Errorf("settings %v", s)
	}
}

func TestParse_namesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ scenario, args, says string }{
		{"chats", "", `no scenario "chats", but chat`},
		{"chat", "-connections 5", "-connections"},
		{"chat", "-connections 200001", "-connections"},
		{"chat", "-connections many", "connections"},
		{"chat", "-rate 10,-1", "-rate"},
		{"chat", "-rate 10,", "-rate"},
		{"chat", "-rate NaN", "-rate"},
		{"chat", "-rate 50001", "-rate"},
		{"chat", "-rate 50000 -duration 1h", "-rate and -duration"},
		{"storm", "-rate 1000 -duration 2h50m", "-rate and -duration"},
		{"slow", "-rate 1000 -duration 3h", "-rate and -duration"},
		{"chat", "-connections 180000 -ramp 1", "-ramp"},
		{"chat", "-duration 0", "duration"},
		{"chat", "-duration 7h", "-duration"},
		{"chat", "-ramp 0", "-ramp"},
		{"chat", "-ramp NaN", "-ramp"},
		{"chat", "-opening -1", "-opening"},
		{"chat", "-node there", "-node"},
		{"chat", "-node http://192.0.2.1:80", "-node http://192.0.2.1:80 is not this machine"},
		{"chat", "-statements postgres=postgres://x", "name of a -process before it"},
		{"chat", "-dialect klingon", `one of centrifugo, socketio, stomp, is "klingon"`},
		{"storm", "-dialect stomp", "-dialect must be sixseat"},
		{"chat", "-beat 10ms", "-beat"},
		{"chat", "-length 2001", "-length"},
		{"chat", "-length 9", "-length"},
		{"storm", "-within 0s", "-within"},
		{"storm", "-rate 1,2", "-rate"},
		{"slow", "-stalled 0", "-stalled"},
		{"slow", "-connections 6 -stalled 25", "-stalled"},
		{"slow", "-beat 0", "-beat"},
		{"chat", "-target 127.0.0.1:8080", "-target"},
		{"chat", "-target https://sixseat.example", "-mine"},
		{"match", "-films 101", "-films"},
		{"match", "-rate 1 -duration 500ms", "-rate"},
		{"match", "-match http://10.0.0.7", "-match"},
		{"match", "-match 10.0.0.7", "-match"},
		{"journey", "-pattern nowhere.yaml", "nowhere.yaml"},
		{"journey", "-pattern main.go", "-pattern main.go"},
		{"chat", "-metrics chat", "NAME=VALUE"},
		{"chat", "-metrics load=http://x", "a load already"},
		{"chat", "-process postgres=x", "pid"},
		{"chat", "-process postgres=:1", "port 1"},
		{"chat", "-wrong", "-wrong"},
		{"chat", "600", `"600" is no flag`},
	} {
		_, err := parse(c.scenario, strings.Fields(c.args), noEnv, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v, want %q", c.scenario, c.args, err, c.says)
		}
	}
	if _, err := parse("chat", nil, func(string) string { return "x" }, io.Discard); err == nil || !strings.Contains(err.Error(), "SIGNING_KEY") {
		t.Errorf("a bad key: %v", err)
	}
	if _, err := parse("chat", strings.Fields("-target https://sixseat.example -mine"), noEnv, io.Discard); err != nil {
		t.Errorf("somebody's own target: %v", err)
	}
}

func TestParse_countsOpenFiles(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Skip(err)
	}
	few := limit
	few.Cur = 600
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	_, err := parse("chat", strings.Fields("-connections 600"), noEnv, io.Discard)
	if rerr := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); rerr != nil {
		t.Fatal(rerr)
	}
	if err == nil || !strings.Contains(err.Error(), "-connections 600 needs 700 open files, and this program may have 600") {
		t.Error(err)
	}
}

func TestRun_explainsItself(t *testing.T) {
	for _, args := range []string{"", "load", "plans x"} {
		if err := run(context.Background(), strings.Fields(args), noEnv, io.Discard); err == nil || !strings.Contains(err.Error(), "usage: capacity load") {
			t.Errorf("%q: %v", args, err)
		}
	}
	var out strings.Builder
	if err := run(context.Background(), []string{"load", "chat", "-h"}, noEnv, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-connections") {
		t.Errorf("-h: %v\n%s", err, out.String())
	}
	if err := run(context.Background(), []string{"load", "chat"}, noEnv, io.Discard); err == nil || !strings.Contains(err.Error(), "SIGNING_KEY") {
		t.Errorf("without a key: %v", err)
	}
}

// Half of the cores are the system's, when the load is on its machine.
func TestShareCores(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	for _, c := range []struct {
		args, set string
		during    int
	}{
		{"", "", max(1, before/2)},
		{"", "3", before},
		{"-target http://192.0.2.1 -mine", "", before},
		{"-match http://192.0.2.1 -mine", "", before},
		{"-node http://192.0.2.1 -mine", "", before},
	} {
		getenv := func(name string) string { return map[string]string{"GOMAXPROCS": c.set}[name] }
		o, err := parse("chat", strings.Fields(c.args), getenv, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		restore := o.shareCores(getenv)
		if n := runtime.GOMAXPROCS(0); n != c.during {
			t.Errorf("%+v: %d cores", c, n)
		}
		restore()
		if n := runtime.GOMAXPROCS(0); n != before {
			t.Errorf("%+v: %d cores after it, %d before", c, n, before)
		}
	}
}
