//go:build integration

// Package cluster runs several real chat-service processes on real stores, behind
// proxies that lose things on purpose, with members who behave as stock clients do, and
// lets package audit judge what came of it.
package cluster

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/app"
	"github.com/sixseat/sixseat/services/chat-service/internal/audit"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	nodes = 3

	// ceiling is how long a test waits for what must come; it is only waited for in full
	// when something is broken.
	ceiling = time.Minute

	// commitStatements is how many statements the store pipelines as one commit.
	commitStatements = 2

	// enterAtOnce is how many members enter their rooms at the same time.
	enterAtOnce = 8
)

// cluster is a few nodes on PostgreSQL and Redis, each store behind its proxy.
type cluster struct {
	*testing.T
	signer          *token.Signer
	postgres, redis *testenv.Server
	commits         *testenv.Cutter
	bus             *testenv.LossyBus
	nodes           []*testenv.Server
	notes           *notes
}

// newCluster starts everything; the bus loses that share of its deliveries.
func newCluster(t *testing.T, loses float64) *cluster {
	t.Helper()
	c := &cluster{T: t, postgres: testenv.StartPostgres(t), redis: testenv.StartRedis(t), notes: &notes{}}
	d, err := database.Postgres(c.postgres.URL)
	c.must(err)
	c.must(app.Migrate(t.Context(), d))
	c.signer, err = token.NewSigner(token.NewSeed(), time.Now)
	c.must(err)
	keys, err := json.Marshal(c.signer.KeySet())
	c.must(err)
	c.commits = testenv.StartCutter(t, c.postgres.URL, commitStatements)
	c.bus = testenv.StartLossyBus(t, c.redis.URL, func() bool { return rand.Float64() < loses })
	for range nodes {
		c.nodes = append(c.nodes, testenv.StartService(t, "..", "VERIFY_KEYS="+string(keys),
			"DATABASE_URL="+c.commits.URL, "REDIS_URL="+c.bus.URL, "DRAIN_NOTICE=1s", "DRAIN_WINDOW=3s"))
	}
	return c
}

// run is a subtest on the same nodes.
func (c *cluster) run(name string, test func(c *cluster)) {
	c.Run(name, func(t *testing.T) {
		sub := *c
		sub.T = t
		test(&sub)
	})
}

func (c *cluster) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// any is the address of one of the nodes, which may be dead at the moment.
func (c *cluster) any() string { return c.nodes[rand.IntN(len(c.nodes))].URL }

// await waits until ready says nothing any more, which is why it is not so yet.
func (c *cluster) await(what string, ready func() string) {
	c.Helper()
	why := ready()
	for deadline := time.Now().Add(ceiling); why != ""; why = ready() {
		if time.Now().After(deadline) {
			c.Errorf("%s: not within %v: %s", what, ceiling, why)
			return
		}
		<-time.After(50 * time.Millisecond)
	}
}

// room is a room and its six members.
type room struct {
	id      string
	members []*member
}

// newRooms makes rooms and lets everybody enter, by way of any node.
func (c *cluster) newRooms(n int) []*room {
	c.Helper()
	rooms := make([]*room, n)
	var entering errgroup.Group
	entering.SetLimit(enterAtOnce)
	for i := range rooms {
		rooms[i] = c.newRoom()
		for seat, m := range rooms[i].members {
			ticket := c.ticket(rooms[i], seat)
			entering.Go(func() error {
				_, err := m.at(c.any()).Enter(c.Context(), ticket)
				return err
			})
		}
	}
	c.must(entering.Wait())
	return rooms
}

func (c *cluster) newRoom() *room {
	c.Helper()
	r := &room{id: uuid.NewString()}
	for seat := range matchapi.Seats {
		id := fmt.Sprintf("member%d-%.8s", seat+1, r.id)
		raw, expires, err := c.signer.Member(id, "nick of "+id)
		c.must(err)
		me := matchapi.Member{MemberID: id, Nickname: "nick of " + id, Token: raw, ExpiresAt: wire.At(expires)}
		r.members = append(r.members, newMember(c, r.id, me))
	}
	return r
}

