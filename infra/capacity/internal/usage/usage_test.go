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

func TestPer_subtracts(t *testing.T) {
	got := Per(map[string]Sample{"a": {CPU: 1}}, map[string]Sample{"a": {CPU: 3.5}, "b": {CPU: 2}})
	if len(got) != 1 || got["a"] != 2.5 {
		t.Errorf("%v", got)
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
