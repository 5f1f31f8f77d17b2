package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
	"github.com/sixseat/sixseat/infra/capacity/internal/peer"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/scene"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// ours is the dialect of chat-service.
const ours = "sixseat"

// options are the flags as they were given.
type options struct {
	set        *flag.FlagSet
	scenario   string
	cfg        scene.Config
	target     string
	dialect    string
	nodes      []string
	match      string
	pattern    string
	mine       bool
	json, html string
	svg        string
}

// load plays a scenario and writes its reports.
func load(ctx context.Context, scenario string, args []string, getenv func(string) string, out io.Writer) error {
	o, err := parse(scenario, args, getenv, out)
	if err != nil {
		return err
	}
	defer o.shareCores(getenv)()
	result, err := scene.Run(ctx, scenario, o.cfg)
	if result == nil {
		return err
	}
	result.Commit, result.Settings = report.Commit(getenv), o.settings()
	if werr := errors.Join(write(o.json, result.WriteJSON), write(o.html, result.WriteHTML), write(o.svg, result.WriteSVG)); werr != nil {
		return errors.Join(err, werr)
	}
	summary(out, result)
	if err != nil {
		return err
	}
	if err := result.Clean(); err != nil {
		return fmt.Errorf("not clean: %w", err)
	}
	return nil
}

func parse(scenario string, args []string, getenv func(string) string, out io.Writer) (*options, error) {
	if !slices.Contains(scene.Names(), scenario) {
		return nil, fmt.Errorf("there is no scenario %q, but %s", scenario, strings.Join(scene.Names(), ", "))
	}
	o := &options{set: flag.NewFlagSet("capacity load "+scenario, flag.ContinueOnError), scenario: scenario}
	o.set.SetOutput(out)
	o.cfg.Progress = out
	o.cfg.Sources = []usage.Source{usage.Self()}
	o.define()
	if err := o.set.Parse(args); err != nil {
		return nil, err
	}
	if o.set.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag", o.set.Arg(0))
	}
	var err error
	if scenario == "journey" {
		if o.cfg.Pattern, err = o.readPattern(); err != nil {
			return nil, err
		}
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if key := getenv("SIGNING_KEY"); key != "" {
		if o.cfg.Signer, err = token.NewSigner(key, time.Now); err != nil {
			return nil, fmt.Errorf("SIGNING_KEY: %w", err)
		}
	}
	return o, nil
}

func (o *options) define() {
	o.where()
	o.set.StringVar(&o.dialect, "dialect", ours, "chat: what the target speaks; a `name` beside ours is another chat server's: "+strings.Join(peer.Names(), ", "))
	o.set.IntVar(&o.cfg.Connections, "connections", 600, "members, in rooms of six; what is over fills no room and stays away. match: the most who wait at a time; journey: visitors in all")
	o.cfg.Rates = []float64{100}
	o.set.Func("rate", "messages per second in all rooms together, joins in match; for chat a comma `list` is a step each (default 100)", o.rates)
	o.set.DurationVar(&o.cfg.Duration, "duration", 30*time.Second, "of a step; a journey is as long as its pattern")
	o.set.Float64Var(&o.cfg.Ramp, "ramp", 500, "new connections per second; journey: visitors who come")
	o.set.IntVar(&o.cfg.Opening, "opening", 0, "the most connections that are being opened at a time; 0: as many as are due")
	o.set.DurationVar(&o.cfg.Beat, "beat", 10*time.Second, "heart-beats, both ways; 0: none")
	o.set.IntVar(&o.cfg.Length, "length", 120, "characters of a message")
	o.set.DurationVar(&o.cfg.Within, "within", 10*time.Second, "storm: in which all reconnect")
	o.set.IntVar(&o.cfg.Stalled, "stalled", 60, "slow: second lines, first read and then not, at most four for each member: the services' LIMIT_SESSIONS is 5")
	o.set.IntVar(&o.cfg.Films, "films", 20, "match: films that members wait for, each for one of them by chance")
	o.set.BoolVar(&o.cfg.Enter, "enter", false, "match: enter the rooms at the target, so that no seat is given on; without chat-service none is")
	o.set.StringVar(&o.pattern, "pattern", "", "journey: the YAML `file` that says what people do; the one in patterns, if none is named")
	o.set.Func("statements", "count the statements of a PostgreSQL that is measured as a process, as `NAME=URL`; it must have pg_stat_statements", o.statement)
	o.set.StringVar(&o.json, "json", "", "write the result to this `file`, as JSON")
	o.set.StringVar(&o.html, "html", "", "write the report to this `file`")
	o.set.StringVar(&o.svg, "svg", "", "write its main charts to this `file`, to be shown in a document")
}

