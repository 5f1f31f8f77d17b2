package scene

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
)

const (
	queuePath  = "/match/queue"
	eventsPath = "/match/queue/events"
)

// match: members join the queue at a rate, each with an event stream open, each for one of a
// few films by chance, and wait to be told of their room.
func (s *stage) match(ctx context.Context) error {
	s.measured = &s.meter.Told
	films, err := s.catalogue(ctx)
	if err != nil {
		return err
	}
	perSecond := s.Rates[0]
	people, err := s.people(ctx, int(perSecond*s.Duration.Seconds()))
	if err != nil {
		return err
	}
	playing, end := context.WithCancel(ctx)
	defer end()
	s.step(ctx, fmt.Sprintf("%g/s", perSecond), perSecond, func() {
		// Streams open a while before the PUT, so that only the PUT and its echo are measured.
		pace.Steady(ctx, time.Now(), perSecond, len(people), func(i int, due time.Time) {
			if s.meter.Open.Load() >= int64(s.Connections) {
				s.meter.Fail("join", fmt.Errorf("%d wait already, as many as -connections allows", s.Connections))
				return
			}
			s.lines.Go(func() { s.wait(playing, people[i], films[rand.N(len(films))], 2*i, due.Add(streamLead)) })
		})
		s.awaitFor(ctx, 2*streamLead, func() bool { return s.joined.Load() >= s.meter.Sent.Load() })
	})
	s.phase.Store("settle")
	s.awaitFor(ctx, s.Patience, func() bool { return s.answered.Load() == s.joined.Load() && s.matches.Settled() })
	end()
	s.lines.Wait()
	s.measure("refills", float64(s.matches.Refills))
	return ctx.Err()
}

