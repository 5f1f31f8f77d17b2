package store_test

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

func init() { maps.Copy(behaviours, seatBehaviours) }

// offer is seat 1 of a room, given on to a new waiter.
func (w *world) offer(made match.Made, generation int, taker string) match.Made {
	w.Helper()
	return match.Made{
		ID: "offer-" + taker, MovieID: made.MovieID, At: epoch.Add(2 * time.Minute),
		Members: []match.Wait{w.open(w.ask(taker, epoch.Add(time.Minute), made.MovieID)).Wait},
		Seat:    &match.Seat{RoomID: made.ID, Number: 1, Generation: generation},
	}
}

func (w *world) giveOn(made match.Made) (matchapi.Room, *match.Refusal) {
	w.Helper()
	room, refused, err := w.store.GiveOn(ctx, made)
	w.ok(err)
	return room, refused
}

func (w *world) enter(made match.Made, generation int, member string) match.Entered {
	w.Helper()
	e, err := w.store.Enter(ctx, matchapi.Entry{
		Kind: matchapi.KindEntered, RoomID: made.ID, Seat: 1, Generation: generation, MemberID: member, At: epoch.Add(3 * time.Minute),
	}, epoch.Add(4*time.Minute), func() string { w.joins++; return fmt.Sprintf("join-%d", w.joins) })
	w.ok(err)
	return e
}

// made makes a room of a to f.
func (w *world) made() match.Made {
	w.Helper()
	m := w.six("jaws-1975", names...)
	w.make(m)
	return m
}

