//go:build integration && bench

package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// What the benchmark does. Load and servers share the machine: compare numbers of one
// run only.
const (
	benchFor     = 10 * time.Second
	benchClients = 256    // closed loop, for joins/s
	benchMembers = 60_000 // who are signed in for it, and join once each
	benchSigning = 8      // connections to sign in over
	benchFilms   = 50
)

// TestBench measures joins/s over HTTP and CPU per join, that of the load generator too, with
// one and two nodes; and, as the limit, the same steps on a bare Redis. How soon six are told
// at a rate is what `make load LOAD="match …"` measures.
//
//	go test -tags "integration bench" -count=1 -run TestBench -v ./app
//	go test -tags "integration bench" -count=1 -run TestBench/nodes=1 -v ./app
func TestBench(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		b := &bench{T: t}
		b.title("bare Redis, the same scripts, no HTTP, no PostgreSQL")
		b.bareRedis()
	})
	for nodes := 1; nodes <= 2; nodes++ {
		t.Run(fmt.Sprintf("nodes=%d", nodes), func(t *testing.T) {
			b := &bench{T: t}
			b.title(fmt.Sprintf("%d node(s)", nodes))
			b.use(newCluster(t, nodes, "-c", "fsync=on")) // committed is on the disk
			b.throughput()
		})
	}
}

type bench struct {
	*testing.T
	c     *cluster
	films []string
}

func (b *bench) title(s string) { fmt.Fprintf(os.Stderr, "\n## %s\n", s) }

func (b *bench) line(format string, args ...any) { fmt.Fprintf(os.Stderr, "  "+format+"\n", args...) }

func (b *bench) use(c *cluster) {
	page := decodeTo[matchapi.Movies](c.ask("GET", fmt.Sprintf("/match/movies?limit=%d", benchFilms), "", ""))
	b.c, b.films = c, nil
	for _, m := range page.Items {
		b.films = append(b.films, m.MovieID)
	}
}

// puts are joins of n new members, who have signed in before as people do, ready to be sent.
func (b *bench) puts(n int) (tokens []string, requests [][]byte) {
	tokens, requests = make([]string, n), make([][]byte, n)
	var workers sync.WaitGroup
	for w := range benchSigning {
		workers.Go(func() {
			conn := b.dial(w)
			defer conn.close()
			for i := w; i < n; i += benchSigning {
				tokens[i] = b.signIn(conn, i)
				body := fmt.Sprintf(`{"movieId":%q}`, b.films[i%len(b.films)])
				requests[i] = fmt.Appendf(nil, "PUT /match/queue HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", tokens[i], len(body), body)
			}
		})
	}
	workers.Wait()
	return tokens, requests
}

// signIn returns a new member's token.
func (b *bench) signIn(conn *rawConn, i int) string {
	body := fmt.Sprintf(`{"nickname":"user%d"}`, i)
	answer, err := conn.ask(fmt.Appendf(nil, "POST /match/members HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s", len(body), body), http.StatusCreated)
	var m matchapi.Member
	if err = errors.Join(err, json.Unmarshal(answer, &m)); err != nil {
		b.Error(err)
	}
	return m.Token
}

// throughput lets clients join one after the other as fast as they are answered.
func (b *bench) throughput() {
	_, requests := b.puts(benchMembers)
	before, began := b.cpu(), time.Now()
	var next, failed atomic.Int64
	var clients sync.WaitGroup
	for n := range benchClients {
		clients.Go(func() {
			conn := b.dial(n)
			defer conn.close()
			for time.Since(began) < benchFor {
				i := int(next.Add(1)) - 1
				if i >= benchMembers {
					return
				}
				if conn.do(requests[i]) != nil {
					failed.Add(1)
				}
			}
		})
	}
	clients.Wait()
	joins, took := float64(min(next.Load(), benchMembers)), time.Since(began)
	b.line("flat out, %d clients: %.0f joins/s, %d failed; CPU per join: %s", benchClients, joins/took.Seconds(), failed.Load(), b.cpu().since(before).per(joins))
}
