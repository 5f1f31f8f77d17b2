package match_test

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// chat is as much of chat-service as match-service can notice: the first to enter a seat
// keeps it, and the entry feed says so.
type chat struct {
	world *world
	seats map[string]holder // by room and seat
	beats []time.Time
}

// holder is who entered a seat, with which generation.
type holder struct {
	memberID   string
	generation int
	at         time.Time
}

// Answers of chat-service to a ticket.
const (
	seated        = "seated"
	seatTaken     = "seat-taken"
	seatGivenAway = "seat-given-away"
)

// enter shows a ticket.
func (c *chat) enter(memberID string, m match.Match, now time.Time) string {
	seat := fmt.Sprintf("%s %d", m.Room.RoomID, m.Seat)
	h, held := c.seats[seat]
	switch {
	case !held:
		h = holder{memberID, m.Generation, now}
		c.seats[seat] = h
		c.say(m, h)
		return seated
	case h.memberID == memberID:
		return seated
	case m.Generation > h.generation:
		c.say(m, h) // match-service may have missed it
		return seatTaken
	}
	return seatGivenAway
}

func (c *chat) say(m match.Match, h holder) {
	c.append(matchapi.Entry{
		Kind: matchapi.KindEntered, EntryID: newID(), At: h.at, RoomID: m.Room.RoomID, Seat: m.Seat,
		Generation: h.generation, MemberID: h.memberID,
	})
}

// beat says that nothing is missing up to now.
func (c *chat) beat(now time.Time) {
	c.beats = append(c.beats, now)
	c.append(matchapi.Entry{Kind: matchapi.KindHeartbeat, EntryID: newID(), At: now})
}

func (c *chat) append(e matchapi.Entry) {
	c.world.must(c.world.rdb.XAdd(context.Background(), &redis.XAddArgs{Stream: matchapi.EntriesStream, Values: e.Values()}).Err())
}
