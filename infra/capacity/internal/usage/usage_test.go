package usage

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const shown = `# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.048576e+06
# TYPE go_memstats_heap_alloc_bytes gauge
go_memstats_heap_alloc_bytes 4096
# TYPE go_goroutines gauge
go_goroutines 7
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="1"} 0.001
go_gc_duration_seconds_sum 0.25
go_gc_duration_seconds_count 40
`

func TestMetrics_readsWhatAGoProgramShows(t *testing.T) {
	text, status := shown, http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	source := Metrics("chat", server.URL)

	want := Sample{CPU: 12.5, RSS: 1 << 20, Heap: 4096, Goroutines: 7, GCs: 40, GCPause: 0.25}
	if got, err := source.Take(t.Context()); err != nil || got != want || source.Name != "chat" {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	text += `# TYPE chat_memory_used_bytes gauge
chat_memory_used_bytes 2048
# TYPE match_commit_seconds histogram
match_commit_seconds_bucket{what="rooms",le="+Inf"} 3
match_commit_seconds_sum{what="rooms"} 0.5
match_commit_seconds_count{what="rooms"} 3
match_commit_seconds_bucket{what="waits",le="+Inf"} 2
match_commit_seconds_sum{what="waits"} 0.25
match_commit_seconds_count{what="waits"} 2
# TYPE match_commit_items histogram
match_commit_items_bucket{what="waits",le="+Inf"} 2
match_commit_items_sum{what="waits"} 12
match_commit_items_count{what="waits"} 2
# TYPE chat_bus_lag_seconds histogram
chat_bus_lag_seconds_bucket{le="+Inf"} 4
chat_bus_lag_seconds_sum 0.125
chat_bus_lag_seconds_count 4
`
	want.Live = 2048
	want.Commits, want.CommitSeconds, want.Stored, want.Trips, want.TripSeconds = 5, 0.75, 12, 4, 0.125
	if got, err := source.Take(t.Context()); err != nil || got != want {
		t.Errorf("of one service alone: %+v, %v, want %+v", got, err, want)
	}
	text = strings.Replace(shown, "process_cpu_seconds_total", "cpu", 2)
	if _, err := source.Take(t.Context()); err == nil || !strings.Contains(err.Error(), "process_cpu_seconds_total") {
		t.Errorf("without CPU: %v", err)
	}
	text = "}{"
	if _, err := source.Take(t.Context()); err == nil {
		t.Error("took what are no metrics")
	}
	status = http.StatusTeapot
	if _, err := source.Take(t.Context()); err == nil || !strings.Contains(err.Error(), "418") {
		t.Errorf("status 418: %v", err)
	}
}

func TestParseProcess_readsAnyName(t *testing.T) {
	stat := "7 (a ) b (c) S 3 7 7 0 -1 4194560 1 2 3 4 100 50 20 5 20 0 1 0"
	p, err := parseProcess(stat, "900 12 5 1 0 3 0\n")
	page := int64(os.Getpagesize())
	if want := (process{3, 1500 * time.Millisecond, 250 * time.Millisecond, 12 * page, 5 * page}); err != nil || p != want {
		t.Errorf("%+v, %v, want %+v", p, err, want)
	}
	for _, bad := range [][2]string{{"7 a S 3", "1 2 3"}, {stat, "1 2"}, {strings.Replace(stat, " 50 ", " x ", 1), "1 2 3"}} {
		if p, err := parseProcess(bad[0], bad[1]); err == nil {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}

func TestBelow_goesUpTheTreeAndEnds(t *testing.T) {
	all := map[int]process{5: {parent: 4}, 4: {parent: 3}, 3: {parent: 1}, 8: {parent: 9}, 9: {parent: 8}}
	for pid, want := range map[int]bool{5: true, 4: true, 3: false, 8: false} {
		if got := below(all, pid, 4); got != want {
			t.Errorf("below(%d, 4) = %v", pid, got)
		}
	}
}

// The test is found by a port that it listens at, and its child is counted with it.
func TestProcess_isATree(t *testing.T) {
	if _, err := processes(); err != nil {
		t.Skip(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	self := ":" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	me, err := Process("me", self)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := me.Take(t.Context())
	if err != nil || alone.RSS == 0 {
		t.Fatalf("%+v, %v", alone, err)
	}
	child := exec.Command("cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if s, err := Self().Take(t.Context()); err != nil || s.RSS == 0 {
		t.Errorf("myself: %+v, %v", s, err)
	}
	all, err := processes()
	if err != nil || !below(all, child.Process.Pid, os.Getpid()) {
		t.Errorf("cat is not below the test: %v", err)
	}
	byPid, err := Process("cat", strconv.Itoa(child.Process.Pid))
	if err != nil {
		t.Error(err)
	}
	_ = in.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if s, err := byPid.Take(context.Background()); err == nil {
		t.Errorf("a process that ended used %+v", s)
	}
}

func TestProcess_refusesWhatIsNone(t *testing.T) {
	for _, which := range []string{"", "postgres", "0", "-3", ":", ":x", ":70000", ":1"} {
		if _, err := Process("p", which); err == nil {
			t.Errorf("%q is a process", which)
		}
	}
}

// What is counted is subtracted, and what there is is as it is.
func TestUsed_subtracts(t *testing.T) {
	before := Sample{CPU: 1, RSS: 2, Heap: 3, Goroutines: 4, GCs: 5, GCPause: 6, Statements: 7, Reads: 8, Commits: 9, CommitSeconds: 10, Stored: 11, Trips: 12, TripSeconds: 13}
	after := Sample{CPU: 2, RSS: 20, Heap: 30, Goroutines: 40, GCs: 8, GCPause: 10, Statements: 12, Reads: 14, Commits: 16, CommitSeconds: 18, Stored: 20, Trips: 22, TripSeconds: 24}
	want := Sample{CPU: 1, RSS: 20, Heap: 30, Goroutines: 40, GCs: 3, GCPause: 4, Statements: 5, Reads: 6, Commits: 7, CommitSeconds: 8, Stored: 9, Trips: 10, TripSeconds: 11}
	got := Used(map[string]Sample{"a": before}, map[string]Sample{"a": after, "b": {CPU: 2}})
	if len(got) != 1 || got["a"] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A server that starts has children that own its socket for a moment.
func TestTopmost_isNoProcessThatHasEnded(t *testing.T) {
	owners := map[int]bool{40: true, 41: true, 42: true}
	all := map[int]process{1: {}, 40: {parent: 1}, 41: {parent: 40}} // 42 was 40's child
	for range 50 {                                                   // in the order of a map
		if pid, found := topmost(owners, all); !found || pid != 40 {
			t.Fatalf("%d, %v; want 40", pid, found)
		}
	}
	if pid, found := topmost(map[int]bool{42: true}, all); found {
		t.Errorf("%d listens; want nobody", pid)
	}
}
