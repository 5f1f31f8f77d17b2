// Package report is what comes out of a run: JSON for programs, and one HTML page for
// people, which needs nothing but itself.
package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/meter"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// Schema names the format of Result; it changes when a field changes its meaning.
const Schema = "sixseat-capacity-load/2"

// Result is one run. Latencies are in milliseconds, counted from when something was due.
type Result struct {
	Schema   string            `json:"schema"`
	Date     time.Time         `json:"date"`
	Commit   string            `json:"commit"`
	Machine  Machine           `json:"machine"`
	Scenario string            `json:"scenario"`
	Settings map[string]string `json:"settings"` // flags of the run by name

	Connections int64 `json:"connections"` // the most at a time
	Sent        int64 `json:"sent"`
	Skipped     int64 `json:"skipped"` // due while nobody of the room was connected, which only storm allows
	Delivered   int64 `json:"delivered"`
	ToPeople    int64 `json:"bytesToPeople"` // on the wire, without TCP and IP
	FromPeople  int64 `json:"bytesFromPeople"`

	Failures map[string]meter.Failure `json:"failures"` // by kind
	Promises judge.Verdict            `json:"promises"` // that were broken

	Latency   map[string]meter.Quantiles `json:"latency"`   // delivery, receipt, connect, late, told, …
	Histogram map[string][]meter.Bar     `json:"histogram"` // of the same
	Measures  map[string]float64         `json:"measures"`  // what else a scenario finds, its unit in the name
	Steps     []Step                     `json:"steps"`
	Seconds   []Second                   `json:"seconds"`
}

// Machine is where the run was made.
type Machine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"`
	Memory int64  `json:"memoryBytes"`
	Go     string `json:"go"`
}

// Step is a part of the run at one rate.
type Step struct {
	Name        string                  `json:"name"`
	Rate        float64                 `json:"perSecond"` // asked for
	Seconds     float64                 `json:"seconds"`
	Connections int64                   `json:"connections"` // at its end
	Sent        int64                   `json:"sent"`
	Delivered   int64                   `json:"delivered"`
	Latency     meter.Quantiles         `json:"latency"`               // of deliveries, or of what the scenario measures
	Used        map[string]usage.Sample `json:"used"`                  // by process
	Cost        map[string]float64      `json:"cpuMicrosPerDelivery"`  // likewise; in match: per member who was told
	PerLine     map[string]float64      `json:"rssBytesPerConnection"` // above what it had before the first connection
}

// Second is one second of the run; in a report that was made thin, several.
type Second struct {
	At          float64                 `json:"at"` // seconds since the start
	Phase       string                  `json:"phase"`
	Connections int64                   `json:"connections"`
	Sent        int64                   `json:"sent"` // in this second, as those below
	Delivered   int64                   `json:"delivered"`
	Failures    int64                   `json:"failures"` // broken promises included
	Latency     meter.Quantiles         `json:"latency"`
	LateMs      float64                 `json:"lateMs"` // how late this program was, p99
	Usage       map[string]usage.Sample `json:"usage"`
}

// Clean says why the run was not flawless, or nil.
func (r *Result) Clean() error {
	var failed int64
	var parts []string
	for what, f := range r.Failures {
		failed += f.Count
		parts = append(parts, fmt.Sprintf("%d x %s (%s)", f.Count, what, f.Example))
	}
	for rule, n := range r.Promises.Broken {
		parts = append(parts, fmt.Sprintf("%d x %s", n, rule))
	}
	if failed == 0 && r.Promises.Total() == 0 {
		return nil
	}
	for i, f := range r.Promises.Examples {
		if i == 3 {
			break
		}
		parts = append(parts, fmt.Sprintf("for example in room %s, %s: %s", f.Room, f.Rule, f.Detail))
	}
	return fmt.Errorf("%d failures, %d broken promises: %s", failed, r.Promises.Total(), strings.Join(parts, "; "))
}

// WriteJSON writes the result for programs.
func (r *Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

// ThisMachine describes where this program runs.
func ThisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: "unknown", CPUs: runtime.NumCPU(), Go: runtime.Version()}
	if model := firstField("/proc/cpuinfo", "model name"); model != "" {
		m.CPU = model
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(firstField("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err == nil { // else not Linux: 0 says that it is not known
		m.Memory = kib << 10
	}
	return m
}

// firstField reads name: value from a file of /proc, "" where there is none.
func firstField(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Commit is the commit that this program was built from, with a + when files had changed;
// COMMIT says it where the build does not know, as under go test and go run.
func Commit(environ func(string) string) string {
	if c := environ("COMMIT"); c != "" {
		return c
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return commit + changed
}
