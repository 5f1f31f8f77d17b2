package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
)

const (
	jaws = "jaws-1975"
	pulp = "pulp-fiction-1994"
)

func TestQueue_sixMembersAreToldOfOneRoom(t *testing.T) {
	w := newWorld(t)
	members := w.members(6)
	var streams []*events
	for i, m := range members[:5] {
		s := w.join(m, jaws)
		w.equal("state", s.State, matchapi.Waiting)
		w.equal("place", s.Place, i+1)
		streams = append(streams, w.events(m))
	}
	streams[0].until("five are seated", func(s matchapi.State) bool {
		return s.State == matchapi.Waiting && s.Waiting == 5 && len(s.Seated) == 5
	})

	last := w.join(members[5], jaws)

	w.equal("the sixth sees it at once", last.State, matchapi.Matched)
	for i, e := range streams {
		s := e.until("matched", isMatched)
		w.equal("room", s.Room, last.Room)
		w.equal("seat", s.Seat, i+1)
		w.equal("generation", s.Generation, 1)
	}
	w.equal("title", last.Room.Title, "Jaws")
	w.equal("seats", len(last.Room.Seats), 6)
	rooms := call[matchapi.MyRooms](w, "GET", "/match/rooms", members[2].Token, "")
	w.equal("rooms", len(rooms.Items), 1)
	w.equal("room", rooms.Items[0].Room, last.Room)
}

