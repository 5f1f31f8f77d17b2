package proxy

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

const (
	benchAsked  = "GET /chat/rooms?limit=20 HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench/1\r\nAccept: application/json\r\nCookie: session=0123456789abcdef\r\n\r\n"
	benchAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
)

// BenchmarkForward is one request after the other through the rules of production to a
// target, on loopback; clients and the target cost as little as they can.
//
//	go test -run '^$' -bench Forward -cpuprofile cpu.out ./infra/localalb/proxy
func BenchmarkForward(b *testing.B) {
	addr := benchBalancer(b, benchTarget(b))
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := io.WriteString(conn, benchAsked); err != nil {
				b.Error(err)
				return
			}
			if err := benchRead(r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// benchRead takes an answer that has the target's body.
func benchRead(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			_, err := r.Discard(500)
			return err
		}
	}
}

func benchTarget(b *testing.B) string {
	l := benchListen(b)
	answer := []byte(benchAnswer + strings.Repeat("x", 500))
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					line, err := r.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						if _, err := conn.Write(answer); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func benchBalancer(b *testing.B, target string) string {
	cfg, err := rules.LoadDir("../../terraform")
	if err != nil {
		b.Fatal(err)
	}
	targets := map[string][]string{"aws_lb_target_group.chat": {target}, "aws_lb_target_group.match": {target}}
	lb, err := New(Options{Config: cfg, Listener: "aws_lb_listener.https", Targets: targets, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	l, server := benchListen(b), lb.Server()
	go server.Serve(lb.Listener(l))
	b.Cleanup(func() {
		if err := server.Close(); err != nil {
			b.Error(err)
		}
		lb.Close()
	})
	return l.Addr().String()
}

func benchListen(b *testing.B) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}