// catalogue is the ids of the films to wait for.
func (s *stage) catalogue(ctx context.Context) (films []string, err error) {
	conn, err := s.Match.HTTP(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var page matchapi.Movies
	if err := conn.Do(http.MethodGet, fmt.Sprintf("/match/movies?limit=%d", s.Films), "", nil, &page); err != nil {
		return nil, err
	}
	for _, m := range page.Items {
		films = append(films, m.MovieID)
	}
	if len(films) < s.Films {
		return nil, fmt.Errorf("-films is %d, and the catalogue has %d", s.Films, len(films))
	}
	return films, nil
}

// people are n new members, signed in one by one as people are.
func (s *stage) people(ctx context.Context, n int) ([]matchapi.Member, error) {
	s.say("signs %d members in", n)
	people := make([]matchapi.Member, n)
	return people, prepare(ctx, func(int) line.Target { return s.Match }, n, func(conn *line.HTTP, i int) (err error) {
		return conn.Do(http.MethodPost, "/match/members", "", matchapi.NewMember{Nickname: fmt.Sprintf("user%d", i+1)}, &people[i])
	})
}

// wait is one member from the stream to the room.
func (s *stage) wait(ctx context.Context, me matchapi.Member, film string, number int, due time.Time) {
	s.meter.Open.Add(1)
	s.meter.Sent.Add(1)
	defer s.meter.Open.Add(-1)
	state, err := s.queue(ctx, me, film, number, due)
	if err == nil {
		s.meter.Delivered.Add(1)
	}
	switch {
	case err != nil && ctx.Err() != nil && !errors.Is(err, errNotJoined):
		s.withdraw(me, number) // the end: whoever still waits must not wait for the next run
	case err != nil:
		s.matches.GaveUp(me.MemberID)
		s.meter.Fail("join", err)
	case s.Enter:
		// Whoever was told enters, also when the run ends meanwhile.
		if _, err := s.enter(context.WithoutCancel(ctx), me, state.Ticket, number); err != nil {
			s.meter.Fail("enter", err)
		}
	}
}

// errNotJoined is a PUT that was refused or not answered, also when the run has ended by then.
var errNotJoined = errors.New("PUT " + queuePath)

var isMatched = []byte(`"state":"matched"`)

// queue joins the queue at due and waits on an event stream until the member is told of a
// room, or ctx ends.
func (s *stage) queue(ctx context.Context, me matchapi.Member, film string, number int, due time.Time) (*matchapi.MatchedState, error) {
	stream, err := s.stream(ctx, me, number)
	if err != nil {
		return nil, err
	}
	defer func() { stream.Close() }() // the last of them
	select {
	case <-time.After(time.Until(due)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	put, err := s.puts.Take(ctx, number+1)
	if err != nil {
		return nil, err
	}
	s.meter.Late.Record(time.Since(due))
	s.matches.Join(me.MemberID, film, due)
	s.joined.Add(1)
	if err := put.Write(http.MethodPut, queuePath, me.Token, matchapi.Join{MovieID: film}); err != nil {
		put.Close()
		s.answered.Add(1)
		return nil, fmt.Errorf("%w: %w", errNotJoined, err)
	}
	// The answer is read beside the stream: each may be first.
	var answering sync.WaitGroup
	var refused error
	answering.Go(func() {
		defer s.answered.Add(1)
		if err := put.Read(nil); err != nil {
			put.Close()
			refused = fmt.Errorf("%w: %w", errNotJoined, err)
			stream.Interrupt()
			return
		}
		s.meter.Join.Record(time.Since(due))
		s.puts.Give(put)
	})
	short := 0
	for {
		asked := time.Now()
		state, err := s.follow(ctx, me, stream)
		if time.Since(asked) < shortStream {
			short++
		}
		if errors.Is(err, io.EOF) && short <= mostShort && ctx.Err() == nil && refusedBy(&answering, &refused) == nil {
			// A stream lives for two minutes and ends in order; then the client asks for another.
			var fresh *line.HTTP
			if fresh, err = s.stream(ctx, me, number); err == nil {
				stream.Close()
				stream = fresh
				continue
			}
		}
		answering.Wait()
		return state, errors.Join(refused, err)
	}
}

// refusedBy waits for the answer to the PUT and returns what was wrong with it.
func refusedBy(answering *sync.WaitGroup, refused *error) error {
	answering.Wait()
	return *refused
}

func (s *stage) stream(ctx context.Context, me matchapi.Member, number int) (*line.HTTP, error) {
	stream, err := s.Match.HTTP(ctx, number)
	if err != nil {
		return nil, err
	}
	if err := stream.Ask(eventsPath, me.Token); err != nil {
		stream.Close()
		return nil, err
	}
	return stream, nil
}

// follow reads an event stream until it tells of a room.
func (s *stage) follow(ctx context.Context, me matchapi.Member, stream *line.HTTP) (*matchapi.MatchedState, error) {
	defer context.AfterFunc(ctx, stream.Interrupt)()
	var state matchapi.State
	var wrong error
	err := stream.Follow(time.Now().Add(streamLife), func(data []byte) bool {
		if !bytes.Contains(data, isMatched) { // most events only say how many wait
			return true
		}
		at := time.Now()
		if wrong = json.Unmarshal(data, &state); wrong == nil {
			if took, complete := s.matches.Told(me.MemberID, state.MatchedState, at); complete {
				s.meter.Told.Record(took)
			}
		}
		return false
	})
	return state.MatchedState, errors.Join(err, wrong)
}

// enter shows the ticket to chat-service.
func (s *stage) enter(ctx context.Context, me matchapi.Member, ticket string, number int) (room chatapi.Room, err error) {
	conn, err := s.Chat.HTTP(ctx, number)
	if err != nil {
		return room, err
	}
	defer conn.Close()
	return room, conn.Do(http.MethodPost, "/chat/rooms", me.Token, chatapi.Ticket{Ticket: ticket}, &room)
}

// withdraw leaves the queue.
func (s *stage) withdraw(me matchapi.Member, number int) {
	conn, err := s.Match.HTTP(context.Background(), number) // also when the run was interrupted
	if err == nil {
		defer conn.Close()
		err = conn.Do(http.MethodDelete, queuePath, me.Token, nil, nil)
	}
	if err != nil {
		s.meter.Fail("withdraw", err)
	}
}
