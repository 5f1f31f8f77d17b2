package redisqueue

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// everybody has a stream on this node, or nobody has.
type everybody bool

func (e everybody) Here(string) bool      { return bool(e) }
func (everybody) Tell(string, match.News) {}
func (everybody) Missed()                 {}

// joined and roomMade are what steps publish: a third member stands in a line; a room is shown
// to its six.
func joined() string {
	return fmt.Sprintf(`{"waits":{"%[1]s3":%s},"look":["%[1]s3"],"lines":[%s]}`, memberID, waitingView, thirdInLine)
}

func roomMade() string {
	room := matchapi.Room{RoomID: memberID, MovieID: "heat-1995", Title: "Heat"}
	views := make([]string, matchapi.Seats)
	for i := range views {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i + 1, MemberID: fmt.Sprint(memberID, i), Nickname: "user"})
		views[i] = fmt.Sprintf(`"%s%d":{"state":"matched","seat":%d,"generation":1,"entered":false}`, memberID, i, i+1)
	}
	body, _ := json.Marshal(room) // strings and numbers always marshal
	text, _ := json.Marshal(string(body))
	return fmt.Sprintf(`{"views":{%s},"room":%s}`, strings.Join(views, ","), text)
}

const (
	memberID    = "01a22332-10b4-761b-8753-61bc5bb47ba"
	waitingView = `{"state":"waiting","movieId":"heat-1995","movieIds":["heat-1995"],"joinedAt":1700000000000}`
	thirdInLine = `{"movieId":"heat-1995","waiting":3,"arrivals":"2.500000 1700000000000 1700000001000 40","standing":["` +
		memberID + `1 user1","` + memberID + `2 user2","` + memberID + `3 user3"]}`
)

// BenchmarkTell reads what each node hears of each join and each room.
func BenchmarkTell(b *testing.B) {
	q := &Queue{now: time.Now}
	for _, c := range []struct {
		name, change string
		here         everybody
	}{{"joined, streams here", joined(), true}, {"joined, none here", joined(), false}, {"room, streams here", roomMade(), true}, {"room, none here", roomMade(), false}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := q.tell(c.change, c.here); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReply reads what a step answers to a join.
func BenchmarkReply(b *testing.B) {
	text := `{"done":true,"view":` + waitingView + `,"line":` + thirdInLine + `}`
	b.ReportAllocs()
	for b.Loop() {
		r, err := read(text)
		if s := r.step(memberID+"3", time.Time{}); err != nil || s.State.Waiting.Place != 3 {
			b.Fatal(s, err)
		}
	}
}
