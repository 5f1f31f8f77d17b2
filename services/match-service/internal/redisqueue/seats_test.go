package redisqueue_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

func init() { maps.Copy(behaviours, seatBehaviours) }

// say writes an entry to the feed, as chat-service does.
func (w *world) say(e matchapi.Entry) {
	w.Helper()
	w.ok(w.rdb.XAdd(context.Background(), &redis.XAddArgs{Stream: w.feed, Values: e.Values()}).Err())
}

// hear reads the feed and returns what was handled.
func (w *world) hear() (heard []matchapi.Entry) {
	w.Helper()
	_, _, err := w.queue.Entries(context.Background(), func(all []matchapi.Entry) (int, error) {
		heard = append(heard, all...)
		return len(all), nil
	})
	w.ok(err)
	return heard
}

// beat lets chat-service say that nothing is missing up to now.
func (w *world) beat() {
	w.Helper()
	w.say(matchapi.Entry{Kind: matchapi.KindHeartbeat, EntryID: "beat", At: w.now})
	w.hear()
}

// liveWithFeed is live with a heartbeat each second.
func (w *world) liveWithFeed(d time.Duration) (made *match.Made) {
	w.Helper()
	for range d / time.Second {
		w.pass(time.Second)
		w.beat()
		if m := w.sweep().Made; m != nil {
			made = m
		}
	}
	return made
}

// room makes and settles a room of m1 to m6.
func (w *world) room() (matchapi.Room, []match.Wait) {
	w.Helper()
	made := w.joinAll("film", six...).Made
	return w.settle(made), made.Members
}

// enter tells the queue that a member entered.
func (w *world) enter(room matchapi.Room, wt match.Wait, seat, generation int) {
	w.Helper()
	w.ok(w.queue.Settle(context.Background(), "", room, []match.Seated{{Wait: wt, Seat: seat, Generation: generation, Entered: true}}))
}

// withHolder is a room with the taker of a seat in it.
func (w *world) withHolder(room matchapi.Room, made *match.Made) matchapi.Room {
	room.Seats = slices.Clone(room.Seats)
	taker := made.Members[0].Member
	room.Seats[made.Seat.Number-1].MemberID, room.Seats[made.Seat.Number-1].Nickname = taker.ID, taker.Nickname
	return room
}

// give settles a seat that was given on, as the store would.
func (w *world) give(room matchapi.Room, made *match.Made) {
	w.Helper()
	w.ok(w.queue.Settle(context.Background(), made.ID, room, []match.Seated{{
		Wait: made.Members[0], Seat: made.Seat.Number, Generation: made.Seat.Generation,
	}}))
}

func (w *world) noMore(what string, made *match.Made) {
	w.Helper()
	if made != nil {
		w.Errorf("%s: %v was given %v", what, membersOf(made), made.Seat)
	}
}

