//go:build integration

package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// How rough the crash test is.
const (
	crashMembers = 600
	crashFor     = 30 * time.Second // nodes are killed, members come
	crashNodes   = 2
)

var crashFilms = []string{jaws, pulp, "the-dark-knight-2008", "the-shawshank-redemption-1994", "fight-club-1999"}

// TestCrash_nobodyIsLostAndNobodyIsSeatedTwice runs real processes. For half a minute
// members join while nodes are killed without warning, Redis loses its memory once and
// PostgreSQL is restarted once. Then everybody must have what they were promised.
func TestCrash_nobodyIsLostAndNobodyIsSeatedTwice(t *testing.T) {
	c := newCluster(t, crashNodes)
	members := make([]*guest, crashMembers)
	var guests sync.WaitGroup
	for i := range members {
		g := &guest{c: c, film: crashFilms[i%len(crashFilms)], comes: rand.N(crashFor - 5*time.Second), wavers: i%10 == 0}
		members[i] = g
		guests.Go(g.live)
	}

	c.wreak(crashFor)

	c.settle(members)
	close(c.over)
	guests.Wait()
	c.check(members)
}

// wreak kills a node now and then, Redis once and PostgreSQL once.
func (c *cluster) wreak(long time.Duration) {
	began := time.Now()
	flush, restart := time.After(long/3), time.After(long*2/3)
	kills := 0
	for time.Since(began) < long {
		select {
		case <-flush:
			c.must(c.stores.redis.Kill())
			c.must(c.stores.redis.Start())
		case <-restart:
			c.must(c.stores.postgres.Stop())
			c.must(c.stores.postgres.Start())
		case <-time.After(500*time.Millisecond + rand.N(2*time.Second)):
			c.crash(c.nodes[rand.IntN(len(c.nodes))])
			kills++
		}
	}
	c.Logf("killed %d nodes", kills)
}

// settle waits until everybody is matched, but for those who are fewer than six, and knows
// it: whose stream has just broken hears of the room from the next one.
func (c *cluster) settle(members []*guest) {
	c.Helper()
	db, err := sql.Open("pgx", c.stores.cfg.DatabaseURL)
	c.must(err)
	defer db.Close()
	for deadline := time.Now().Add(2 * ceiling); ; <-time.After(200 * time.Millisecond) {
		waiting := map[string]int{}
		others := 0
		for _, g := range members {
			switch s := g.last(); s.State {
			case matchapi.Waiting:
				waiting[g.film]++
			case matchapi.Matched:
			default:
				others++
			}
		}
		few, all, open := true, 0, 0
		for _, n := range waiting {
			few, all = few && n < matchapi.Seats, all+n
		}
		c.must(db.QueryRow(`SELECT count(*) FROM waits WHERE ended_at IS NULL`).Scan(&open))
		if few && others == 0 && open == all {
			return
		}
		if time.Now().After(deadline) {
			c.Fatalf("still waiting: %v, of whom %d have an open wait, and %d are neither waiting nor matched", waiting, open, others)
		}
	}
}

// check compares what members were told with what PostgreSQL knows.
func (c *cluster) check(members []*guest) {
	c.Helper()
	db, err := sql.Open("pgx", c.stores.cfg.DatabaseURL)
	c.must(err)
	defer db.Close()
	for what, query := range map[string]string{
		"rooms without six seats":    `SELECT room_id FROM rooms r WHERE (SELECT count(*) FROM seats s WHERE s.room_id = r.room_id) <> 6`,
		"rooms with a member twice":  `SELECT room_id FROM seats GROUP BY room_id HAVING count(DISTINCT member_id) <> count(*)`,
		"join ids used twice":        `SELECT join_id FROM seats GROUP BY join_id HAVING count(*) > 1`,
		"members with two waits":     `SELECT member_id FROM waits WHERE ended_at IS NULL GROUP BY member_id HAVING count(*) > 1`,
		"members with two seats":     `SELECT member_id FROM seats WHERE outcome IS NULL GROUP BY member_id HAVING count(*) > 1`,
		"members seated and waiting": `SELECT member_id FROM seats s JOIN waits w USING (member_id) WHERE s.outcome IS NULL AND w.ended_at IS NULL`,
		"seats for another film":     `SELECT s.join_id FROM seats s JOIN rooms r USING (room_id) JOIN waits w USING (join_id) WHERE r.movie_id <> w.movie_id`,
	} {
		var found string
		if err := db.QueryRow(query).Scan(&found); err != sql.ErrNoRows {
			c.Errorf("%s: %q, %v", what, found, err)
		}
	}
	rooms := map[string]int{}
	for _, g := range members {
		c.checkGuest(db, g, rooms)
	}
	for id, told := range rooms { // who has wavered may have given the seat up
		var held int
		c.must(db.QueryRow(`SELECT count(*) FROM seats WHERE room_id = $1 AND outcome IS NULL`, id).Scan(&held))
		if told != held {
			c.Errorf("%d members were told of room %s, in which %d have a seat", told, id, held)
		}
	}
	c.Logf("%d rooms", len(rooms))
}

func (c *cluster) checkGuest(db *sql.DB, g *guest, rooms map[string]int) {
	c.Helper()
	s := g.last()
	if s.State != matchapi.Matched {
		var open int
		c.must(db.QueryRow(`SELECT count(*) FROM waits WHERE member_id = $1 AND ended_at IS NULL`, g.me.MemberID).Scan(&open))
		if open != 1 {
			c.Errorf("%s was told %s and has %d open waits", g.me.MemberID, s.State, open)
		}
		return
	}
	rooms[s.Room.RoomID]++
	var seat int
	err := db.QueryRow(`SELECT seat FROM seats WHERE room_id = $1 AND member_id = $2 AND outcome IS NULL`, s.Room.RoomID, g.me.MemberID).Scan(&seat)
	if err != nil || seat != s.Seat {
		c.Errorf("%s was told seat %d of %s and has %d, %v", g.me.MemberID, s.Seat, s.Room.RoomID, seat, err)
	}
}

// guest is one member as a client would be: asks again when nobody answers, connects
// again when a stream ends.
type guest struct {
	c      *cluster
	film   string
	comes  time.Duration // after the start
	wavers bool          // leaves once and comes back

	me matchapi.Member

	mu    sync.Mutex // guards state
	state matchapi.State
}

func (g *guest) last() matchapi.State {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

func (g *guest) told(s matchapi.State) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = s
}

func (g *guest) live() {
	<-time.After(g.comes)
	g.me = decodeTo[matchapi.Member](g.c.ask("POST", "/match/members", "", `{"nickname":"guest"}`))
	g.join()
	if g.wavers {
		g.c.ask("DELETE", "/match/queue", g.me.Token, "")
		g.join()
	}
	for {
		select {
		case <-g.c.over:
			return
		default:
			g.follow()
		}
	}
}

func (g *guest) join() {
	g.told(decodeTo[matchapi.State](g.c.ask("PUT", "/match/queue", g.me.Token, fmt.Sprintf(`{"movieId":%q}`, g.film))))
}

// follow reads one event stream to its end.
func (g *guest) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	resp, err := g.c.any().request(ctx, "GET", "/match/queue/events", g.me.Token, "")
	if err != nil {
		<-time.After(50 * time.Millisecond)
		return
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		<-time.After(50 * time.Millisecond)
		return
	}
	e := &events{resp: resp, states: make(chan matchapi.State, 100)}
	go e.read()
	for {
		select {
		case s, open := <-e.states:
			if !open {
				return
			}
			g.told(s)
		case <-g.c.over:
			return
		}
	}
}