func (c *cluster) ticket(r *room, seat int) string {
	c.Helper()
	seats := make([]matchapi.Seat, len(r.members))
	for i, m := range r.members {
		seats[i] = matchapi.Seat{Seat: i + 1, MemberID: m.me.MemberID, Nickname: m.me.Nickname}
	}
	me := r.members[seat].me
	raw, err := c.signer.Ticket(token.Ticket{
		MemberID: me.MemberID, Nickname: me.Nickname, Seat: seat + 1, Generation: 1,
		Room: matchapi.Room{RoomID: r.id, MovieID: "jaws-1975", Title: "Jaws", Seats: seats, CreatedAt: wire.At(time.Now())},
	})
	c.must(err)
	return raw
}

// each calls do with every member; seat counts from 0 in each room.
func each(rooms []*room, do func(seat int, m *member)) {
	for _, r := range rooms {
		for seat, m := range r.members {
			do(seat, m)
		}
	}
}

// connect lets all members listen and send, each on the node that is named when it
// connects, until hangUp. That returns when all have ended and may be called twice.
func (c *cluster) connect(rooms []*room, node func(seat int) string) (hangUp func()) {
	ctx, cancel := context.WithCancel(c.Context())
	var living sync.WaitGroup
	each(rooms, func(seat int, m *member) {
		m.c = c
		living.Go(func() { m.listen(ctx, func() string { return node(seat) }) })
		living.Go(func() { m.send(ctx) })
	})
	return func() { cancel(); living.Wait() }
}

// settle waits until all that has a key is receipted and everybody has seen everything.
func (c *cluster) settle(rooms []*room) {
	c.Helper()
	c.await("everything with a key is receipted", func() string {
		waiting, example := 0, ""
		each(rooms, func(_ int, m *member) {
			if n := m.waitsFor(); n > 0 {
				waiting, example = waiting+n, m.me.MemberID
			}
		})
		if waiting == 0 {
			return ""
		}
		return fmt.Sprintf("%d are not, one by %s", waiting, example)
	})
	c.await("everybody has seen everything", func() string {
		for len(rooms) > 0 {
			if why := c.behind(rooms[0]); why != "" {
				return why
			}
			rooms = rooms[1:]
		}
		return ""
	})
}

// behind names a member who has not seen the end of the room, "" when there is none.
func (c *cluster) behind(r *room) string {
	c.Helper()
	var now chatapi.Room
	c.must(r.inside().at(c.nodes[0].URL).Call(c.Context(), http.MethodGet, "/chat/rooms/"+r.id, nil, &now))
	for _, m := range r.members {
		if seen := m.seen(); seen != now.LastSeq && !m.left {
			return fmt.Sprintf("%s has seen %d of %d", m.me.MemberID, seen, now.LastSeq)
		}
	}
	return ""
}

// inside is a member who has not left.
func (r *room) inside() *member {
	return r.members[slices.IndexFunc(r.members, func(m *member) bool { return !m.left })]
}

// history is the room's, asked of a node that is up.
func (c *cluster) history(r *room) []chatapi.Message {
	c.Helper()
	all, err := r.inside().at(c.nodes[0].URL).History(c.Context(), r.id)
	c.must(err)
	return all
}

// judge compares all that members said, were told and saw with what is stored. Nobody
// may be talking any more.
func (c *cluster) judge(rooms []*room) {
	c.Helper()
	facts := make([]audit.Room, len(rooms))
	messages := 0
	for i, r := range rooms {
		facts[i] = audit.Room{ID: r.id, History: c.history(r)}
		messages += len(facts[i].History)
		for _, m := range r.members {
			facts[i].Members = append(facts[i].Members, m.account())
		}
	}
	findings := audit.Check(facts)
	for _, f := range findings[:min(len(findings), findingsShown)] {
		c.Error(f)
	}
	c.Logf("%d rooms, %d messages, %d findings", len(rooms), messages, len(findings))
	c.compareStored(facts)
}

// findingsShown is how many findings a failing test prints: one cause has many of them.
const findingsShown = 20

// compareStored asks PostgreSQL itself how many messages each room has.
func (c *cluster) compareStored(facts []audit.Room) {
	c.Helper()
	db, err := sql.Open("pgx", c.postgres.URL)
	c.must(err)
	defer db.Close()
	for _, r := range facts {
		var count, highest, head int
		err := db.QueryRow(`SELECT count(*), max(seq), (SELECT last_seq FROM rooms WHERE id = $1) FROM messages WHERE room_id = $1`, r.ID).
			Scan(&count, &highest, &head)
		if n := len(r.History); err != nil || count != n || highest != n || head != n {
			c.Errorf("room %s has %d messages, the highest is %d and last_seq %d (%v); over REST there are %d", r.ID, count, highest, head, err, n)
		}
	}
}