func TestQueue_aTicketVerifiesWithThePublishedKeys(t *testing.T) {
	w := newWorld(t)
	members := w.members(6)
	var last matchapi.State
	for _, m := range members {
		last = w.join(m, jaws)
	}
	keys, err := token.NewStatic(call[token.KeySet](w, "GET", "/match/.well-known/jwks.json", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	verifier := token.NewVerifier(keys, time.Now)

	ticket, err := verifier.Ticket(context.Background(), last.Ticket)

	if err != nil {
		t.Fatal(err)
	}
	w.equal("member", ticket.MemberID, members[5].MemberID)
	w.equal("name", ticket.Nickname, "user6")
	w.equal("room", ticket.Room, last.Room)
	w.equal("seat", ticket.Seat, 6)
	w.equal("generation", ticket.Generation, 1)
	if _, err := verifier.Member(context.Background(), last.Ticket); err == nil {
		t.Error("a ticket was taken for a member token")
	}
}

func TestQueue_oneMemberHasOnePlace(t *testing.T) {
	w := newWorld(t)
	m := w.member("ada")

	first := w.join(m, jaws)
	again := w.join(m, jaws)
	w.equal("same place", again.JoinedAt, first.JoinedAt)
	w.equal("counted once", again.Waiting, 1)

	moved := w.join(m, pulp)
	w.equal("moved", moved.MovieID, pulp)
	w.equal("left the other", call[matchapi.Movie](w, "GET", "/match/movies/"+jaws, "", "").Waiting, 0)
	w.equal("counts for this", call[matchapi.Movie](w, "GET", "/match/movies/"+pulp, "", "").Waiting, 1)
}

func TestQueue_leavingSaysWhatWasEnded(t *testing.T) {
	w := newWorld(t)
	members := w.members(6)
	leave := func(m matchapi.Member) matchapi.Left {
		return call[matchapi.Left](w, "DELETE", "/match/queue", m.Token, "")
	}

	w.equal("nothing", leave(members[0]).Ended, matchapi.Idle)
	w.join(members[0], jaws)
	w.equal("a wait", leave(members[0]).Ended, matchapi.Waiting)
	w.equal("reason", w.state(members[0]).Reason, matchapi.ReasonCancelled)

	for _, m := range members {
		w.join(m, jaws)
	}
	left := leave(members[0])
	w.equal("a match", left.Ended, matchapi.Matched)
	w.equal("its room", left.Room.MovieID, jaws)
	w.equal("idle", w.state(members[0]).State, matchapi.Idle)
	w.equal("nothing again", leave(members[0]).Ended, matchapi.Idle)
	w.equal("no room", len(call[matchapi.MyRooms](w, "GET", "/match/rooms", members[0].Token, "").Items), 0)
}

func TestQueue_aMatchNotEnteredIsGivenAgain(t *testing.T) {
	w := newWorld(t)
	members := w.members(6)
	for _, m := range members {
		w.join(m, jaws)
	}

	again := w.join(members[0], pulp)

	w.equal("state", again.State, matchapi.Matched)
	w.equal("room", again.Room.MovieID, jaws)
}

// TestQueue_manyAtOnceAreSeatedExactlyOnce is the crowd of a film night: 72 members, three films, all at once.
func TestQueue_manyAtOnceAreSeatedExactlyOnce(t *testing.T) {
	w := newWorld(t)
	films := []string{jaws, pulp, "the-dark-knight-2008"}
	members := w.members(72)
	var wg sync.WaitGroup
	for i, m := range members {
		wg.Go(func() {
			if r := w.do("PUT", "/match/queue", m.Token, `{"movieId":"`+films[i%3]+`"}`); r.status != http.StatusOK {
				t.Errorf("join: %s", r)
			}
		})
	}
	wg.Wait()

	rooms, seated := map[string]matchapi.Room{}, map[string]string{}
	for i, m := range members {
		s := w.state(m)
		if s.State != matchapi.Matched {
			e := w.events(m)
			s = e.until("matched", isMatched)
			e.close()
		}
		w.equal("film", s.Room.MovieID, films[i%3])
		rooms[s.Room.RoomID] = s.Room
	}
	w.equal("rooms", len(rooms), 12)
	for id, r := range rooms {
		w.equal("seats", len(r.Seats), 6)
		for _, seat := range r.Seats {
			if other, twice := seated[seat.MemberID]; twice {
				t.Errorf("%s sits in %s and %s", seat.MemberID, other, id)
			}
			seated[seat.MemberID] = id
		}
	}
}

func TestEvents_tellTwoTabsTheSame(t *testing.T) {
	w := newWorld(t)
	m := w.member("ada")
	one, two := w.events(m), w.events(m)
	for _, e := range []*events{one, two} {
		e.until("idle first", func(s matchapi.State) bool { return s.State == matchapi.Idle })
	}

	w.join(m, jaws)

	for _, e := range []*events{one, two} {
		e.until("waiting", func(s matchapi.State) bool { return s.State == matchapi.Waiting })
	}
}

func TestEvents_areEventStreams(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	resp, err := w.request(ctx, "GET", "/match/queue/events", w.member("ada").Token, "")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	w.equal("type", resp.Header.Get("Content-Type"), "text/event-stream")
	w.equal("cache", resp.Header.Get("Cache-Control"), "no-store")
	first := make([]byte, 64)
	n, err := resp.Body.Read(first)
	if err != nil || string(first[:n]) != "event: state\ndata: {\"state\":\"idle\"}\n\n" {
		t.Errorf("first event: %q, %v", first[:n], err)
	}
}

func TestRun_drainsStreamsAndForgetsNobody(t *testing.T) {
	w := newWorld(t)
	m := w.member("ada")
	w.join(m, jaws)
	e := w.events(m)

	if err := w.stop(); err != nil {
		t.Fatal(err)
	}

	e.ended()
}

func TestMembers_areRenewedAsThemselves(t *testing.T) {
	w := newWorld(t)
	m := w.member("  Ame\\u0301lie ")
	w.equal("nickname", m.Nickname, "Amélie")

	again := call[matchapi.Member](w, "POST", "/match/members/me/token", m.Token, "")

	w.equal("id", again.MemberID, m.MemberID)
	w.equal("nickname", again.Nickname, m.Nickname)
	if d := time.Until(again.ExpiresAt.Time); d < 23*time.Hour || d > 24*time.Hour {
		t.Errorf("expires in %v, want 24h", d)
	}
}

func TestMembers_anEndedTokenRenewsFor30DaysAndDoesNothingElse(t *testing.T) {
	w := newWorld(t)
	ended := tokenAt(t, time.Now().Add(-25*time.Hour))
	forgotten := tokenAt(t, time.Now().Add(-32*24*time.Hour))

	w.equal("renewed", w.do("POST", "/match/members/me/token", ended, "").status, http.StatusOK)
	kind, _ := w.do("GET", "/match/queue", ended, "").problem()
	w.equal("queue", kind, "token-expired")
	kind, _ = w.do("POST", "/match/members/me/token", forgotten, "").problem()
	w.equal("too late", kind, "token-expired")
}

// tokenAt is a member token that was signed at another time.
func tokenAt(t *testing.T, at time.Time) string {
	t.Helper()
	s, err := token.NewSigner(signingKey, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := s.Member("m-1", "ada")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestMovies_pageThroughTheCatalogue(t *testing.T) {
	w := newWorld(t)
	seen, path := map[string]bool{}, "/match/movies?sort=title&limit=100"
	for next := ""; ; {
		page := call[matchapi.Movies](w, "GET", path+next, "", "")
		for _, m := range page.Items {
			seen[m.MovieID] = true
		}
		if page.NextCursor == "" {
			break
		}
		next = "&cursor=" + page.NextCursor
	}
	w.equal("films", len(seen), 1269)
}

func TestMovies_areShownAsTheContractSays(t *testing.T) {
	w := newWorld(t)
	first := call[matchapi.Movies](w, "GET", "/match/movies?q=nolan&genre=action&yearFrom=2000&yearTo=2012&limit=1", "", "").Items[0]

	minutes := 152
	want := matchapi.Movie{
		MovieID: "the-dark-knight-2008", Title: "The Dark Knight", ReleaseYear: 2008, Director: "Christopher Nolan",
		Genre: "Action", RunningTimeMin: &minutes, Rating: 8.9,
	}
	w.equal("film", fmt.Sprintf("%+v %d", withoutPointer(first), *first.RunningTimeMin), fmt.Sprintf("%+v %d", withoutPointer(want), minutes))
	w.equal("default page", len(call[matchapi.Movies](w, "GET", "/match/movies", "", "").Items), 20)
	w.equal("no match", string(w.do("GET", "/match/movies?q=zzzzzz", "", "").body), `{"items":[]}`)
}

func withoutPointer(m matchapi.Movie) matchapi.Movie {
	m.RunningTimeMin = nil
	return m
}

func TestOperations_healthReadinessAndMetrics(t *testing.T) {
	w := newWorld(t)
	w.join(w.member("ada"), jaws)

	w.equal("public health", w.do("GET", "/match/healthz", "", "").status, http.StatusOK)
	w.equal("page", w.do("GET", "/match/", "", "").status, http.StatusOK)
	w.equal("redirect", w.do("GET", "/match", "", "").header.Get("Location"), "/match/")
	admin := &world{T: t, url: w.adminURL, adminURL: w.adminURL}
	w.equal("ready", admin.do("GET", "/readyz", "", "").status, http.StatusOK)
	if m := string(admin.do("GET", "/metrics", "", "").body); !strings.Contains(m, "match_joins_total 1") {
		t.Errorf("metrics do not count the join:\n%s", m)
	}
}
