//go:build integration

// Package cluster runs several real chat-service processes on real stores, behind
// proxies that lose things on purpose, with members who behave as stock clients do, and
// lets package audit judge what came of it.
package cluster

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/audit"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/chatter"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/app"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	nodes = 3

	// plainStatements and waryStatements are how many statements the store pipelines as one
	// commit: of posts that are nothing but new, and of others.
	plainStatements, waryStatements = 3, 2

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
	notes           *chatter.Notes
}

// newCluster starts everything; the bus loses that share of its deliveries.
func newCluster(t *testing.T, loses float64) *cluster {
	t.Helper()
	c := &cluster{T: t, postgres: testenv.StartPostgres(t), redis: testenv.StartRedis(t), notes: chatter.NewNotes(t)}
	d, err := database.Postgres(c.postgres.URL)
	c.must(err)
	c.must(app.Migrate(t.Context(), d))
	c.signer, err = token.NewSigner(token.NewSeed(), time.Now)
	c.must(err)
	keys, err := json.Marshal(c.signer.KeySet())
	c.must(err)
	c.commits = testenv.StartCutter(t, c.postgres.URL, plainStatements, waryStatements)
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
		sub.T, sub.notes = t, chatter.NewNotes(t)
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
	chatter.Await(c, what, ready)
}

// newRooms makes rooms and lets everybody enter, by way of any node.
func (c *cluster) newRooms(n int) []*chatter.Room {
	c.Helper()
	rooms := make([]*chatter.Room, n)
	var entering errgroup.Group
	entering.SetLimit(enterAtOnce)
	for i := range rooms {
		rooms[i] = c.newRoom()
		for seat, m := range rooms[i].Members {
			ticket := c.ticket(rooms[i], seat)
			entering.Go(func() error {
				_, err := m.At(c.any()).Enter(c.Context(), ticket)
				return err
			})
		}
	}
	c.must(entering.Wait())
	return rooms
}

func (c *cluster) newRoom() *chatter.Room {
	c.Helper()
	r := &chatter.Room{ID: uuid.NewString()}
	for seat := range matchapi.Seats {
		id := fmt.Sprintf("member%d-%.8s", seat+1, r.ID)
		raw, expires, err := c.signer.Member(id, "of "+id)
		c.must(err)
		me := matchapi.Member{MemberID: id, Nickname: "of " + id, Token: raw, ExpiresAt: wire.At(expires)}
		r.Members = append(r.Members, chatter.New(c.notes, r.ID, me))
	}
	return r
}

func (c *cluster) ticket(r *chatter.Room, seat int) string {
	c.Helper()
	seats := make([]matchapi.Seat, len(r.Members))
	for i, m := range r.Members {
		seats[i] = matchapi.Seat{Seat: i + 1, MemberID: m.Me.MemberID, Nickname: m.Me.Nickname}
	}
	me := r.Members[seat].Me
	raw, err := c.signer.Ticket(token.Ticket{
		MemberID: me.MemberID, Nickname: me.Nickname, Seat: seat + 1, Generation: 1,
		Room: matchapi.Room{RoomID: r.ID, MovieID: "jaws-1975", Title: "Jaws", Seats: seats, CreatedAt: wire.At(time.Now())},
	})
	c.must(err)
	return raw
}

// connect lets all members chat until hangUp, each on the node that is named when it
// connects.
func (c *cluster) connect(rooms []*chatter.Room, node func(seat int) string) (hangUp func()) {
	return chatter.Connect(c.Context(), rooms, node)
}

// settle waits until everybody knows everything.
func (c *cluster) settle(rooms []*chatter.Room) {
	c.Helper()
	chatter.Settle(c, rooms, c.nodes[0].URL)
}

// judge compares all that members said, were told and saw with what is stored. Nobody
// may be talking any more.
func (c *cluster) judge(rooms []*chatter.Room) {
	c.Helper()
	c.compareStored(chatter.Judge(c, rooms, c.nodes[0].URL))
}

// history is the room's, asked of a node that is up.
func (c *cluster) history(r *chatter.Room) []chatapi.Message {
	c.Helper()
	return r.History(c, c.nodes[0].URL)
}

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
