//go:build integration && bench

package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/redisqueue"
)

// rawConn is a connection that costs the load generator as little as possible.
type rawConn struct {
	net.Conn
	r *bufio.Reader
}

// dial connects to a node, by turns.
func (b *bench) dial(n int) *rawConn {
	addr := strings.TrimPrefix(b.c.nodes[n%len(b.c.nodes)].URL, "http://")
	c, err := net.Dial("tcp", addr)
	b.c.must(err)
	return &rawConn{c, bufio.NewReaderSize(c, 4096)}
}

// close resets the connection: thousands in TIME_WAIT would use up the ports.
func (c *rawConn) close() {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// do sends a request, which must be answered with 200.
func (c *rawConn) do(request []byte) error {
	_, err := c.ask(request, http.StatusOK)
	return err
}

// ask sends a request and reads the answer, which must be of this status.
func (c *rawConn) ask(request []byte, status int) (body []byte, err error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		err = fmt.Errorf("answered %s: %s", resp.Status, body)
	}
	return body, err
}

// usage is CPU time by kind of process.
type usage map[string]time.Duration

// generator is the load generator in a usage: this process.
const generator = "load generator"

// cpu is what nodes, Redis, PostgreSQL and the load generator have used so far. The
// stores' processes are this process's children and theirs.
func (b *bench) cpu() usage {
	mine := map[int]bool{os.Getpid(): true}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	type proc struct {
		parent int
		name   string
		used   time.Duration
	}
	all := map[int]proc{}
	for _, f := range stats {
		data, err := os.ReadFile(f)
		if err != nil {
			continue // ended meanwhile
		}
		// proc(5): pid (name) state ppid … utime stime are fields 14 and 15, in ticks of 10 ms
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		name, rest, _ := strings.Cut(string(data[strings.IndexByte(string(data), '(')+1:]), ") ")
		fields := strings.Fields(rest)
		parent, _ := strconv.Atoi(fields[1])
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		all[pid] = proc{parent, name, time.Duration(user+system) * 10 * time.Millisecond}
	}
	total := usage{}
	for range 3 { // children of children
		for pid, p := range all {
			mine[pid] = mine[pid] || mine[p.parent]
		}
	}
	for pid, p := range all {
		switch {
		case pid == os.Getpid():
			total[generator] += p.used
		case mine[pid]:
			total[p.name] += p.used
		}
	}
	return total
}

func (u usage) since(before usage) usage {
	d := usage{}
	for name, used := range u {
		d[name] = used - before[name]
	}
	return d
}

// per is the usage for each of n joins.
func (u usage) per(n float64) string {
	var parts []string
	for _, name := range []string{"match-service", "redis-server", "postgres", generator} {
		parts = append(parts, fmt.Sprintf("%s %.0f µs", name, float64(u[name].Microseconds())/n))
	}
	return strings.Join(parts, ", ")
}

// bareRedis runs the steps of a join and of a settled room straight on Redis.
func (b *bench) bareRedis() {
	opt, err := redis.ParseURL(testenv.StartRedis(b.T).URL)
	if err != nil {
		b.Fatal(err)
	}
	rdb := redis.NewClient(opt)
	defer rdb.Close()
	for _, conns := range []int{1, 16} {
		if err := rdb.FlushAll(context.Background()).Err(); err != nil {
			b.Fatal(err)
		}
		q := redisqueue.New(rdb, redisqueue.Config{Limits: match.DefaultLimits(), Now: time.Now, NewID: newBenchID})
		before, began := b.cpu(), time.Now()
		var turn atomic.Int64
		var wg sync.WaitGroup
		for range conns {
			wg.Go(func() {
				for time.Since(began) < benchFor/2 {
					b.joinBare(q, turn.Add(1))
				}
			})
		}
		wg.Wait()
		joins := float64(turn.Load())
		b.line("%d connection(s): %.0f joins/s; Redis CPU per join: %.0f µs", conns, joins/time.Since(began).Seconds(),
			float64(b.cpu().since(before)["redis-server"].Microseconds())/joins)
	}
}

func (b *bench) joinBare(q *redisqueue.Queue, turn int64) {
	ctx := context.Background()
	w := match.Wait{
		Turn: turn, JoinID: newBenchID(), Member: match.Member{ID: newBenchID(), Nickname: "user"},
		Films: []string{fmt.Sprintf("film-%d", turn%benchFilms)}, JoinedAt: time.Now(),
	}
	step, err := q.Join(ctx, w, match.Asked)
	if err != nil {
		b.Error(err)
		return
	}
	if step.Made == nil {
		return
	}
	room := matchapi.Room{RoomID: step.Made.ID, MovieID: step.Made.MovieID, Title: "Title", CreatedAt: wire.At(step.Made.At)}
	var seated []match.Seated
	for i, m := range step.Made.Members {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i + 1, MemberID: m.Member.ID, Nickname: m.Member.Nickname})
		seated = append(seated, match.Seated{Wait: m, Seat: i + 1, Generation: 1})
	}
	if err := q.Settle(ctx, step.Made.ID, room, seated); err != nil {
		b.Error(err)
	}
}

func newBenchID() string { return uuid.Must(uuid.NewV7()).String() }