var seatBehaviours = map[string]func(*world){
	"a seat is given on with the next generation": func(w *world) {
		made := w.made()

		room, refused := w.giveOn(w.offer(made, 2, "g"))

		w.equal("refused", refused == nil, true)
		w.equal("room shows the new holder", room.Seats[0].MemberID, "g")
		st := w.last("g")
		w.equal("outcome", st.Outcome, match.OutcomeMatched)
		w.equal("generation", st.Match.Generation, 2)
		w.equal("former holder", w.last("a").Outcome, match.OutcomeGivenAway)
		w.equal("their rooms", len(w.roomsOf("a")), 0)
		w.equal("may wait again", w.open(w.ask("a", epoch, "jaws-1975")).Match == nil, true)
	},
	"giving the same seat on twice is once": func(w *world) {
		made := w.made()
		offer := w.offer(made, 2, "g")
		w.giveOn(offer)

		_, refused := w.giveOn(offer)

		w.equal("refused", refused == nil, true)
		w.equal("rooms of g", len(w.roomsOf("g")), 1)
	},
	"a seat is not given on to one who has left": func(w *world) {
		made := w.made()
		offer := w.offer(made, 2, "g")
		_, err := w.store.Leave(ctx, "g", epoch)
		w.ok(err)

		_, refused := w.giveOn(offer)

		w.equal("lost", refused.Lost, []string{offer.Members[0].JoinID})
		w.equal("seat", refused.Seat, match.SeatOpen)
		w.equal("holder keeps it", w.last("a").Outcome, match.OutcomeMatched)
	},
	"a seat is not given on once it was entered, or given to another": func(w *world) {
		made := w.made()
		first, second := w.offer(made, 2, "g"), w.offer(made, 2, "h")
		w.giveOn(first)
		_, refused := w.giveOn(second)
		w.equal("given to another", refused.Seat, match.SeatGone)

		w.enter(made, 2, "g")
		_, refused = w.giveOn(w.offer(made, 3, "i"))
		w.equal("entered", refused.Seat, match.SeatGone)
		w.equal("who asked still waits", w.last("i").Outcome, "")
	},
	"nobody is given a seat in a room they were in": func(w *world) {
		made := w.made()
		w.giveOn(w.offer(made, 2, "g"))

		_, refused := w.giveOn(w.offer(made, 3, "a"))

		w.equal("seat", refused.Seat, match.SeatMet)
	},
	"a seat that was given up is given on, and its leaver stays cancelled": func(w *world) {
		made := w.made()
		_, err := w.store.Leave(ctx, "a", epoch)
		w.ok(err)

		_, refused := w.giveOn(w.offer(made, 2, "g"))

		w.equal("refused", refused == nil, true)
		w.equal("leaver", w.last("a").Outcome, match.OutcomeCancelled)
	},
	"who enters is seated for good, and may wait anew": func(w *world) {
		made := w.made()

		e := w.enter(made, 1, "a")

		w.equal("seated", e.Seated.Wait.JoinID, made.Members[0].JoinID)
		w.equal("returned", len(e.Returned), 0)
		w.equal("entered", w.last("a").Match.Entered, true)
		w.equal("new wait", w.open(w.ask("a", epoch, "jaws-1975")).Match == nil, true)
		w.equal("keeps the room", len(w.roomsOf("a")), 1)
	},
	"seats given to nobody else are entered together, the others are left to be asked for": func(w *world) {
		alone, contested := w.made(), w.six("alien-1979", "h", "i", "j", "k", "l", "m")
		w.make(contested)
		w.giveOn(w.offer(contested, 2, "g"))
		of := func(made match.Made, number, generation int, member string) matchapi.Entry {
			return matchapi.Entry{Kind: matchapi.KindEntered, RoomID: made.ID, Seat: number, Generation: generation, MemberID: member, At: epoch.Add(3 * time.Minute)}
		}
		left := of(alone, 3, 1, "c")
		left.Kind = matchapi.KindLeft
		entries := []matchapi.Entry{
			of(alone, 1, 1, "a"), of(contested, 1, 2, "g"), of(alone, 2, 1, "b"), of(contested, 2, 1, "i"), left,
			of(alone, 4, 1, "somebody else"), of(alone, 4, 2, "d"), {Kind: matchapi.KindEntered, RoomID: "unknown", Seat: 1, Generation: 1, MemberID: "a"},
			of(alone, 1, 1, "a"),
		}
		for range 2 { // the feed repeats itself
			results, err := w.store.EnterAll(ctx, entries)
			w.ok(err)
			var seated []string
			for _, r := range results {
				name := ""
				if r.Seated != nil {
					name = r.Seated.Wait.Member.ID
				}
				seated = append(seated, name)
			}
			w.equal("seated", seated, []string{"a", "", "b", "i", "", "", "", "", "a"})
			single := w.enter(alone, 1, "a")
			w.equal("seat as when asked alone", *results[0].Seated, *single.Seated)
			w.equal("room as when asked alone", results[0].Room, single.Room)
		}
		w.equal("a is inside", w.last("a").Match.Entered, true)
		w.equal("i is inside", w.last("i").Match.Entered, true)
		w.equal("g is not", w.last("g").Match.Entered, false)
		w.equal("c is not", w.last("c").Match.Entered, false)
		w.equal("d is not", w.last("d").Match.Entered, false)
	},
	"a seat that was given up is not entered with others": func(w *world) {
		made := w.made()
		_, err := w.store.Leave(ctx, "a", epoch)
		w.ok(err)

		results, err := w.store.EnterAll(ctx, []matchapi.Entry{{Kind: matchapi.KindEntered, RoomID: made.ID, Seat: 1, Generation: 1, MemberID: "a", At: epoch}})

		w.ok(err)
		w.equal("to be asked for", results[0].Seated == nil, true)
	},
	"leaving after entering keeps the room and ends the match": func(w *world) {
		made := w.made()
		w.enter(made, 1, "a")

		before, err := w.store.Leave(ctx, "a", epoch)

		w.ok(err)
		w.equal("before", before.Match.Entered, true)
		w.equal("outcome", w.last("a").Outcome, match.OutcomeCancelled)
		w.equal("keeps the room", len(w.roomsOf("a")), 1)
	},
	"who finds the seat taken gets the old place back, once": func(w *world) {
		made := w.made()
		offer := w.offer(made, 2, "g")
		w.giveOn(offer)

		for range 2 { // the feed repeats itself
			e := w.enter(made, 1, "a")

			w.equal("seated", e.Seated.Wait.Member.ID, "a")
			w.equal("returned", len(e.Returned), 1)
			back := e.Returned[0]
			w.equal("who", back.Member.ID, "g")
			w.equal("place", back.JoinedAt, offer.Members[0].JoinedAt)
			w.equal("asked", back.AskedAt, epoch.Add(4*time.Minute))
			w.equal("a wait of its own", back.JoinID != offer.Members[0].JoinID, true)
		}
		w.equal("first is matched again", w.last("a").Outcome, match.OutcomeMatched)
		w.equal("room of a", w.roomsOf("a")[0].Room.Seats[0].MemberID, "a")
		w.equal("rooms of g", len(w.roomsOf("g")), 0)
	},
	"who moved on after losing the seat and enters all the same keeps both": func(w *world) {
		made := w.made()
		w.giveOn(w.offer(made, 2, "g"))
		w.open(w.ask("a", epoch, "jaws-1975"))

		w.enter(made, 1, "a")

		w.equal("new wait stands", w.last("a").Outcome, "")
		w.equal("room", len(w.roomsOf("a")), 1)
	},
	"entries that speak of no seat of ours change nothing": func(w *world) {
		made := w.made()

		w.equal("another member", w.enter(made, 1, "zz").Seated == nil, true)
		w.equal("another generation", w.enter(made, 7, "a").Seated == nil, true)
		w.equal("another room", w.enter(match.Made{ID: "none"}, 1, "a").Seated == nil, true)
		w.equal("a", w.last("a").Match.Entered, false)
	},
	"who leaves a room after entering has no match and no room there, whatever comes again": func(w *world) {
		made := w.made()
		e := matchapi.Entry{Kind: matchapi.KindLeft, RoomID: made.ID, Seat: 1, Generation: 1, MemberID: "a", At: epoch}
		for range 2 { // at least once
			left, err := w.store.Left(ctx, e)
			w.ok(err)
			w.equal("whose wait", left.JoinID, made.Members[0].JoinID)
			w.enter(made, 1, "a")
		}

		w.equal("outcome", w.last("a").Outcome, match.OutcomeLeft)
		w.equal("rooms", len(w.roomsOf("a")), 0)
		w.equal("others", len(w.roomsOf("b")), 1)
		e.Generation = 2
		unknown, err := w.store.Left(ctx, e)
		w.ok(err)
		w.equal("of no seat of ours", unknown.Turn, int64(0))
	},
	"seats nobody entered are listed, the last generation only": func(w *world) {
		made := w.made()
		w.giveOn(w.offer(made, 2, "g"))

		_, err := w.store.Leave(ctx, "c", epoch)
		w.ok(err)

		vacant, err := w.store.Unentered(ctx, epoch, epoch.Add(time.Hour), "", 10)

		w.ok(err)
		w.equal("seats", len(vacant), 6)
		for _, v := range vacant {
			w.equal(fmt.Sprint("generation of seat ", v.Seat), v.Generation, map[bool]int{true: 2, false: 1}[v.Seat == 1])
			w.equal(fmt.Sprint("seat given up: ", v.Seat), v.GivenUp, v.Room.Seats[v.Seat-1].MemberID == "c")
		}
		var paged []match.Vacant
		for given, joinID := epoch.Add(time.Hour), ""; ; {
			page, err := w.store.Unentered(ctx, epoch, given, joinID, 4)
			w.ok(err)
			paged = append(paged, page...)
			if len(page) < 4 {
				break
			}
			given, joinID = page[3].GivenAt, page[3].JoinID
		}
		w.equal("in pages", paged, vacant)
		young, err := w.store.Unentered(ctx, epoch, epoch, "", 10)
		w.ok(err)
		w.equal("too young", len(young), 0)
	},
	"open waits are listed by turn, a page at a time": func(w *world) {
		for _, m := range names {
			w.open(w.ask(m, epoch, "jaws-1975"))
		}
		_, err := w.store.Leave(ctx, "b", epoch)
		w.ok(err)

		first, err := w.store.OpenWaits(ctx, 0, 3)
		w.ok(err)
		rest, err := w.store.OpenWaits(ctx, first[2].Turn, 10)
		w.ok(err)

		var got []string
		for _, wt := range append(first, rest...) {
			got = append(got, wt.Member.ID)
		}
		w.equal("members", got, []string{"a", "c", "d", "e", "f"})
	},
	"a seat entered and given on at the same moment has one holder": func(w *world) {
		made := w.made()
		offer := w.offer(made, 2, "g")
		var wg sync.WaitGroup
		var refused *match.Refusal
		wg.Go(func() { _, refused = w.giveOn(offer) })
		wg.Go(func() { w.enter(made, 1, "a") })
		wg.Wait()

		w.equal("a holds it", w.last("a").Outcome, match.OutcomeMatched)
		w.equal("g waits", w.last("g").Outcome, "")
		w.equal("either way", refused == nil || refused.Seat == match.SeatGone, true)
	},
}
