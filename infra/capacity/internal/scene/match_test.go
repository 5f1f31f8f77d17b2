package scene

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
)

// queue is as much of match-service as a load needs: the first six who join get a room,
// when each of them asks for an event stream once more.
type queue struct {
	*testing.T
	refuse bool
	stream func(w http.ResponseWriter, asked int) (answered bool) // in place of what streams do; nil: never

	mu     sync.Mutex // guards what follows
	people int
	asked  map[string]int // event streams, by token
	six    []string       // who joined
	full   chan struct{}  // closed when six have
}

func (q *queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	me := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	answer := func(v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			q.Error(err)
		}
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /match/movies":
		answer(matchapi.Movies{Items: []matchapi.Movie{{MovieID: "jaws"}}})
	case "POST /match/members":
		q.people++
		id := fmt.Sprintf("m%d", q.people)
		answer(matchapi.Member{MemberID: id, Token: id})
	case "PUT /match/queue":
		if q.refuse {
			http.Error(w, "no", http.StatusTooManyRequests)
			return
		}
		if q.six = append(q.six, me); len(q.six) == matchapi.Seats {
			close(q.full)
		}
		answer(matchapi.State{State: matchapi.Waiting})
	case "GET /match/queue/events":
		q.asked[me]++
		if q.stream != nil && q.stream(w, q.asked[me]) {
			return
		}
		_, _ = io.WriteString(w, "event: state\ndata: {\"state\":\"idle\"}\n\n") // the client may have gone, as below
		_ = http.NewResponseController(w).Flush()
		q.mu.Unlock()
		select {
		case <-q.full:
		case <-r.Context().Done():
		}
		q.mu.Lock()
		if q.asked[me] == 2 && r.Context().Err() == nil {
			state, err := json.Marshal(q.matched(me))
			if err != nil {
				q.Error(err)
			}
			_, _ = fmt.Fprintf(w, "event: state\ndata: %s\n\n", state)
		}
	default:
		q.Errorf("%s %s", r.Method, r.URL)
	}
}

func (q *queue) matched(me string) matchapi.State {
	s := &matchapi.MatchedState{Room: matchapi.Room{RoomID: "r"}, Generation: 1}
	for i, id := range q.six {
		s.Room.Seats = append(s.Room.Seats, matchapi.Seat{Seat: i + 1, MemberID: id})
		if id == me {
			s.Seat = i + 1
		}
	}
	return matchapi.State{State: matchapi.Matched, MatchedState: s}
}

func (q *queue) config(t *testing.T) Config {
	t.Helper()
	q.T, q.asked, q.full = t, map[string]int{}, make(chan struct{})
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	target, err := line.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Match: target, Connections: 6, Rates: []float64{60}, Duration: 100 * time.Millisecond, Films: 1, Progress: io.Discard}
}

// Streams end by themselves after a while; a client asks again and loses nothing.
func TestMatch_asksAgainWhenAStreamEnds(t *testing.T) {
	q := &queue{}
	r, err := Run(t.Context(), "match", q.config(t))
	if err != nil || r.Clean() != nil {
		t.Fatal(err, r.Clean())
	}
	if r.Sent != 6 || r.Delivered != 6 || r.Latency["told"].Count != 1 || r.Latency["join"].Count != 6 {
		t.Errorf("%+v", r)
	}
	for who, n := range q.asked {
		if n != 2 {
			t.Errorf("%s asked %d times", who, n)
		}
	}
}

// A stream that is refused is a failure, and so is one that ends again and again.
func TestMatch_saysWhatIsWrongWithStreams(t *testing.T) {
	for what, c := range map[string]struct {
		stream func(w http.ResponseWriter, asked int) bool
		says   string
		asked  int
	}{
		"refused": {func(w http.ResponseWriter, asked int) bool {
			if asked == 2 {
				http.Error(w, "no", http.StatusServiceUnavailable)
			}
			return asked == 2
		}, "503", 2},
		"over at once": {func(http.ResponseWriter, int) bool { return true }, "EOF", 1 + mostShort},
	} {
		t.Run(what, func(t *testing.T) {
			q := &queue{stream: c.stream}
			r, err := Run(t.Context(), "match", q.config(t))
			if err != nil {
				t.Fatal(err)
			}
			if f := r.Failures["join"]; f.Count != 6 || !strings.Contains(f.Example, c.says) {
				t.Errorf("%+v", r.Failures)
			}
			for who, n := range q.asked {
				if n != c.asked {
					t.Errorf("%s asked %d times, want %d", who, n, c.asked)
				}
			}
		})
	}
}

func TestMatch_saysWhoWasRefused(t *testing.T) {
	r, err := Run(t.Context(), "match", (&queue{refuse: true}).config(t))
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failures["join"]; f.Count != 6 || !strings.Contains(f.Example, "429") || r.Promises.Total() != 0 {
		t.Errorf("%+v, %+v", r.Failures, r.Promises)
	}
}

func TestMatch_saysWhenMoreWaitThanMay(t *testing.T) {
	cfg := (&queue{}).config(t)
	cfg.Rates = []float64{100}
	r, err := Run(t.Context(), "match", cfg)
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failures["join"]; f.Count != 4 || !strings.Contains(f.Example, "-connections") {
		t.Errorf("%+v", r.Failures)
	}
}

func TestMatch_saysWhenThereAreNotSoManyFilms(t *testing.T) {
	cfg := (&queue{}).config(t)
	cfg.Films = 2
	if _, err := Run(t.Context(), "match", cfg); err == nil || !strings.Contains(err.Error(), "-films is 2, and the catalogue has 1") {
		t.Error(err)
	}
}
