//go:build integration

package cluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/chatter"
	"github.com/sixseat/sixseat/pkg/testclient"
)

const (
	eachTwice  = 12               // how much each member sends to two nodes: within the burst of LIMIT_SEND_RATE
	leavers    = 20               // members who leave while they talk
	eachSays   = 25               // and how much: likewise
	saysAhead  = 3                // sayings whose answers they do not wait for
	lostCommit = 16               // commits whose reply is lost
	redisAway  = 15 * time.Second // a minute tells no more; the exact deadlines are tested on a fake clock
)

func TestNodes_agree(t *testing.T) {
	c := newCluster(t, 0)
	c.run("one key on two nodes at once is one message", testOneKeyOnTwoNodes)
	c.run("a SEND that races its author's LEAVE is never stored after it", testSendRacesLeave)
	c.run("a commit whose reply is lost is stored once", testReplyLost)
	c.run("without Redis all nodes accept and deliver", testWithoutRedis)
}

// spread puts the members of each room on the nodes by turns.
func (c *cluster) spread(seat int) string { return c.nodes[seat%len(c.nodes)].URL }

func testOneKeyOnTwoNodes(c *cluster) {
	rooms := c.newRooms(1)
	hangUp := c.connect(rooms, c.spread)
	defer hangUp()
	var authors errgroup.Group
	for _, m := range rooms[0].Members {
		on := []*testclient.Socket{c.open(m, c.nodes[0].URL), c.open(m, c.nodes[1].URL)}
		authors.Go(func() error { return c.sayTwice(m, on) })
	}
	c.must(authors.Wait())
	c.settle(rooms)
	hangUp()
	c.judge(rooms)
	members := len(rooms[0].Members)
	if n := len(c.history(rooms[0])); n != members+members*eachTwice {
		c.Errorf("%d messages are stored, want %d of each member and an ENTER", n, eachTwice)
	}
}

