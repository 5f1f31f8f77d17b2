//go:build integration && bench

package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// What the benchmark does. Load and servers share the machine: compare numbers of one
// run only.
const (
	benchFor     = 10 * time.Second
	benchClients = 256    // closed loop, for joins/s
	benchMembers = 60_000 // who are signed in for it, and join once each
	benchSigning = 8      // connections to sign in over
	benchRate    = 1000   // joins/s, open loop, for the latency
	benchFilms   = 50
)

// TestBench measures joins/s over HTTP, the latency from the sixth PUT to all six told
// over their event streams, and CPU per join, that of the load generator too, with one and
// two nodes; and, as the limit, the same steps on a bare Redis.
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
			b.latency()
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

// latency joins at a steady rate, each member with an event stream open before the PUT.
func (b *bench) latency() {
	n := benchRate * int(benchFor/time.Second)
	viewers := make([]*viewer, n)
	tokens, requests := b.puts(n)
	for i := range viewers {
		viewers[i] = &viewer{bearer: tokens[i], put: requests[i]}
	}
	before, began := b.cpu(), time.Now()
	var wg sync.WaitGroup
	for i := range n {
		v := viewers[i]
		// Streams open a second ahead, so that only the PUT and its echo are measured.
		due := began.Add(time.Second + time.Duration(i)*time.Second/benchRate)
		<-time.After(time.Until(due.Add(-time.Second)))
		wg.Go(func() { v.live(b, i, due) })
	}
	wg.Wait()
	used := b.cpu().since(before)

	rooms := map[string][]*viewer{}
	for _, v := range viewers {
		if v.room != "" {
			rooms[v.room] = append(rooms[v.room], v)
		}
	}
	h := hdrhistogram.New(1, 60_000_000, 3)
	for _, six := range rooms {
		if len(six) == matchapi.Seats {
			sixth := slices.MaxFunc(six, func(a, b *viewer) int { return a.due.Compare(b.due) }).due
			last := slices.MaxFunc(six, func(a, b *viewer) int { return a.told.Compare(b.told) }).told
			b.c.must(h.RecordValue(max(1, last.Sub(sixth).Microseconds())))
		}
	}
	ms := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	b.line("%d joins/s with streams: sixth PUT to all six told: p50 %.1f ms, p99 %.1f ms, max %.1f ms, %d rooms; CPU per join, its stream included: %s",
		benchRate, ms(50), ms(99), ms(100), len(rooms), used.per(float64(n)))
}

// viewer is one member with an open event stream.
type viewer struct {
	bearer    string
	put       []byte
	due, told time.Time // when the PUT was meant to be sent, when the stream told of the room
	room      string
}

func (v *viewer) live(b *bench, i int, due time.Time) {
	v.due = due
	stream := b.dial(i)
	defer stream.close()
	told := make(chan string, 1)
	go func() { told <- stream.follow(v.bearer) }()
	<-time.After(time.Until(due))
	conn := b.dial(i + 1) // with two nodes: the other one
	defer conn.close()
	if err := conn.do(v.put); err != nil {
		b.Error(err)
		return
	}
	select {
	case v.room = <-told:
		v.told = time.Now()
	case <-time.After(ceiling): // fewer than six came at the end
	}
}

// roomOf finds the room id in a state event without decoding the rest.
func roomOf(data string) string {
	_, after, found := strings.Cut(data, `"roomId":"`)
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(after, `"`)
	return id
}
