package main

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
)

// someCosts writes a file of costs, of which each is a little.
func someCosts(t *testing.T) string {
	t.Helper()
	c := costs.Costs{Schema: costs.Schema, Commit: "abc", Settings: map[string]string{"length": "60"}, Each: map[costs.Op]costs.Unit{}, Idle: map[string]costs.Idle{}}
	c.Machine.OS, c.Machine.Arch, c.Machine.CPU, c.Machine.CPUs, c.Machine.Go = "linux", "amd64", "Test", 2, "go"
	c.Memory = costs.Memory{Connected: 1e4, Subscribed: 2e4, Stream: 3e4, Waiting: 2e3, Presence: 500}
	for _, op := range costs.Ops {
		c.Each[op] = costs.Unit{Chat: 50, Match: 50, Postgres: 50, Redis: 10, ToPeople: 500, FromPeople: 200, WAL: 100, Disk: 50, Kept: 10, Bus: 100}
	}
	for _, process := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		c.Idle[process] = costs.Idle{RSS: 30 << 20, Cores: 0.01}
	}
	file := filepath.Join(t.TempDir(), "costs.json")
	if err := write(file, c.Write); err != nil {
		t.Fatal(err)
	}
	return file
}

func planning(args ...string) (string, error) {
	var out strings.Builder
	err := run(context.Background(), append([]string{"plan"}, args...), noEnv, &out)
	return out.String(), err
}

func TestPlan_printsATableAndWritesFiles(t *testing.T) {
	dir := t.TempDir()
	file := someCosts(t)
	text, err := planning("-costs", file, "-html", filepath.Join(dir, "plan.html"))
	if err != nil || !strings.Contains(text, "10,000,000") || !strings.Contains(text, file) || !strings.Contains(text, "carries up to about") {
		t.Errorf("%v\n%s", err, text)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "plan.html")); err != nil || !strings.Contains(string(page), "<h1>What 10,000") {
		t.Error(err)
	}
	if _, err := planning("-costs", file, "-users", "20000", "-zones", "2", "-tfvars", filepath.Join(dir, "plan.auto.tfvars")); err != nil {
		t.Error(err)
	}
	if vars, err := os.ReadFile(filepath.Join(dir, "plan.auto.tfvars")); err != nil || !strings.Contains(string(vars), "zones = 2") {
		t.Errorf("%v\n%s", err, vars)
	}
}

// What was planned before stays as it was, when the next plan cannot be built.
func TestPlan_leavesTheOldTfvarsWhenItRefuses(t *testing.T) {
	dir := t.TempDir()
	vars := filepath.Join(dir, "plan.auto.tfvars")
	if err := os.WriteFile(vars, []byte("zones = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := planning("-costs", someCosts(t), "-users", "1e9", "-tfvars", vars); err == nil || !strings.Contains(err.Error(), "cannot carry") {
		t.Error(err)
	}
	if text, err := os.ReadFile(vars); err != nil || string(text) != "zones = 3\n" {
		t.Errorf("%v, %q", err, text)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", err, files)
	}
}

func TestPlan_namesWhatIsWrong(t *testing.T) {
	file := someCosts(t)
	some, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"-costs open nowhere.json", []string{"-costs", "nowhere.json"}},
		{"c.json: line 1: date is missing", []string{"-costs", bad("c.json", `{"schema": "sixseat-capacity-costs/1"}`)}},
		{"l.json: line 14: settings.length must be a number", []string{"-costs", bad("l.json", strings.Replace(string(some), `"length": "60"`, `"length": ""`, 1))}},
		{"line 1: fargate.cpu is missing", []string{"-costs", file, "-prices", bad("p.yaml", "alb.lcu: {}")}},
		{"day is missing", []string{"-costs", file, "-pattern", bad("x.yaml", "films: 1\nkinds: [{name: a, share: 1, patience: 1m}]")}},
		{"-users", []string{"-costs", file, "-users", "0"}},
		{"-users", []string{"-costs", file, "-users", "10,many"}},
		{"-users", []string{"-costs", file, "-users", "NaN"}},
		{"zones must be 2 or 3", []string{"-costs", file, "-zones", "5"}},
		{"-horizon", []string{"-costs", file, "-horizon", "3"}},
		{"-tfvars is for one", []string{"-costs", file, "-users", "10,20", "-tfvars", "x"}},
		{`"x" is no flag`, []string{"x"}},
		{"the stack as written cannot carry 1,000,000,000 users", []string{"-costs", file, "-users", "1e9", "-tfvars", filepath.Join(t.TempDir(), "x.tfvars")}},
	} {
		if _, err := planning(c.args...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.args, err, c.says)
		}
	}
}

func TestMeasure_namesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"", "must say where chat is"},
		{"", "must say where redis is"},
		{"", "-postgres is missing"},
		{"", "-redis is missing"},
		{"-rate 100", "-rate must be at least two"},
		{"-rate 0,100", "-rate must be at least two"},
		{"-connections 5", "-connections must be"},
		{"-target http://10.0.0.7", "-mine"},
		{"-duration 0", "-duration"},
		{"-node http://127.0.0.1:1", "must say where chat2 is"},
		{"-node http://127.0.0.1:1 -node http://127.0.0.1:2", "-node must be one at most"},
		{"x", `"x" is no flag`},
	} {
		err := measure(t.Context(), strings.Fields(c.args), noEnv, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.args, err, c.says)
		}
	}
}

var update = flag.Bool("update", false, "write what the README shows: the plan's table, or the board's with the reasons; read the diff")

// The README shows what the program prints with the costs that are stored.
func TestPlan_isWhatTheReadmeShows(t *testing.T) {
	text, err := planning()
	if err != nil {
		t.Fatal(err)
	}
	table, rest, _ := strings.Cut(text, "\n\n")
	_, ceiling, found := strings.Cut(rest, "The stack as Terraform")
	if !found {
		t.Fatal(text)
	}
	ceiling, _, _ = strings.Cut(ceiling, "\n")
	want := table + "\n\nThe stack as Terraform" + strings.Replace(ceiling, ". ", ".\n", 1) + "\n"
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, shown, found := strings.Cut(string(readme), "```\nusers ")
	shown, after, closed := strings.Cut(shown, "```")
	switch {
	case !found || !closed:
		t.Error("README.md has no block that begins with users")
	case "users "+shown == want:
	case *update:
		if err := os.WriteFile("README.md", []byte(before+"```\n"+want+"```"+after), 0o644); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("README.md shows another plan; make plan writes this one:\n%s", want)
	}
}

// What is stored is what a plan takes where no file is named.
func TestPlan_takesTheNewestStoredCosts(t *testing.T) {
	files, err := stored.ReadDir("costs")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if _, err := costs.ReadFile("costs/" + file.Name()); err != nil {
			t.Error(err)
		}
	}
	text, err := planning()
	if err != nil || !strings.Contains(text, "costs/"+files[len(files)-1].Name()) {
		t.Errorf("%v\n%s", err, text)
	}
}