var seatBehaviours = map[string]func(*world){
	"seats: one that nobody enters goes to the next present waiter after 20 s": func(w *world) {
		room, waits := w.room()
		for i, wt := range waits[1:] {
			w.enter(room, wt, i+2, 1)
		}
		w.noMore("too early", w.liveWithFeed(19*time.Second))
		w.join("m7", "film")

		made := w.liveWithFeed(3 * time.Second)

		w.equal("taker", membersOf(made), []string{"m7"})
		w.equal("seat", *made.Seat, match.Seat{RoomID: room.RoomID, Number: 1, Generation: 2})
		w.equal("until it is settled", w.touch("m7").State.Kind, matchapi.Waiting)
		w.equal("the holder keeps it until then", w.touch("m1").State.Kind, matchapi.Matched)
	},
	"seats: a waiter who comes later gets the open seat at once": func(w *world) {
		w.room()
		w.liveWithFeed(25 * time.Second)

		made := w.join("m7", "film").Made

		w.equal("taker", membersOf(made), []string{"m7"})
	},
	"seats: the new holder is matched, the old one idle, the others see who came": func(w *world) {
		room, _ := w.room()
		w.liveWithFeed(25 * time.Second)
		made := w.join("m7", "film").Made

		w.give(room, made)

		taker := w.touch("m7").State
		w.equal("taker", taker.Kind, matchapi.Matched)
		w.equal("generation", taker.Match.Generation, 2)
		lost := w.touch(fmt.Sprintf("m%d", made.Seat.Number)).State
		w.equal("former holder", lost.Kind, matchapi.Idle)
		w.equal("reason", lost.Reason, matchapi.ReasonGivenAway)
		w.equal("others see", w.touch("m6").State.Match.Room.Seats[made.Seat.Number-1].MemberID, "m7")
	},
	"seats: while the feed is away nobody loses one": func(w *world) {
		w.room()
		w.live(60 * time.Second)

		w.noMore("join", w.join("m7", "film").Made)
		w.live(5 * time.Second)
		w.equal("still matched", w.touch("m1").State.Kind, matchapi.Matched)
	},
	"seats: while the feed is away those of many rooms are not looked at again and again": func(w *world) {
		for range match.MaxDue/matchapi.Seats + 1 {
			w.room()
		}
		w.live(60 * time.Second)

		w.equal("more is due", w.sweep().More, false)
	},
	"seats: while the feed is behind nobody loses one, and then it goes on": func(w *world) {
		w.room()
		w.liveWithFeed(10 * time.Second)
		w.live(20 * time.Second)
		w.noMore("join", w.join("m7", "film").Made)

		w.equal("once it is back", membersOf(w.liveWithFeed(3*time.Second)), []string{"m7"})
	},
	"seats: an open one is not given on once the feed falls behind": func(w *world) {
		w.room()
		w.liveWithFeed(25 * time.Second)
		w.live(matchapi.FeedLag + time.Second)

		w.noMore("join", w.join("m7", "film").Made)
	},
	"seats: one that was entered is never offered": func(w *world) {
		room, waits := w.room()
		for i, wt := range waits {
			w.enter(room, wt, i+1, 1)
		}
		w.join("m7", "film")

		w.noMore("sweep", w.liveWithFeed(25*time.Second))
		w.equal("entered", w.touch("m1").State.Match.Entered, true)
	},
	"seats: one that is entered while it is open is not offered any more": func(w *world) {
		room, waits := w.room()
		for i, wt := range waits[1:] {
			w.enter(room, wt, i+2, 1)
		}
		w.liveWithFeed(25 * time.Second)
		w.enter(room, waits[0], 1, 1)

		w.noMore("join", w.join("m7", "film").Made)
	},
	"seats: who entered first keeps it, though it was given on": func(w *world) {
		room, waits := w.room()
		w.liveWithFeed(25 * time.Second)
		old := w.wait("m7", "film")
		made := w.rejoin(old, match.Asked).Made
		w.give(room, made)
		n := made.Seat.Number

		w.enter(room, waits[n-1], n, 1)
		again := old
		again.JoinID, again.Turn = "join-again", old.Turn+1
		w.rejoin(again, match.Returned)

		first := w.touch(waits[n-1].Member.ID).State
		w.equal("first", first.Kind, matchapi.Matched)
		w.equal("entered", first.Match.Entered, true)
		w.equal("seat is theirs", first.Match.Room.Seats[n-1].MemberID, waits[n-1].Member.ID)
		taker := w.touch("m7").State
		w.equal("taker waits again", taker.Kind, matchapi.Waiting)
		w.equal("at the old place", taker.Waiting.JoinedAt.UTC(), old.JoinedAt)
	},
	"seats: late news of a gift does not undo an entry": func(w *world) {
		room, waits := w.room()
		w.liveWithFeed(25 * time.Second)
		made := w.join("m7", "film").Made
		n := made.Seat.Number
		w.enter(room, waits[n-1], n, 1)

		w.give(room, made)

		w.equal("seat", w.touch(waits[n-1].Member.ID).State.Match.Room.Seats[n-1].MemberID, waits[n-1].Member.ID)
		w.equal("taker is not matched", w.touch("m7").Known, false)
	},
	"seats: nobody is offered one in a room they were in": func(w *world) {
		room, waits := w.room()
		for i, wt := range waits[2:] {
			w.enter(room, wt, i+3, 1)
		}
		w.liveWithFeed(25 * time.Second) // the first two are open
		w.give(room, w.join("m7", "film").Made)

		w.noMore("m1 waits again", w.join("m1", "film").Made)
		w.equal("another gets it", membersOf(w.join("m8", "film").Made), []string{"m8"})
	},
	"seats: one that is given up is filled at once": func(w *world) {
		room, waits := w.room()
		w.join("m7", "film")
		w.beat()

		step, err := w.queue.Leave(context.Background(), waits[3].Member, waits[3].Turn, matchapi.ReasonCancelled,
			&match.Seat{RoomID: room.RoomID, Number: 4, Generation: 1})

		w.ok(err)
		w.equal("taker", membersOf(step.Made), []string{"m7"})
		w.equal("seat", *step.Made.Seat, match.Seat{RoomID: room.RoomID, Number: 4, Generation: 2})
	},
	"seats: one that is given up while the feed is away is filled when it is back": func(w *world) {
		room, waits := w.room()
		w.join("m7", "film")

		step, err := w.queue.Leave(context.Background(), waits[3].Member, waits[3].Turn, matchapi.ReasonCancelled,
			&match.Seat{RoomID: room.RoomID, Number: 4, Generation: 1})

		w.ok(err)
		w.noMore("away", step.Made)
		w.equal("back", membersOf(w.liveWithFeed(2*time.Second)), []string{"m7"})
	},
	"seats: one that could not be given on is offered to another": func(w *world) {
		w.room()
		w.liveWithFeed(25 * time.Second)
		made := w.join("m7", "film").Made

		step, err := w.queue.PutBack(context.Background(), made.ID, match.Refusal{Seat: match.SeatMet})
		w.ok(err)

		w.noMore("not to the same", step.Made)
		w.equal("who waits again", w.touch("m7").State.Kind, matchapi.Waiting)
		w.equal("the next", membersOf(w.join("m8", "film").Made), []string{"m8"})
	},
	"seats: of an old room are not offered any more": func(w *world) {
		w.room()
		w.liveWithFeed(16 * time.Minute)

		w.noMore("join", w.join("m7", "film").Made)
	},
	"seats: are known again after the queue lost its data": func(w *world) {
		room, _ := w.room()
		w.ok(w.rdb.FlushAll(context.Background()).Err())
		w.sweep()

		w.ok(w.queue.Register(context.Background(), match.Vacant{Match: match.Match{Room: room, Seat: 2, Generation: 1}}))
		w.liveWithFeed(25 * time.Second)

		made := w.join("m7", "film").Made
		w.equal("seat", *made.Seat, match.Seat{RoomID: room.RoomID, Number: 2, Generation: 2})
	},
	"seats: one that was given up, of which the queue did not hear, is its holder's no more": func(w *world) {
		room, _ := w.room()
		vacant := match.Vacant{Match: match.Match{Room: room, Seat: 2, Generation: 1}, GivenUp: true}

		w.ok(w.queue.Register(context.Background(), vacant))

		w.equal("known", w.touch(room.Seats[1].MemberID).Known, false)
		w.equal("others", w.touch(room.Seats[2].MemberID).State.Kind, matchapi.Matched)
	},
	"seats: six who wait make a room of their own where none is free": func(w *world) {
		w.room()
		w.equal("six", len(membersOf(w.joinAll("film", "m7", "m8", "m9", "ma", "mb", "mc").Made)), 6)
	},

	"second choices count after 30 s": func(w *world) {
		w.join("m1", "film", "other", "third")
		w.joinAll("other", "m2", "m3", "m4", "m5", "m6")
		w.live(29 * time.Second)
		w.equal("before", w.touch("m1").State.Waiting.MovieIDs, []string{"film"})
		for _, m := range six[1:] {
			w.touch(m)
		}
		w.pass(time.Second)

		made := w.sweep().Made

		w.equal("film", made.MovieID, "other")
		w.equal("longest waiting first", membersOf(made), six)
		w.equal("left the first choice", w.count("film"), 0)
		w.equal("left the third", w.count("third"), 0)
	},
	"second choices are shown once they count": func(w *world) {
		w.join("m1", "film", "other")
		w.pass(30 * time.Second)

		st := w.touch("m1").State

		w.equal("movieIds", st.Waiting.MovieIDs, []string{"film", "other"})
		w.equal("counted for the other", w.count("other"), 1)
	},

	"feed: entries are handed over in order, once, and remembered": func(w *world) {
		for i := 1; i <= 3; i++ {
			w.say(matchapi.Entry{Kind: matchapi.KindEntered, EntryID: fmt.Sprint(i), RoomID: "r", Seat: i, Generation: 1, MemberID: "m", At: w.now})
		}
		heard := w.hear()
		w.equal("heard", len(heard), 3)
		w.equal("first", heard[0].EntryID, "1")

		w.equal("again", len(w.hear()), 0)
	},
	"feed: what could not be handled comes again": func(w *world) {
		for i := 1; i <= 3; i++ {
			w.say(matchapi.Entry{Kind: matchapi.KindEntered, EntryID: fmt.Sprint(i), RoomID: "r", Seat: i, Generation: 1, MemberID: "m", At: w.now})
			w.say(matchapi.Entry{Kind: matchapi.KindHeartbeat, EntryID: "beat", At: w.now})
		}
		away := errors.New("away")
		for _, done := range []int{0, 1} {
			handled, more, err := w.queue.Entries(context.Background(), func([]matchapi.Entry) (int, error) { return done, away })

			w.equal("handled", handled, done)
			w.equal("more", more, false)
			w.equal("error", errors.Is(err, away), true)
		}

		heard := w.hear()
		w.equal("comes again", len(heard), 2)
		w.equal("from the first that failed", heard[0].EntryID, "2")
	},
	"feed: what is no entry is passed over and told": func(w *world) {
		w.ok(w.rdb.XAdd(context.Background(), &redis.XAddArgs{Stream: w.feed, Values: []string{"kind", "nonsense"}}).Err())
		w.say(matchapi.Entry{Kind: matchapi.KindEntered, EntryID: "1", RoomID: "r", Seat: 1, Generation: 1, MemberID: "m", At: w.now})

		handled, _, err := w.queue.Entries(context.Background(), func(all []matchapi.Entry) (int, error) { return len(all), nil })

		w.equal("handled", handled, 1)
		w.equal("told", err != nil, true)
		w.equal("passed over", len(w.hear()), 0)
	},
	"feed and audit are one node's turn each": func(w *world) {
		w.pass(11 * time.Second)

		first, second := w.sweep(), w.sweep()

		w.equal("first", []bool{first.Feed, first.Audit}, []bool{true, true})
		w.equal("second", []bool{second.Feed, second.Audit}, []bool{false, false})
	},

	"compare: what the store does not have open is forgotten": func(w *world) {
		w.join("m1", "film")
		kept := w.wait("m2", "film")
		w.rejoin(kept, match.Asked)
		w.pass(11 * time.Second)

		d, err := w.queue.Compare(context.Background(), 0, 1<<62, []match.Wait{kept})

		w.ok(err)
		w.equal("missing", d.Missing, []string(nil))
		w.equal("stray", w.touch("m1").Known, false)
		w.equal("kept", w.touch("m2").State.Waiting.Place, 1)
	},
	"compare: a wait that has just come is left alone": func(w *world) {
		w.join("m1", "film")

		_, err := w.queue.Compare(context.Background(), 0, 1<<62, nil)

		w.ok(err)
		w.equal("known", w.touch("m1").Known, true)
	},
	"compare: an older wait is forgotten for the one the store has": func(w *world) {
		w.join("m1", "film")
		newer := w.wait("m1", "other")

		_, err := w.queue.Compare(context.Background(), 0, 1<<62, []match.Wait{newer})

		w.ok(err)
		w.equal("known", w.touch("m1").Known, false)
		w.equal("queue", w.count("film"), 0)
	},
	"compare: tells what is missing and what has expired": func(w *world) {
		gone := w.wait("m1", "film")
		w.rejoin(gone, match.Asked)
		w.live(76 * time.Second)
		missing := w.wait("m2", "film")

		d, err := w.queue.Compare(context.Background(), 0, 1<<62, []match.Wait{gone, missing})

		w.ok(err)
		w.equal("missing", d.Missing, []string{missing.JoinID})
		w.equal("expired", d.Expired, []string{gone.JoinID})
		w.equal("resumed", d.Resumed.UTC(), epoch)
	},
	"compare: looks only at its own range": func(w *world) {
		w.join("m1", "film")
		w.join("m2", "film")
		w.join("m3", "film")
		w.pass(11 * time.Second)

		_, err := w.queue.Compare(context.Background(), 1, 2, nil)

		w.ok(err)
		w.equal("below", w.touch("m1").Known, true)
		w.equal("inside", w.touch("m2").Known, false)
		w.equal("above", w.touch("m3").Known, true)
	},

	"seats: two gifts in one room that are settled the other way round": func(w *world) {
		room, _ := w.room()
		w.liveWithFeed(25 * time.Second)
		first, second := w.join("m7", "film").Made, w.join("m8", "film").Made
		early := w.withHolder(room, first)
		w.give(w.withHolder(early, second), second)
		heard := newListener(w)

		w.give(early, first) // whose room does not know of the second yet

		told := map[string]match.State{}
		for len(told) == 0 {
			if n := heard.hear(1)[0]; n.memberID == "m7" && n.news.State != nil {
				told["m7"] = *n.news.State
			}
		}
		w.equal("told of both", told["m7"].Match.Room.Seats, w.touch("m7").State.Match.Room.Seats)
		w.equal("the second", told["m7"].Match.Room.Seats[second.Seat.Number-1].MemberID, "m8")
	},
	"seats: one that is given up before its room is shown is offered at once": func(w *world) {
		made := w.joinAll("film", six...).Made
		w.liveWithFeed(time.Second)
		gone := made.Members[3]
		_, err := w.queue.Leave(context.Background(), gone.Member, gone.Turn, matchapi.ReasonCancelled,
			&match.Seat{RoomID: made.ID, Number: 4, Generation: 1})
		w.ok(err)

		w.settle(made)
		w.liveWithFeed(2 * time.Second)

		taker := w.join("m7", "film").Made
		w.equal("taker", membersOf(taker), []string{"m7"})
		w.equal("seat", taker.Seat.Number, 4)
	},
	"eta: unknown at first, then from the rate of arrivals": func(w *world) {
		w.equal("first", w.join("m1", "film").State.Waiting.ETASeconds == nil, true)
		w.pass(10 * time.Second)
		w.join("m2", "film")
		w.pass(10 * time.Second)

		st := w.join("m3", "film").State // one every ten seconds, three are missing

		if st.Waiting.ETASeconds == nil || *st.Waiting.ETASeconds < 25 || *st.Waiting.ETASeconds > 35 {
			w.Errorf("eta: got %v, want about 30", st.Waiting.ETASeconds)
		}
	},
	"eta: coming back is no arrival": func(w *world) {
		for range 5 {
			w.join("m1", "film")
			w.pass(time.Second)
		}
		w.equal("eta", w.touch("m1").State.Waiting.ETASeconds == nil, true)
	},
}
