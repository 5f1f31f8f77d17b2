// Package usage says what processes have used: our services by what they show at
// /metrics, others, such as PostgreSQL and Redis, by /proc on the same machine.
package usage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/singleflight"
)

// Sample is what a process and its children have used up to now.
type Sample struct {
	CPU        float64 `json:"cpuSeconds"`
	RSS        int64   `json:"rssBytes"`
	Heap       int64   `json:"heapBytes,omitempty"`      // of a Go program: objects, dead ones that were not collected yet included
	Live       int64   `json:"liveBytes,omitempty"`      // of chat-service: what the last collection left, and stacks; by it nodes refuse new sockets
	Goroutines int64   `json:"goroutines,omitempty"`     // of a Go program, as below
	GCs        int64   `json:"gcs,omitempty"`            // collections so far
	GCPause    float64 `json:"gcPauseSeconds,omitempty"` // all pauses so far
	Statements int64   `json:"statements,omitempty"`     // that a database was asked to run so far
	Reads      int64   `json:"reads,omitempty"`          // those of them that neither wrote nor locked rows

	// What a service of ours says of its stores, wherever these are, so far.
	Commits       int64   `json:"commits,omitempty"`       // to PostgreSQL: groups of posts, of waits, of rooms
	CommitSeconds float64 `json:"commitSeconds,omitempty"` // that they took, all together
	Stored        int64   `json:"stored,omitempty"`        // posts, waits and rooms in them
	Trips         int64   `json:"busTrips,omitempty"`      // through Redis and back, of which chat-service times one every 2 s
	TripSeconds   float64 `json:"busTripSeconds,omitempty"`
}

// Source is a process that can be asked.
type Source struct {
	Name string
	Take func(ctx context.Context) (Sample, error) // ends when ctx does
}

// Metrics is a Go program that shows its metrics at url.
func Metrics(name, url string) Source {
	client := &http.Client{}
	return Source{name, func(ctx context.Context) (Sample, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return Sample{}, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return Sample{}, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return Sample{}, fmt.Errorf("%s answers %s", url, resp.Status)
		}
		return readMetrics(io.LimitReader(resp.Body, maxMetrics))
	}}
}

func readMetrics(r io.Reader) (Sample, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return Sample{}, fmt.Errorf("metrics: %w", err)
	}
	var missing []string
	first := func(name string) *dto.Metric {
		if f := families[name]; len(f.GetMetric()) > 0 {
			return f.GetMetric()[0]
		}
		missing = append(missing, name)
		return nil
	}
	pauses := first("go_gc_duration_seconds").GetSummary()
	s := Sample{
		CPU:        first("process_cpu_seconds_total").GetCounter().GetValue(),
		RSS:        int64(first("process_resident_memory_bytes").GetGauge().GetValue()),
		Heap:       int64(first("go_memstats_heap_alloc_bytes").GetGauge().GetValue()),
		Goroutines: int64(first("go_goroutines").GetGauge().GetValue()),
		GCs:        int64(pauses.GetSampleCount()),
		GCPause:    pauses.GetSampleSum(),
	}
	if len(missing) > 0 {
		return Sample{}, fmt.Errorf("metrics: no %s", strings.Join(missing, ", "))
	}
	// Each service has what it has to do with; one that has stored nothing yet may not show it.
	s.Live = int64(gauge(families, "chat_memory_used_bytes"))
	var stored float64
	s.Commits, s.CommitSeconds = histograms(families, "chat_commit_seconds", "match_commit_seconds")
	_, stored = histograms(families, "chat_commit_posts", "match_commit_items")
	s.Stored = int64(stored)
	s.Trips, s.TripSeconds = histograms(families, "chat_bus_lag_seconds")
	return s, nil
}

// gauge is what one shows that may be there.
func gauge(families map[string]*dto.MetricFamily, name string) (value float64) {
	for _, m := range families[name].GetMetric() {
		value = m.GetGauge().GetValue()
	}
	return value
}

// histograms adds up all series of histograms that are there.
func histograms(families map[string]*dto.MetricFamily, names ...string) (count int64, sum float64) {
	for _, name := range names {
		for _, m := range families[name].GetMetric() {
			count += int64(m.GetHistogram().GetSampleCount())
			sum += m.GetHistogram().GetSampleSum()
		}
	}
	return count, sum
}

// Process is a process on this machine and its children, by its pid or by the port that
// it listens at, as :5432.
func Process(name, which string) (Source, error) {
	var pid int
	var err error
	if port, byPort := strings.CutPrefix(which, ":"); byPort {
		pid, err = listening(port)
	} else if pid, err = strconv.Atoi(which); err != nil || pid < 1 {
		err = fmt.Errorf("must be a pid or a port like :5432, is %q", which)
	}
	if err == nil {
		_, err = tree(pid)
	}
	return Source{name, func(context.Context) (Sample, error) { return tree(pid) }}, err
}

// Self is this program, without what it has started.
func Self() Source {
	return Source{"load", func(context.Context) (Sample, error) {
		p, err := readProcess(os.Getpid())
		return Sample{CPU: p.cpu.Seconds(), RSS: p.resident}, err
	}}
}

// process is what /proc/PID/stat and statm say.
type process struct {
	parent           int
	cpu, ended       time.Duration // its own, and that of children that ended
	resident, shared int64         // octets
}

var readings singleflight.Group