// sayTwice sends each saying on all sockets at the same time, and reads their receipts.
func (c *cluster) sayTwice(m *chatter.Member, on []*testclient.Socket) error {
	for i := range eachTwice {
		n := m.Note(fmt.Sprintf("%s twice %d", m.Me.MemberID, i), fmt.Sprint("key ", i))
		var all errgroup.Group
		for _, s := range on {
			all.Go(func() error {
				if err := s.Send(c.Context(), m.Frame(n)); err != nil {
					return err
				}
				f, err := s.Next(c.Context())
				if err != nil {
					return err
				}
				return m.Take(f)
			})
		}
		if err := all.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func testSendRacesLeave(c *cluster) {
	rooms := c.newRooms(leavers)
	hangUp := c.connect(without(rooms, 0), c.spread)
	defer hangUp()
	var racing sync.WaitGroup
	for i, r := range rooms {
		racing.Go(func() { c.talkAndLeave(r.Members[0], c.nodes[i%nodes].URL, c.nodes[(i+1)%nodes].URL) })
	}
	racing.Wait()
	c.settle(rooms)
	hangUp()
	c.judge(rooms) // has a rule that nobody speaks after the LEAVE
	stored, refused := 0, 0
	for _, r := range rooms {
		for _, s := range r.Members[0].Account().Said {
			stored += len(s.Receipts)
			if s.Refused {
				refused++
			}
		}
	}
	c.Logf("%d were stored before the LEAVE, %d refused after it", stored, refused)
	if stored == 0 || refused == 0 || stored+refused != leavers*eachSays {
		c.Errorf("%d stored and %d refused of %d: this was no race", stored, refused, leavers*eachSays)
	}
}

// without leaves out one seat of each room.
func without(rooms []*chatter.Room, seat int) []*chatter.Room {
	rest := make([]*chatter.Room, len(rooms))
	for i, r := range rooms {
		rest[i] = &chatter.Room{ID: r.ID, Members: append(append([]*chatter.Member(nil), r.Members[:seat]...), r.Members[seat+1:]...)}
	}
	return rest
}

// talkAndLeave talks on one node, a few sayings ahead of their answers, and leaves on
// another after the first receipt. It ends when each saying is receipted or refused.
func (c *cluster) talkAndLeave(m *chatter.Member, talks, leaves string) {
	m.Left = true // set before anybody listens: what it hears is not judged
	s := c.open(m, talks)
	err := s.Send(c.Context(), testclient.Frame{Command: "SUBSCRIBE", Headers: map[string]string{"id": "errors", "destination": chatapi.ErrorsQueue}})
	say := func() error {
		return s.Send(c.Context(), m.Frame(m.Note(fmt.Sprintf("%s says %d", m.Me.MemberID, len(m.Account().Said)), "")))
	}
	for i := 0; i < saysAhead && err == nil; i++ {
		err = say()
	}
	var leaving sync.WaitGroup
	defer leaving.Wait()
	leave := sync.OnceFunc(func() {
		leaving.Go(func() {
			if err := m.At(leaves).Call(c.Context(), http.MethodDelete, "/chat/rooms/"+m.RoomID+"/members/me", nil, nil); err != nil {
				c.Error("leave:", err)
			}
		})
	})
	for err == nil && m.Unanswered() > 0 {
		var f testclient.Frame
		if f, err = s.Next(c.Context()); err == nil {
			err = m.Take(f)
		}
		leave()
		if err == nil && len(m.Account().Said) < eachSays {
			err = say()
		}
	}
	if err != nil {
		c.Errorf("%d sayings were never answered: %v", m.Unanswered(), err)
	}
}

func testReplyLost(c *cluster) {
	rooms := c.newRooms(1)
	hangUp := c.connect(rooms, c.spread)
	defer hangUp()
	for i := range lostCommit {
		author := rooms[0].Members[i%len(rooms[0].Members)]
		key := ""
		if i%2 == 0 {
			key = fmt.Sprint("key ", i)
		}
		cuts := c.commits.Cuts()
		c.await("the author is connected", author.NotConnected)
		c.commits.Arm()
		author.Say(fmt.Sprint("lost ", i), key)
		c.await("the saying is receipted", func() string {
			if n := author.Unanswered(); n > 0 {
				return fmt.Sprintf("%d are not", n)
			}
			return ""
		})
		if c.commits.Cuts() != cuts+1 {
			c.Fatalf("%d replies were lost so far, want %d: the test does not test what it says", c.commits.Cuts(), cuts+1)
		}
	}
	c.settle(rooms)
	hangUp()
	c.judge(rooms)
	if n := len(c.history(rooms[0])); n != len(rooms[0].Members)+lostCommit {
		c.Errorf("%d messages are stored, want %d and an ENTER of each member", n, lostCommit)
	}
}

func testWithoutRedis(c *cluster) {
	rooms := c.newRooms(nodes)
	hangUp := c.connect(rooms, c.spread)
	defer hangUp()
	chatter.Each(rooms, func(_ int, m *chatter.Member) { c.await("everybody is connected", m.NotConnected) })
	talk := func(what string) {
		chatter.Each(rooms, func(_ int, m *chatter.Member) { m.Say(m.Me.MemberID+" "+what, m.Me.MemberID+what) })
		c.settle(rooms)
	}
	talk("with Redis")
	c.must(c.redis.Kill())
	rounds := 0
	for gone := time.Now(); time.Since(gone) < redisAway; rounds++ {
		talk(fmt.Sprint("without Redis ", rounds))
	}
	c.must(c.redis.Start())
	talk("with Redis again")
	hangUp()
	c.judge(rooms)
	c.Logf("%d rounds without Redis", rounds)
}

// open is one more socket of a member, closed with the test.
func (c *cluster) open(m *chatter.Member, base string) *testclient.Socket {
	ctx, cancel := context.WithTimeout(c.Context(), chatter.DialTimeout)
	defer cancel()
	s, err := m.At(base).Open(ctx)
	if err != nil {
		c.Errorf("open: %v", err)
		c.FailNow()
	}
	c.Cleanup(func() { _ = s.Drop() }) // it may be closed already
	return s
}