// where defines the flags that say where the system is and what of it is measured.
func (o *options) where() {
	o.set.StringVar(&o.target, "target", "http://127.0.0.1:8080", "the load balancer's `origin`, or a service's")
	o.set.Func("node", "the `origin` of another chat node beside -target, to spread members over; may be repeated", func(text string) error {
		o.nodes = append(o.nodes, text)
		return nil
	})
	o.set.BoolVar(&o.mine, "mine", false, "the target is not this machine, and it is mine to put load on")
	o.set.StringVar(&o.match, "match", "", "match-service's `origin`, where it is not the target's")
	o.set.Func("metrics", "measure a service of ours, as `NAME=URL`, like chat=http://127.0.0.1:8081/metrics; may be repeated", o.metrics)
	o.set.Func("process", "measure a process of this machine and its children, as `NAME=PID` or NAME=:PORT, like postgres=:5432; may be repeated", o.process)
}

//go:embed patterns/evening.yaml
var evening string

func (o *options) readPattern() (pattern.Pattern, error) {
	if o.pattern == "" {
		return pattern.Read(strings.NewReader(evening))
	}
	f, err := os.Open(o.pattern)
	if err != nil {
		return pattern.Pattern{}, fmt.Errorf("-pattern: %w", err)
	}
	defer f.Close()
	p, err := pattern.Read(f)
	if err != nil {
		return p, fmt.Errorf("-pattern %s: %w", o.pattern, err)
	}
	return p, nil
}

func (o *options) rates(list string) error {
	o.cfg.Rates = nil
	for _, text := range strings.Split(list, ",") {
		rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(rate >= 0 && rate <= scene.MaxRate) {
			return fmt.Errorf("must be numbers from 0 to %d", scene.MaxRate)
		}
		o.cfg.Rates = append(o.cfg.Rates, rate)
	}
	return nil
}

// named takes NAME=VALUE apart.
func (o *options) named(text string) (name, value string, err error) {
	name, value, found := strings.Cut(text, "=")
	if !found || name == "" || value == "" {
		return "", "", errors.New("must be NAME=VALUE")
	}
	if slices.ContainsFunc(o.cfg.Sources, func(s usage.Source) bool { return s.Name == name }) {
		return "", "", fmt.Errorf("there is a %s already", name)
	}
	return name, value, nil
}

func (o *options) metrics(text string) error {
	name, url, err := o.named(text)
	if err == nil {
		o.cfg.Sources = append(o.cfg.Sources, usage.Metrics(name, url))
	}
	return err
}

func (o *options) process(text string) error {
	name, which, err := o.named(text)
	if err != nil {
		return err
	}
	source, err := usage.Process(name, which)
	o.cfg.Sources = append(o.cfg.Sources, source)
	return err
}

// statement makes the source of that name count statements as well.
func (o *options) statement(text string) error {
	name, url, _ := strings.Cut(text, "=")
	i := slices.IndexFunc(o.cfg.Sources, func(s usage.Source) bool { return s.Name == name })
	if i < 0 || url == "" {
		return fmt.Errorf("must be NAME=URL with the name of a -process before it, is %q", name)
	}
	source, err := usage.Statements(o.cfg.Sources[i], url)
	o.cfg.Sources[i] = source
	return err
}

