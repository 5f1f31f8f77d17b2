//go:build bench

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// benchBody is what targets answer: a small page of messages.
var benchBody = strings.Repeat(`{"seq":1,"text":"hello"},`, 20)

// benchReady is how long a proxy may take to serve its first request.
const benchReady = 20 * time.Second

// startTargets serves two targets that cost as little as possible: any request gets the
// same answer, an upgrade gets its bytes back.
func startTargets(t *testing.T) (addrs [2]string) {
	t.Helper()
	for i := range addrs {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		addrs[i] = l.Addr().String()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return // the listener was closed
				}
				go serveTarget(conn)
			}
		}()
	}
	return addrs
}

var benchAnswer = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(benchBody), benchBody)

func serveTarget(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 4<<10)
	for {
		upgrade := false
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == 2 {
				break
			}
			upgrade = upgrade || bytes.HasPrefix(bytes.ToLower(line), []byte("upgrade:"))
		}
		if upgrade {
			if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); err != nil {
				return
			}
			_, _ = io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{r}, make([]byte, 1<<10))
			return
		}
		if _, err := conn.Write(benchAnswer); err != nil {
			return
		}
	}
}

func dial(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReaderSize(conn, 4<<10)
}

// readAnswer takes an answer with this status line and a body of this length.
func readAnswer(r *bufio.Reader, status string, body int) error {
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && string(line) != status+"\r\n" {
			return fmt.Errorf("answer %q", line)
		}
		if len(line) == 2 {
			_, err := r.Discard(body)
			return err
		}
	}
}

// process is a running proxy, its children included.
type process struct {
	name, addr string
	pid        int
}

// start runs a program until the test ends, and waits until it serves addr.
func start(t *testing.T, name, addr string, program string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(program, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, output.String())
		}
	})
	for deadline := time.Now().Add(benchReady); ; time.Sleep(50 * time.Millisecond) {
		res, err := http.Get("http://" + addr + "/chat/rooms")
		if err == nil {
			err = errors.Join(res.Body.Close())
			if res.StatusCode == http.StatusOK {
				return &process{name, addr, cmd.Process.Pid}
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not serve %s: %v\n%s", name, addr, err, output.String())
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func startLocalALB(t *testing.T, targets [2]string) *process {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "localalb")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	addr := freeAddr(t)
	return start(t, "localalb", addr, program, "serve", "-dir", "../terraform", "-addr", addr,
		"-target", "aws_lb_target_group.chat="+targets[0], "-target", "aws_lb_target_group.match="+targets[1])
}

// TestBareProxy is the bare proxy's own process; startBare calls it.
func TestBareProxy(t *testing.T) {
	addr, target := os.Getenv("BENCH_BARE_ADDR"), os.Getenv("BENCH_BARE_TARGET")
	if addr == "" {
		t.Skip("only called by the benchmark")
	}
	bare := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target})
	bare.Transport = &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
	t.Fatal(http.ListenAndServe(addr, bare))
}

func startBare(t *testing.T, target string) *process {
	t.Helper()
	addr := freeAddr(t)
	t.Setenv("BENCH_BARE_ADDR", addr)
	t.Setenv("BENCH_BARE_TARGET", target)
	return start(t, "bare", addr, os.Args[0], "-test.run", "^TestBareProxy$", "-test.timeout", "1h")
}

const nginxConfig = `
daemon off; pid %[1]s/nginx.pid; error_log %[1]s/error.log; worker_processes auto; worker_rlimit_nofile 20000;
events { worker_connections 16000; }
http {
  access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  keepalive_timeout 60s; keepalive_requests 1000000000; proxy_read_timeout 60s; proxy_send_timeout 60s;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream chat  { server %[3]s; keepalive 256; keepalive_requests 1000000000; }
  upstream match { server %[4]s; keepalive 256; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Amzn-Trace-Id Root=$request_id;
  server {
    listen %[2]s;
    location = /chat { proxy_pass http://chat; }    location /chat/ { proxy_pass http://chat; }
    location = /match { proxy_pass http://match; }  location /match/ { proxy_pass http://match; }
    location = / { return 302 /match/; }            location / { return 404; }
  }
}
`

// startNginx runs nginx with the rules of ../terraform, written down by hand.
func startNginx(t *testing.T, targets [2]string) *process {
	t.Helper()
	dir, addr := t.TempDir(), freeAddr(t)
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, addr, targets[0], targets[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // its workers are nobody's
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return start(t, "nginx", addr, "nginx", "-c", config, "-p", dir)
}

// pids are the process and its children.
func (p *process) pids(t *testing.T) []int {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.pid, p.pid))
	if err != nil {
		t.Fatal(err)
	}
	pids := []int{p.pid}
	for field := range strings.FieldsSeq(string(children)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// cpu is the processor time taken so far.
func (p *process) cpu(t *testing.T) time.Duration {
	t.Helper()
	const tick = time.Second / 100 // USER_HZ on every Linux
	var sum time.Duration
	for _, pid := range p.pids(t) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:])) // from the state on
		for _, field := range fields[11:13] {                                     // utime and stime
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(n) * tick
		}
	}
	return sum
}

// memory is the resident set in bytes, what processes share counted once for each.
func (p *process) memory(t *testing.T) int64 {
	t.Helper()
	var sum int64
	for _, pid := range p.pids(t) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			t.Fatal(err)
		}
		pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += pages * int64(os.Getpagesize())
	}
	return sum
}
