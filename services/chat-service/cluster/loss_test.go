//go:build integration

package cluster

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/chatter"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// How rough it is. Two cores hold 360 members who say one thing a second each: 360
// commits' worth of posts and 2,160 deliveries a second.
const (
	roughRooms = 60
	roughFor   = time.Minute
	roughPace  = time.Second
	busLoses   = 0.05
	cutEvery   = 2 * time.Second // a commit's reply is lost so often
)

// For a minute, 360 members in 60 rooms talk on three nodes while the bus loses one
// delivery in twenty, replies of commits get lost, Redis and PostgreSQL hang, are
// stopped, killed and come back, one node is killed and one drains. Then nothing may be missing,
// doubled or out of order, for anybody.
func TestRough_nothingIsLostDoubledOrOutOfOrder(t *testing.T) {
	c := newCluster(t, busLoses)
	rooms := c.newRooms(roughRooms)
	hangUp := c.connect(rooms, func(int) string { return c.any() })
	defer hangUp()
	quiet, beQuiet := context.WithTimeout(t.Context(), roughFor)
	defer beQuiet()
	var talking sync.WaitGroup
	talking.Go(func() { chatter.Talk(quiet, rooms, roughPace) })

	c.wreak(quiet)

	talking.Wait()
	began := time.Now()
	c.settle(rooms)
	t.Logf("settled %v after the last word", time.Since(began).Round(time.Millisecond))
	c.reunited(rooms)
	t.Logf("everybody saw everybody %v after the last word", time.Since(began).Round(time.Millisecond))
	hangUp()
	c.judge(rooms)
	c.report()
	if len(c.notes.Counts()) == 0 {
		t.Error("nobody's line broke: the test does not test what it says")
	}
}

// cutReplies lets the reply of a commit get lost now and then, until ctx ends.
func (c *cluster) cutReplies(ctx context.Context) {
	for tick := time.Tick(cutEvery); ctx.Err() == nil; {
		select {
		case <-tick:
			c.commits.Arm()
		case <-ctx.Done():
		}
	}
}

// wreak does the damage while members talk, and leaves everything up.
func (c *cluster) wreak(talking context.Context) {
	c.Helper()
	var cutting sync.WaitGroup
	cutting.Go(func() { c.cutReplies(talking) })
	defer cutting.Wait()
	began := time.Now()
	for _, step := range []struct {
		at   time.Duration
		what string
		do   func() error
	}{
		{5 * time.Second, "Redis is killed", c.redis.Kill},
		{9 * time.Second, "Redis is back, and empty", c.redis.Start},
		{15 * time.Second, "PostgreSQL restarts", func() error { return restart(c.postgres.Stop, c.postgres.Start) }},
		{17 * time.Second, "Redis hangs", c.redis.Hang},
		{20 * time.Second, "Redis goes on", c.redis.GoOn},
		{22 * time.Second, "node 1 is killed", c.nodes[0].Kill},
		{27 * time.Second, "node 1 is back", c.nodes[0].Start},
		{33 * time.Second, "node 2 drains", func() error { return c.nodes[1].Signal(syscall.SIGTERM) }},
		{33 * time.Second, "node 2 has ended", c.nodes[1].Wait},
		{38 * time.Second, "PostgreSQL hangs", c.postgres.Hang},
		{41 * time.Second, "PostgreSQL goes on", c.postgres.GoOn},
		{41 * time.Second, "node 2 is back", c.nodes[1].Start},
		{44 * time.Second, "PostgreSQL is killed", c.postgres.Kill},
		{50 * time.Second, "PostgreSQL is back, later than commits wait for it", c.postgres.Start},
		{52 * time.Second, "node 3 and Redis are killed together", func() error { return restart(c.nodes[2].Kill, c.redis.Kill) }},
		{54 * time.Second, "node 3 is back before Redis", func() error { return restart(c.nodes[2].Start, c.redis.Start) }},
	} {
		<-time.After(step.at - time.Since(began))
		if err := step.do(); err != nil {
			c.Errorf("%s: %v", step.what, err)
		}
		c.Logf("%4.1f s: %s", time.Since(began).Seconds(), step.what)
	}
	<-talking.Done()
}

// restart does one thing after the other.
func restart(end, start func() error) error {
	if err := end(); err != nil {
		return err
	}
	return start()
}

// reunited waits until everybody was told that everybody is online: nobody's view of the
// others may be spoilt for ever by what was lost on the way.
func (c *cluster) reunited(rooms []*chatter.Room) {
	c.Helper()
	c.await("everybody is online for everybody", func() (why string) {
		chatter.Each(rooms, func(_ int, m *chatter.Member) {
			if n := m.Company(); n != matchapi.Seats {
				why = fmt.Sprintf("%s sees %d", m.Me.MemberID, n)
			}
		})
		return why
	})
}

// report logs what was counted, and says so if the test was not as rough as it shall be.
func (c *cluster) report() {
	c.Helper()
	delivered, lost := c.bus.Deliveries()
	c.Logf("the bus delivered %d messages and lost %d; %d replies to commits were lost; %v", delivered, lost, c.commits.Cuts(), c.notes.Counts())
	if delivered == 0 || lost == 0 || c.commits.Cuts() == 0 {
		c.Error("something that should have gone wrong did not: the test does not test what it says")
	}
}
