package redisqueue_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
	"github.com/sixseat/sixseat/services/match-service/internal/redisqueue"
)

// world is a queue with a clock that only moves when told, and members named m1, m2, …
type world struct {
	*testing.T
	queue *redisqueue.Queue
	rdb   redis.UniversalClient
	feed  string // key of the entry feed
	now   time.Time
	rooms int
	turn  int64
}

var epoch = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, rdb redis.UniversalClient, prefix string) *world {
	w := &world{T: t, rdb: rdb, feed: prefix + matchapi.EntriesStream, now: epoch}
	w.queue = redisqueue.New(rdb, redisqueue.Config{
		Prefix: prefix, Limits: match.DefaultLimits(), Now: func() time.Time { return w.now },
		NewID: func() string { w.rooms++; return fmt.Sprintf("room-%d", w.rooms) },
	})
	w.sweep() // the service is up
	return w
}

// TestQueue_onMiniredis runs all behaviours on the embedded Redis.
func TestQueue_onMiniredis(t *testing.T) {
	for name, behaves := range behaviours {
		t.Run(name, func(t *testing.T) {
			rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
			t.Cleanup(func() { _ = rdb.Close() })
			behaves(newWorld(t, rdb, ""))
		})
	}
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// live lets time pass with a sweep each second, as nodes that are up do. It returns the
// join ids that expired.
func (w *world) live(d time.Duration) (expired []string) {
	w.Helper()
	for range d / time.Second {
		w.pass(time.Second)
		expired = append(expired, w.sweep().Expired...)
	}
	return expired
}

func (w *world) wait(member string, films ...string) match.Wait {
	w.turn++
	return match.Wait{
		Turn: w.turn, JoinID: fmt.Sprintf("join-%d", w.turn), Member: match.Member{ID: member, Nickname: "n-" + member},
		Films: films, JoinedAt: w.now, AskedAt: w.now,
	}
}

func (w *world) join(member string, films ...string) match.Step {
	w.Helper()
	return w.rejoin(w.wait(member, films...), match.Asked)
}

func (w *world) rejoin(wt match.Wait, why match.JoinReason) match.Step {
	w.Helper()
	s, err := w.queue.Join(context.Background(), wt, why)
	w.ok(err)
	return s
}

// joinAll lets members join one after the other, a millisecond apart, and returns the last step.
func (w *world) joinAll(film string, members ...string) (last match.Step) {
	w.Helper()
	for _, m := range members {
		last = w.join(m, film)
		w.pass(time.Millisecond)
	}
	return last
}

func (w *world) touch(member string) match.Step {
	w.Helper()
	s, err := w.queue.Touch(context.Background(), member)
	w.ok(err)
	return s
}

func (w *world) sweep() match.Swept {
	w.Helper()
	s, err := w.queue.Sweep(context.Background())
	w.ok(err)
	return s
}

// settle commits what was made, as the store would.
func (w *world) settle(made *match.Made) matchapi.Room {
	w.Helper()
	room := matchapi.Room{RoomID: made.ID, MovieID: made.MovieID, Title: "T", CreatedAt: wire.At(made.At)}
	var seated []match.Seated
	for i, s := range made.Members {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i + 1, MemberID: s.Member.ID, Nickname: s.Member.Nickname})
		seated = append(seated, match.Seated{Wait: s, Seat: i + 1, Generation: 1})
	}
	w.ok(w.queue.Settle(context.Background(), made.ID, room, seated))
	return room
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) equal(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (w *world) count(film string) int {
	w.Helper()
	counts, err := w.queue.Counts(context.Background(), []string{film})
	w.ok(err)
	return counts[0]
}

func membersOf(made *match.Made) []string {
	if made == nil {
		return nil
	}
	var ids []string
	for _, s := range made.Members {
		ids = append(ids, s.Member.ID)
	}
	return ids
}

func seatedIDs(s match.State) []string {
	var ids []string
	for _, p := range s.Waiting.Seated {
		ids = append(ids, p.MemberID)
	}
	return ids
}

var six = []string{"m1", "m2", "m3", "m4", "m5", "m6"}

// behaviours are what a queue must do, whatever Redis it runs on.
var behaviours = map[string]func(*world){
	"an unknown member is unknown, since the queue began": func(w *world) {
		w.pass(time.Minute)

		step := w.touch("nobody")

		w.equal("known", step.Known, false)
		w.equal("resumed", step.Resumed.UTC(), w.now) // nobody swept for a minute
	},
	"a waiter sees place, count and who is seated": func(w *world) {
		w.joinAll("film", "m1", "m2")

		step := w.join("m3", "film")

		st := step.State
		w.equal("kind", st.Kind, matchapi.Waiting)
		w.equal("place", st.Waiting.Place, 3)
		w.equal("waiting", st.Waiting.Waiting, 3)
		w.equal("seated", seatedIDs(st), []string{"m1", "m2", "m3"})
		w.equal("nickname", st.Waiting.Seated[2].Nickname, "n-m3")
		w.equal("joinedAt", st.Waiting.JoinedAt.UTC(), w.now)
		w.equal("movieIds", st.Waiting.MovieIDs, []string{"film"})
		w.equal("seats", st.Waiting.Seats, 6)
		w.equal("count", w.count("film"), 3)
	},
	"the sixth present waiter makes the room in the same step": func(w *world) {
		step := w.joinAll("film", six...)

		w.equal("six", membersOf(step.Made), six)
		w.equal("film", step.Made.MovieID, "film")
		w.equal("room id is the caller's", step.Made.ID, fmt.Sprintf("room-%d", w.rooms))
		w.equal("state until the commit", step.State.Kind, matchapi.Waiting)
		w.equal("all six are seen", seatedIDs(step.State), six)
		w.equal("queue is empty", w.count("film"), 0)
	},
	"matched is shown only once the room is settled": func(w *world) {
		step := w.joinAll("film", six...)
		w.equal("before", w.touch("m1").State.Kind, matchapi.Waiting)

		room := w.settle(step.Made)

		st := w.touch("m4").State
		w.equal("kind", st.Kind, matchapi.Matched)
		w.equal("room", st.Match.Room, room)
		w.equal("seat", st.Match.Seat, 4)
		w.equal("generation", st.Match.Generation, 1)
	},
	"settling twice changes nothing": func(w *world) {
		step := w.joinAll("film", six...)
		w.settle(step.Made)
		w.settle(step.Made)

		w.equal("kind", w.touch("m1").State.Kind, matchapi.Matched)
		w.equal("swept", w.sweep().Claimed, []match.Made(nil))
	},
	"the same wait joins once": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)
		w.pass(time.Second)

		step := w.rejoin(wt, match.Asked)

		w.equal("count", w.count("film"), 1)
		w.equal("place", step.State.Waiting.Place, 1)
		w.equal("joinedAt", step.State.Waiting.JoinedAt.UTC(), epoch)
	},
	"a newer wait moves the member, an older one changes nothing": func(w *world) {
		old := w.wait("m1", "film")
		w.rejoin(old, match.Asked)
		w.join("m1", "other")

		step := w.rejoin(old, match.Asked)

		w.equal("old queue", w.count("film"), 0)
		w.equal("new queue", w.count("other"), 1)
		w.equal("film", step.State.Waiting.MovieID, "other")
	},
	"an absent member is skipped, keeps the place and gets it back": func(w *world) {
		w.join("m1", "film")
		w.pass(31 * time.Second)

		step := w.joinAll("film", "m2", "m3", "m4", "m5", "m6")
		w.equal("five are not six", step.Made == nil, true)

		w.sweep()
		w.equal("absent are not counted", w.count("film"), 5)
		w.pass(40 * time.Second)
		for _, m := range []string{"m2", "m3", "m4", "m5", "m6"} {
			w.touch(m)
		}
		step = w.touch("m1")
		w.equal("the first place", membersOf(step.Made), six)
	},
	"the pop itself checks who is present": func(w *world) {
		w.join("m1", "film")
		w.pass(31 * time.Second)

		step := w.joinAll("film", "m2", "m3", "m4", "m5", "m6", "m7")

		w.equal("six", membersOf(step.Made), []string{"m2", "m3", "m4", "m5", "m6", "m7"})
	},
	"present to the last millisecond of 30 s, kept to that of 75 s": func(w *world) {
		w.join("m1", "film")
		w.live(30 * time.Second)
		w.equal("present", w.count("film"), 1)
		w.pass(time.Millisecond)
		w.sweep()
		w.equal("absent", w.count("film"), 0)
		w.equal("nobody expires", len(w.live(44*time.Second)), 0)
		w.pass(999 * time.Millisecond)
		w.equal("kept", w.touch("m1").State.Kind, matchapi.Waiting)
	},
	"after 75 s the wait expires, with its reason": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)

		expired := w.live(76 * time.Second)

		step := w.touch("m1")

		w.equal("expired", expired, []string{wt.JoinID})
		w.equal("kind", step.State.Kind, matchapi.Idle)
		w.equal("reason", step.State.Reason, matchapi.ReasonExpired)
	},
	"a touch that comes too late lets the wait expire at once": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)
		w.live(74 * time.Second)
		w.pass(time.Second + time.Millisecond)

		step := w.touch("m1")

		w.equal("expired", step.Expired, []string{wt.JoinID})
		w.equal("reason", step.State.Reason, matchapi.ReasonExpired)
	},
	"an outage of ours lets nobody expire, but nobody is popped who is not here": func(w *world) {
		w.sweep()
		w.joinAll("film", "m1", "m2", "m3", "m4", "m5")
		w.pass(10 * time.Minute) // nobody sweeps
		w.sweep()

		step := w.join("m6", "film")
		w.equal("absent ones are not popped", step.Made == nil, true)
		for _, m := range []string{"m1", "m2", "m3", "m4"} {
			w.touch(m)
		}
		w.equal("six", membersOf(w.touch("m5").Made), six)
	},
	"an expired wait is revived by a PUT, not by healing": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)
		w.live(76 * time.Second)

		w.equal("healed", w.rejoin(wt, match.Healed).State.Kind, matchapi.Idle)
		w.equal("asked", w.rejoin(wt, match.Asked).State.Kind, matchapi.Waiting)
	},
	"a leaver is idle, cancelled, and late steps do not bring them back": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)

		step, err := w.queue.Leave(context.Background(), wt.Member, wt.Turn, matchapi.ReasonCancelled, nil)

		w.ok(err)
		w.equal("kind", step.State.Kind, matchapi.Idle)
		w.equal("reason", step.State.Reason, matchapi.ReasonCancelled)
		w.equal("count", w.count("film"), 0)
		w.equal("late join", w.rejoin(wt, match.Asked).State.Kind, matchapi.Idle)
		w.equal("late heal", w.rejoin(wt, match.Healed).State.Kind, matchapi.Idle)
	},
	"a late leave does not end a newer wait": func(w *world) {
		old := w.wait("m1", "film")
		w.rejoin(old, match.Asked)
		w.join("m1", "other")

		step, err := w.queue.Leave(context.Background(), old.Member, old.Turn, matchapi.ReasonCancelled, nil)

		w.ok(err)
		w.equal("film", step.State.Waiting.MovieID, "other")
	},
	"what nobody commits is claimed after 2 s, again and again": func(w *world) {
		made := w.joinAll("film", six...).Made
		w.equal("too early", w.sweep().Claimed, []match.Made(nil))

		for range 2 {
			w.pass(2 * time.Second)
			swept := w.sweep()
			if len(swept.Claimed) != 1 || !slices.Equal(membersOf(&swept.Claimed[0]), membersOf(made)) {
				w.Fatalf("claimed %v, want the six of %s", swept.Claimed, made.ID)
			}
		}
	},
	"a room that cannot be made gives the places back, but for those who left": func(w *world) {
		made := w.joinAll("film", six...).Made
		w.joinAll("film", "m7", "m8")

		step, err := w.queue.PutBack(context.Background(), made.ID, match.Refusal{Lost: []string{made.Members[2].JoinID}})

		w.ok(err)
		w.equal("next six", membersOf(step.Made), []string{"m1", "m2", "m4", "m5", "m6", "m7"})
		w.equal("who left is unknown", w.touch("m3").Known, false)
		w.equal("the eighth waits", w.touch("m8").State.Waiting.Place, 1)
	},
	"a member who moves on while popped is not put back": func(w *world) {
		made := w.joinAll("film", six...).Made
		w.join("m2", "other")

		_, err := w.queue.PutBack(context.Background(), made.ID, match.Refusal{Lost: []string{made.Members[1].JoinID}})

		w.ok(err)
		w.equal("moved", w.touch("m2").State.Waiting.MovieID, "other")
		w.equal("five are back", w.count("film"), 5)
	},
	"a settled room does not take back who left meanwhile": func(w *world) {
		made := w.joinAll("film", six...).Made
		_, err := w.queue.Leave(context.Background(), made.Members[0].Member, made.Members[0].Turn, matchapi.ReasonCancelled, nil)
		w.ok(err)

		w.settle(made)

		w.equal("left", w.touch("m1").State.Kind, matchapi.Idle)
		w.equal("stayed", w.touch("m2").State.Kind, matchapi.Matched)
	},
	"a room that was committed counts for those who were put back meanwhile": func(w *world) {
		made := w.joinAll("film", six...).Made
		_, err := w.queue.PutBack(context.Background(), made.ID, match.Refusal{})
		w.ok(err)

		w.settle(made)

		w.equal("queue", w.count("film"), 0)
		w.equal("kind", w.touch("m1").State.Kind, matchapi.Matched)
	},
	"a place is given back to one who is absent, where nobody is present": func(w *world) {
		w.join("m1", "film")
		w.pass(31 * time.Second)
		w.sweep()

		state := w.rejoin(w.wait("m1", "film"), match.Returned).State

		w.equal("kind", state.Kind, matchapi.Waiting)
		w.equal("present", w.count("film"), 0)
	},
	"a PUT in the moment in which the wait is about to expire revives it": func(w *world) {
		wt := w.wait("m1", "film")
		w.rejoin(wt, match.Asked)
		w.live(75 * time.Second)
		w.pass(500 * time.Millisecond) // no sweep has seen it yet

		step := w.rejoin(wt, match.Asked)

		w.equal("kind", step.State.Kind, matchapi.Waiting)
		w.equal("expired", len(step.Expired), 0)
		w.equal("present", w.count("film"), 1)
	},
	"who was passed over by a node whose clock is ahead stands again with the next touch": func(w *world) {
		w.join("m1", "film")
		w.live(30 * time.Second)
		w.pass(300 * time.Millisecond)
		w.sweep()
		w.pass(-400 * time.Millisecond) // another node

		w.touch("m1")

		w.equal("present", w.count("film"), 1)
	},
	"who gets a place back after the data was lost is not present for it": func(w *world) {
		w.rejoin(w.wait("m1", "film"), match.Returned)

		w.equal("present", w.count("film"), 0)
		w.equal("until they call", w.touch("m1").State.Kind, matchapi.Waiting)
		w.equal("present then", w.count("film"), 1)
	},
	"a change is told to those it concerns, with all they need": func(w *world) {
		w.join("m1", "film")
		heard := newListener(w)

		joined := w.join("m2", "film").State

		news := heard.hear(3)
		w.equal("who", []string{news[0].memberID, news[1].memberID, news[2].memberID}, []string{"m1", "m2", "m2"})
		line := news[0].news.Line
		w.equal("line", []any{line.MovieID, line.Waiting, line.Seated, line.Arrivals.Count},
			[]any{"film", 2, []matchapi.Person{{MemberID: "m1", Nickname: "n-m1"}, {MemberID: "m2", Nickname: "n-m2"}}, 2})
		w.equal("the state of who joined", *news[1].news.State, joined)
		w.equal("the line of who joined", news[2].news.Line, line)
		_, err := w.queue.Leave(context.Background(), match.Member{ID: "m2"}, w.turn, matchapi.ReasonCancelled, nil)
		w.ok(err)
		news = heard.hear(2)
		w.equal("who left", news[1].news.State.Kind, matchapi.Idle)
		w.equal("the line without who left", news[0].news.Line.Waiting, 1)
	},
	"a room is told to its six with what each of them sees": func(w *world) {
		made := w.joinAll("film", six...).Made
		heard := newListener(w)

		w.settle(made)

		for i, n := range heard.hear(6) {
			w.equal("told", n.memberID, six[i])
			w.equal("what a read would say", *n.news.State, w.touch(six[i]).State)
		}
	},
}