// check holds the flags against their bounds; each problem names its flag.
func (o *options) check() error {
	var bad []error
	must := func(good bool, format string, args ...any) {
		if !good {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	c := &o.cfg
	within := func(name string, value, least, most float64) {
		must(value >= least && value <= most, "-%s must be from %g to %g, is %g", name, least, most, value)
	}
	within("connections", float64(c.Connections), matchapi.Seats, scene.MaxConnections)
	within("ramp", c.Ramp, 1, scene.MaxRate)
	must(!(float64(c.Connections)/c.Ramp > scene.MaxDuration.Seconds()), "-connections %d at -ramp %g take longer than %v", c.Connections, c.Ramp, scene.MaxDuration)
	within("opening", float64(c.Opening), 0, scene.MaxConnections)
	within("length", float64(c.Length), scene.MinLength, scene.MaxLength)
	must(c.Duration > 0 && c.Duration <= scene.MaxDuration, "-duration must be up to %v, is %v", scene.MaxDuration, c.Duration)
	must(c.Beat == 0 || c.Beat >= time.Second && c.Beat <= time.Minute, "-beat must be 0, or from 1s to 1m, is %v", c.Beat)
	must(o.messages() <= scene.MaxMessages, "-rate and -duration make %.0f messages; the most is %d", o.messages(), scene.MaxMessages)
	must(len(c.Rates) == 1 || o.scenario == "chat" || o.scenario == measured, "-rate must be one number: only chat has steps")
	switch o.scenario {
	case "storm":
		must(c.Within >= time.Second && c.Within <= scene.MaxDuration, "-within must be from 1s to %v, is %v", scene.MaxDuration, c.Within)
	case "journey":
		n := c.Pattern.Messages() * float64(c.Connections)
		must(n <= scene.MaxMessages, "-connections and the pattern make %.0f messages; the most is %d", n, scene.MaxMessages)
	case "match":
		must(c.Rates[0]*c.Duration.Seconds() >= 1, "-rate and -duration must make at least one join")
	case "slow":
		within("stalled", float64(c.Stalled), 1, math.Min(float64(4*c.Connections), scene.MaxConnections))
		must(c.Beat > 0, "-beat must not be 0: it shows when the server has ended a line that is not read")
	}
	within("films", float64(c.Films), 1, scene.MaxFilms)
	c.Peer = peer.Dialect(o.dialect)
	must(c.Peer != nil || o.dialect == ours, "-dialect must be %s or one of %s, is %q", ours, strings.Join(peer.Names(), ", "), o.dialect)
	must(c.Peer == nil || o.scenario == "chat", "-dialect must be %s: other servers are only played chat", ours)
	origin := func(name, text string) line.Target {
		target, err := line.ParseTarget(text)
		must(err == nil, "-%s %w", name, err)
		must(err != nil || target.Loopback() || o.mine, "-%s %s is not this machine: say -mine if it is yours to put load on", name, text)
		return target
	}
	if files, err := openFiles(); err == nil { // else this system has no such limit to ask for
		need := uint64(c.Connections + spareFiles)
		if o.scenario == "slow" {
			need += uint64(max(c.Stalled, 0))
		}
		must(files >= need, "-connections %d needs %d open files, and this program may have %d: see ulimit -n", c.Connections, need, files)
	}
	c.Chat = origin("target", o.target)
	for _, text := range o.nodes {
		c.Others = append(c.Others, origin("node", text))
	}
	if c.Match = c.Chat; o.match != "" {
		c.Match = origin("match", o.match)
	}
	return errors.Join(bad...)
}

// shareCores keeps the load to half of the cores that it may have where what it measures runs
// beside it, on loopback, and the environment does not say otherwise. restore ends that.
func (o *options) shareCores(getenv func(string) string) (restore func()) {
	elsewhere := func(t line.Target) bool { return !t.Loopback() }
	targets := append([]line.Target{o.cfg.Chat, o.cfg.Match}, o.cfg.Others...)
	if getenv("GOMAXPROCS") != "" || slices.ContainsFunc(targets, elsewhere) {
		return func() {}
	}
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	return runtime.SetDefaultGOMAXPROCS
}

// openFiles is how many files this program may have open; Go has raised it to the most.
func openFiles() (uint64, error) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	return limit.Cur, err
}

// messages are the most that the run can send.
func (o *options) messages() (n float64) {
	seconds := o.cfg.Duration.Seconds()
	switch o.scenario {
	case "storm":
		seconds = (2*o.cfg.Duration + o.cfg.Within + scene.SettleFor).Seconds()
	case "slow":
		seconds *= 3
	}
	for _, rate := range o.cfg.Rates {
		n += rate * seconds
	}
	return n
}

// settings are all flags as they count, for the report.
func (o *options) settings() map[string]string {
	settings := map[string]string{}
	o.set.VisitAll(func(f *flag.Flag) { settings[f.Name] = f.Value.String() })
	rates := make([]string, len(o.cfg.Rates))
	for i, rate := range o.cfg.Rates {
		rates[i] = strconv.FormatFloat(rate, 'g', -1, 64)
	}
	settings["rate"] = strings.Join(rates, ",")
	settings["node"] = strings.Join(o.nodes, ",")
	for _, name := range []string{"json", "html", "svg", "metrics", "process", "statements", "postgres", "redis", "out"} {
		delete(settings, name)
	}
	return settings
}

// write writes a report to a file, if one is named. All of it stands there, or what stood
// there before.
func write(name string, to func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := to(&text); err != nil {
		return err
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a terminal or a pipe
		return os.WriteFile(name, text.Bytes(), 0o644)
	}
	beside := name + ".part"
	if err := os.WriteFile(beside, text.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(beside, name); err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return nil
}

func summary(out io.Writer, r *report.Result) {
	fmt.Fprintf(out, "\n%s: %d connections, %d sent, %d delivered\n", r.Scenario, r.Connections, r.Sent, r.Delivered)
	for _, name := range []string{"delivery", "receipt", "connect", "join", "told", "request", "late"} {
		if q, measured := r.Latency[name]; measured {
			fmt.Fprintf(out, "  %-9s p50 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms\n", name, q.P50, q.P99, q.P999, q.Max)
		}
	}
	for _, step := range r.Steps {
		if step.Latency.Count == 0 {
			continue
		}
		fmt.Fprintf(out, "  %-9s %d delivered, p50 %.2f  p99 %.2f ms", step.Name, step.Delivered, step.Latency.P50, step.Latency.P99)
		for _, name := range slices.Sorted(maps.Keys(step.Cost)) {
			fmt.Fprintf(out, "; %s %.1f µs of CPU per delivery", name, step.Cost[name])
		}
		fmt.Fprintln(out)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Measures)) {
		fmt.Fprintf(out, "  %s %.2f\n", name, r.Measures[name])
	}
}
