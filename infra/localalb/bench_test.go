//go:build bench

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What the benchmark does. Clients, targets and proxies share the machine, so only
// numbers of one run say something, and ratios most.
const (
	benchRounds  = 3               // each proxy in turn; the median counts
	benchFor     = 4 * time.Second // of each measurement
	benchClients = 256             // closed loop, for requests/s
	benchRate    = 1000            // requests/s, open loop, for the latency

	benchSockets  = 5000
	benchMessages = 2000 // WebSocket frames/s over all sockets, each echoed
	benchFrame    = 128  // bytes
)

// TestBench compares localalb with nginx: the same two rules, the same targets. A bare
// httputil.ReverseProxy, which has one target and no rule, shows what is Go's share.
//
//	go test -tags bench -count=1 -run TestBench -v ./infra/localalb
func TestBench(t *testing.T) {
	targets := startTargets(t)
	proxies := []*process{startNginx(t, targets), startLocalALB(t, targets), startBare(t, targets[0])}
	t.Run("requests", func(t *testing.T) { benchRequests(t, proxies, targets) })
	t.Run("websockets", func(t *testing.T) { benchWebSockets(t, proxies) })
}

// round is what one proxy does in one round; "direct" has only the latency.
type round struct{ rate, cost, p50, p99 float64 }

func benchRequests(t *testing.T, proxies []*process, targets [2]string) {
	rounds := map[string][]round{}
	for range benchRounds {
		p50, p99 := latency(t, targets[0])
		rounds["direct"] = append(rounds["direct"], round{p50: p50, p99: p99})
		for _, p := range proxies {
			before := p.cpu(t)
			n := float64(throughput(t, p.addr))
			r := round{rate: n / benchFor.Seconds(), cost: (p.cpu(t) - before).Seconds() * 1e6 / n}
			r.p50, r.p99 = latency(t, p.addr)
			rounds[p.name] = append(rounds[p.name], r)
		}
	}
	fmt.Fprintf(os.Stderr, "\nrequests, %d connections flat out; latency at %d/s; medians of %d rounds\n", benchClients, benchRate, benchRounds)
	fmt.Fprintf(os.Stderr, "  %-10s %10s %14s %16s %14s %18s\n", "", "requests/s", "CPU µs/request", "p50 / p99 ms", "added p50 ms", "to nginx's req./s")
	for _, name := range []string{"direct", "nginx", "localalb", "bare"} {
		over := func(of func(r, direct, nginx round) float64) float64 {
			var values []float64
			for i, r := range rounds[name] { // of one round: the machine is not always the same
				values = append(values, of(r, rounds["direct"][i], rounds["nginx"][i]))
			}
			slices.Sort(values)
			return values[len(values)/2]
		}
		fmt.Fprintf(os.Stderr, "  %-10s %10.0f %14.0f %9.2f / %.2f %14.2f %18.2f\n", name,
			over(func(r, _, _ round) float64 { return r.rate }), over(func(r, _, _ round) float64 { return r.cost }),
			over(func(r, _, _ round) float64 { return r.p50 }), over(func(r, _, _ round) float64 { return r.p99 }),
			over(func(r, direct, _ round) float64 { return r.p50 - direct.p50 }), over(func(r, _, nginx round) float64 { return r.rate / nginx.rate }))
	}
}

func benchWebSockets(t *testing.T, proxies []*process) {
	fmt.Fprintf(os.Stderr, "\n%d WebSockets, %d frames/s of %d bytes, each echoed\n", benchSockets, benchMessages, benchFrame)
	fmt.Fprintf(os.Stderr, "  %-10s %18s %22s %16s %18s\n", "", "KiB per connection", "CPU µs per connection", "CPU µs/frame", "p50 / p99 ms")
	for _, p := range proxies {
		memory, cpu := p.memory(t), p.cpu(t)
		sockets := openSockets(t, p.addr)
		opened := p.cpu(t)
		perConnection := float64(p.memory(t)-memory) / 1024 / benchSockets
		frames, times := sockets.echo(t)
		cost := (p.cpu(t) - opened).Seconds() * 1e6 / float64(frames)
		fmt.Fprintf(os.Stderr, "  %-10s %18.1f %22.0f %16.1f %10.2f / %.2f\n", p.name, perConnection,
			(opened-cpu).Seconds()*1e6/benchSockets, cost, milliseconds(times, 0.5), milliseconds(times, 0.99))
		sockets.close()
	}
}