// tree adds up a process and all below it. Memory that they share, as PostgreSQL's
// processes do, counts once.
func tree(root int) (Sample, error) {
	// Who asks at the same time shares the reading: each costs what a hundred messages do.
	shown, err, _ := readings.Do("", func() (any, error) { return processes() })
	if err != nil {
		return Sample{}, err
	}
	all := shown.(map[int]process)
	if _, lives := all[root]; !lives {
		return Sample{}, fmt.Errorf("no process %d", root)
	}
	var s Sample
	var shared int64
	for pid, p := range all {
		if !below(all, pid, root) {
			continue
		}
		s.CPU += (p.cpu + p.ended).Seconds()
		s.RSS += p.resident - p.shared
		shared = max(shared, p.shared)
	}
	s.RSS += shared
	return s, nil
}

func below(all map[int]process, pid, root int) bool {
	for steps := 0; pid > 1 && steps < len(all); steps++ {
		if pid == root {
			return true
		}
		pid = all[pid].parent
	}
	return pid == root
}

func processes() (map[int]process, error) {
	entries, err := os.ReadDir("/proc") // filepath.Glob would read each process's folder
	if err != nil {
		return nil, fmt.Errorf("without /proc processes cannot be measured, only /metrics: %w", err)
	}
	all := make(map[int]process, len(entries))
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue // something else that is there
		}
		p, err := readProcess(pid)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, errGone) {
			continue // ended meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("process %d: %w", pid, err)
		}
		all[pid] = p
		runtime.Gosched() // some milliseconds of all of it would be what a load waits for on its one core
	}
	return all, nil
}

var errGone = errors.New("ended while it was read")

func readProcess(pid int) (process, error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return process{}, gone(err)
	}
	statm, err := os.ReadFile(dir + "statm")
	if err != nil {
		return process{}, gone(err)
	}
	return parseProcess(string(stat), string(statm))
}

// gone tells an ended process, whose files answer ESRCH once they are open, from trouble.
func gone(err error) error {
	if strings.Contains(err.Error(), "no such process") {
		return errGone
	}
	return err
}

// parseProcess reads proc(5)'s formats: pid (name) state ppid … utime stime cutime cstime
// are fields 14 to 17 of stat; size resident shared, in pages, begin statm.
func parseProcess(stat, statm string) (process, error) {
	_, rest, found := cutLast(stat, ") ")
	fields, pages := strings.Fields(rest), strings.Fields(statm)
	if !found || len(fields) < 15 || len(pages) < 3 {
		return process{}, fmt.Errorf("%q and %q are not what proc(5) says", stat, statm)
	}
	var numbers [7]int64
	for i, text := range []string{fields[1], fields[11], fields[12], fields[13], fields[14], pages[1], pages[2]} {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return process{}, err
		}
		numbers[i] = n
	}
	n := numbers
	page := int64(os.Getpagesize())
	return process{int(n[0]), time.Duration(n[1]+n[2]) * tick, time.Duration(n[3]+n[4]) * tick, n[5] * page, n[6] * page}, nil
}

// cutLast cuts at the last sep: a process's name may have any character in it.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// listening finds the process that listens at a port.
func listening(port string) (int, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("must be a pid or a port like :5432, is %q", ":"+port)
	}
	sockets, err := listeners(uint16(n))
	if err != nil {
		return 0, err
	}
	owners := map[int]bool{}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0, err
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && sockets[to] { // else closed meanwhile, or somebody else's
			if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil {
				owners[pid] = true
			}
		}
	}
	all, err := processes()
	if err != nil {
		return 0, err
	}
	if pid, found := topmost(owners, all); found {
		return pid, nil
	}
	return 0, fmt.Errorf("no process that this user may look at listens at port %s", port)
}

// topmost is the owner whose parent owns the socket not: children inherit it. One that has
// ended meanwhile, as helpers of a starting server do, is nobody.
func topmost(owners map[int]bool, all map[int]process) (int, bool) {
	for pid := range owners {
		if p, lives := all[pid]; lives && !owners[p.parent] {
			return pid, true
		}
	}
	return 0, false
}

// listeners are the sockets that listen at a port, as links in /proc/PID/fd name them.
func listeners(port uint16) (map[string]bool, error) {
	found := map[string]bool{}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		table, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) && file != "/proc/net/tcp" {
			continue // no IPv6 here
		}
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(table)) {
			// sl local_address rem_address st … inode is the tenth; 0A is LISTEN.
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				found["socket:["+f[9]+"]"] = true
			}
		}
	}
	return found, nil
}

// Used is what processes that were there at both times have used in between; memory and
// goroutines are what there was at its end.
func Used(before, after map[string]Sample) map[string]Sample {
	used := map[string]Sample{}
	for name, a := range after {
		if b, known := before[name]; known {
			used[name] = a.since(b)
		}
	}
	return used
}

func (s Sample) since(b Sample) Sample {
	return Sample{
		CPU: s.CPU - b.CPU, RSS: s.RSS, Heap: s.Heap, Live: s.Live, Goroutines: s.Goroutines, GCs: s.GCs - b.GCs, GCPause: s.GCPause - b.GCPause,
		Statements: s.Statements - b.Statements, Reads: s.Reads - b.Reads,
		Commits: s.Commits - b.Commits, CommitSeconds: s.CommitSeconds - b.CommitSeconds, Stored: s.Stored - b.Stored,
		Trips: s.Trips - b.Trips, TripSeconds: s.TripSeconds - b.TripSeconds,
	}
}