func milliseconds(times []time.Duration, share float64) float64 {
	slices.Sort(times)
	return times[int(share*float64(len(times)-1))].Seconds() * 1000
}

const (
	benchRequest = "GET /chat/rooms?limit=20 HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench/1\r\nAccept: application/json\r\nCookie: session=0123456789abcdef\r\n\r\n"
	benchUpgrade = "GET /chat/ws HTTP/1.1\r\nHost: bench.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

// ask sends one request and takes its answer; the body is as long as the targets'.
func ask(conn net.Conn, r *bufio.Reader) error {
	if _, err := io.WriteString(conn, benchRequest); err != nil {
		return err
	}
	return readAnswer(r, "HTTP/1.1 200 OK", len(benchBody))
}

// throughput counts what the clients get answered in benchFor.
func throughput(t *testing.T, addr string) int64 {
	t.Helper()
	var answered atomic.Int64
	var stop atomic.Bool
	var clients sync.WaitGroup
	for range benchClients {
		conn, r := dial(t, addr)
		clients.Go(func() {
			defer conn.Close()
			for !stop.Load() {
				if err := ask(conn, r); err != nil {
					t.Errorf("%s: %v", addr, err)
					return
				}
				answered.Add(1)
			}
		})
	}
	time.Sleep(benchFor)
	stop.Store(true)
	clients.Wait()
	return answered.Load()
}

// latency asks at a fixed rate, whether or not earlier answers have come, and measures
// from the time a request should have been sent.
func latency(t *testing.T, addr string) (p50, p99 float64) {
	t.Helper()
	var mu sync.Mutex
	var times []time.Duration
	var clients sync.WaitGroup
	begin := time.Now().Add(100 * time.Millisecond)
	perClient := int(benchRate * benchFor.Seconds() / benchClients)
	for i := range benchClients {
		conn, r := dial(t, addr)
		clients.Go(func() {
			defer conn.Close()
			mine := make([]time.Duration, 0, perClient)
			for n := range perClient {
				due := begin.Add(time.Duration(n*benchClients+i) * time.Second / benchRate)
				time.Sleep(time.Until(due))
				if err := ask(conn, r); err != nil {
					t.Errorf("%s: %v", addr, err)
					return
				}
				mine = append(mine, time.Since(due))
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
		})
	}
	clients.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return milliseconds(times, 0.5), milliseconds(times, 0.99)
}

type sockets []net.Conn

func openSockets(t *testing.T, addr string) sockets {
	t.Helper()
	const dialers = 32
	opened := make(sockets, benchSockets)
	var group sync.WaitGroup
	for d := range dialers {
		group.Go(func() {
			for i := d; i < benchSockets; i += dialers {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					t.Error(err)
					return
				}
				opened[i] = conn
				if _, err := io.WriteString(conn, benchUpgrade); err != nil {
					t.Error(err)
					return
				}
				// What comes behind the answer comes only when asked for.
				if err := readAnswer(bufio.NewReader(conn), "HTTP/1.1 101 Switching Protocols", 0); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return opened
}

// echo sends frames at a fixed rate, each over the next socket.
func (s sockets) echo(t *testing.T) (frames int, times []time.Duration) {
	t.Helper()
	const senders = 64
	var mu sync.Mutex
	var group sync.WaitGroup
	begin := time.Now()
	total := int(benchMessages * benchFor.Seconds())
	for k := range senders {
		group.Go(func() {
			frame := make([]byte, benchFrame)
			var mine []time.Duration
			for n := k; n < total; n += senders {
				due := begin.Add(time.Duration(n) * time.Second / benchMessages)
				time.Sleep(time.Until(due))
				conn := s[n%(len(s)/senders*senders)] // no two senders share one
				if _, err := conn.Write(frame); err != nil {
					t.Error(err)
					return
				}
				if _, err := io.ReadFull(conn, frame); err != nil {
					t.Error(err)
					return
				}
				mine = append(mine, time.Since(due))
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return total, times
}

func (s sockets) close() {
	for _, conn := range s {
		conn.Close()
	}
}
