package box

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/testclient"
)

// What members write, in every place where they may or may not write it.
const (
	secretName = "Zebulon"      // begins each nickname
	secretText = "quincunx-tea" // is in each message
)

type logged struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// teller goes wrong in as many ways as it can.
type teller struct {
	*testing.T
	ctx  context.Context
	base string
	out  *logged
}

// fails wants the call to be refused.
func (s *teller) fails(m *testclient.Member, method, path string, body any) {
	s.Helper()
	var answer *testclient.StatusError
	if err := m.Call(s.ctx, method, path, body, nil); !errors.As(err, &answer) || answer.Status < 400 {
		s.Errorf("%s %s: %v, want it refused", method, path, err)
	}
}

// post sends a body as it is.
func (s *teller) post(token, method, path, body string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.ctx, method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := apitest.Client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	_ = resp.Body.Close() // the answer is the asker's
	if resp.StatusCode < 400 {
		s.Errorf("%s %s %s: %s, want it refused", method, path, body, resp.Status)
	}
}

// frame sends a frame on a socket of its own and reads until it is over or answered.
func (s *teller) frame(m *testclient.Member, f testclient.Frame) {
	s.Helper()
	socket, err := m.Open(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = socket.Drop() }()
	if err := socket.Send(s.ctx, f); err != nil {
		s.Fatal(err)
	}
	for {
		answer, err := socket.Next(s.ctx)
		if err != nil || answer.Command == "ERROR" || answer.Command == "RECEIPT" {
			return
		}
	}
}

func send(room, body string) testclient.Frame {
	return testclient.Frame{Command: "SEND", Headers: map[string]string{"destination": "/pub/chat/" + room, "receipt": "r", "idempotency-key": "k" + fmt.Sprint(time.Now().UnixNano())}, Body: body}
}

// logs waits for a line, so that what was provoked has been written.
func (s *teller) logs(part string) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(s.out.String(), part); {
		if time.Now().After(deadline) {
			s.Fatalf("nothing logged has %s", part)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// At level debug, through a whole journey and everything that can go wrong on it, no log
// line of the services or the load balancer has what members wrote, their names, tokens or tickets.
func TestLogs_haveNoTextNameOrToken(t *testing.T) {
	t.Setenv("LIMIT_SEND_RATE", "5")
	out := &logged{}
	log, err := service.NewLogger(out, "onebox", "json", "debug")
	if err != nil {
		t.Fatal(err)
	}
	stores, err := Embedded(t.TempDir(), "127.0.0.1:0", log)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(t.Context(), Config{Addr: "127.0.0.1:0"}, stores, log)
	if err != nil {
		t.Fatal(err)
	}
	run(t, b.Run)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s := &teller{t, ctx, b.URL(), out}

	// A journey: six meet, enter, and one speaks.
	var movies matchapi.Movies
	if err := (&testclient.Member{Base: s.base}).Call(ctx, "GET", "/match/movies?limit=1&q=", nil, &movies); err != nil {
		t.Fatal(err)
	}
	var people []*testclient.Member
	secrets := []string{secretName, secretText, stores.SigningKey, "eyJ"} // every JWT begins so
	for i := range 7 {
		m, err := testclient.SignIn(ctx, s.base, fmt.Sprint(secretName, i))
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, m)
		secrets = append(secrets, m.Token, signature(m.Token))
	}
	var seats []matchapi.State
	for _, m := range people[:6] {
		if _, err := m.Join(ctx, movies.Items[0].MovieID); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range people[:6] {
		state, err := m.Match(ctx, movies.Items[0].MovieID)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, state.Ticket, signature(state.Ticket))
		seats = append(seats, state)
	}
	for i, m := range people[:5] {
		if _, err := m.Enter(ctx, seats[i].Ticket); err != nil {
			t.Fatal(err)
		}
	}
	ada, room, stranger := people[0], seats[0].Room.RoomID, people[6]
	s.frame(ada, send(room, `{"type":"TEXT","comment":"`+secretText+`"}`))
	s.logs(`"msg":"connected"`)
	s.logs(`"msg":"room made"`)

	// Refused over HTTP.
	broken := ada.Token[:len(ada.Token)-4] + "AAAA"
	for _, body := range []string{
		`{"nickname":"` + secretName, `{"nickname":"` + secretName + `","age":1}`, `{"nickname":"` + strings.Repeat(secretName, 9) + `"}`, secretName, `["` + secretName + `"]`,
		`{"nickname":"` + secretName + `"}` + secretName,
	} {
		s.post("", "POST", "/match/members", body)
	}
	for _, token := range []string{broken, seats[0].Ticket, secretText, "eyJhbGciOiJub25lIn0.e30."} {
		s.post(token, "GET", "/match/queue", "")
		s.post(token, "GET", "/match/queue/events", "")
		s.post(token, "PUT", "/match/queue", `{"movieId":"x"}`)
		s.post(token, "GET", "/chat/rooms", "")
		s.post(token, "POST", "/match/members/me/token", "")
	}
	for _, ticket := range []string{broken, ada.Token, seats[5].Ticket, seats[5].Ticket[:40], secretText} {
		s.fails(ada, "POST", "/chat/rooms", map[string]string{"ticket": ticket})
	}
	s.post(ada.Token, "POST", "/chat/rooms", `{"ticket":"`+seats[0].Ticket)
	s.post(ada.Token, "POST", "/chat/rooms", seats[0].Ticket)
	s.fails(stranger, "GET", "/chat/rooms/"+room, nil)

	// Refused over STOMP.
	for _, body := range []string{
		`{"type":"TEXT","comment":"` + secretText, `{"type":"TEXT","comment":"` + secretText + `","colour":1}`, `{"type":"SONG","comment":"` + secretText + `"}`,
		`{"type":"TEXT","comment":"` + strings.Repeat(secretText, 200) + `"}`, `{"type":"TEXT","comment":["` + secretText + `"]}`, secretText, `"` + secretText + `"`,
		`{"type":"TEXT","comment":"` + secretText + `"}` + secretText, `{"comment":"` + secretText + `"}`, `{"type":"TEXT","` + secretText + `":1}`,
	} {
		s.frame(ada, send(room, body))
	}
	s.frame(stranger, send(room, `{"type":"TEXT","comment":"`+secretText+`"}`))
	s.frame(ada, testclient.Frame{Command: "SUBSCRIBE", Headers: map[string]string{"id": "1", "destination": "/topic/" + room, "last-seq": secretText}})
	s.frame(ada, testclient.Frame{Command: secretText, Headers: map[string]string{"receipt": "r"}, Body: secretText})
	s.frame(ada, testclient.Frame{Command: "BEGIN", Headers: map[string]string{"transaction": secretText, "receipt": "r"}, Body: secretText})
	s.frame(ada, testclient.Frame{Command: "SEND", Headers: map[string]string{"destination": "/pub/session/refresh", "Authorization": "Bearer " + broken}})
	for _, token := range []string{broken, seats[0].Ticket, secretText} {
		if socket, err := (&testclient.Member{Base: s.base, Member: matchapi.Member{Token: token}}).Open(ctx); err == nil {
			_ = socket.Drop()
			t.Error("a bad token connects")
		}
	}
	for range 30 { // faster than the pace
		s.frame(ada, send(room, `{"type":"TEXT","comment":"`+secretText+`"}`))
	}

	// The stores take nothing, and then are away.
	exec(t, stores.Chat, "ALTER TABLE messages RENAME TO elsewhere")
	exec(t, stores.Match, "ALTER TABLE waits RENAME TO elsewhere")
	s.frame(people[1], send(room, `{"type":"TEXT","comment":"`+secretText+`"}`))
	s.post(stranger.Token, "PUT", "/match/queue", `{"movieId":"`+movies.Items[0].MovieID+`"}`)
	s.logs(`commit refused`)
	if err := stores.Redis.Close(); err != nil {
		t.Fatal(err)
	}
	s.post(ada.Token, "GET", "/match/queue", "")
	s.frame(people[2], send(room, `{"type":"TEXT","comment":"`+secretText+`"}`))
	closeDatabase(t, stores.Chat)
	closeDatabase(t, stores.Match)
	s.post(ada.Token, "GET", "/chat/rooms", "")
	s.post(ada.Token, "GET", "/match/rooms", "")
	s.post("", "GET", "/match/movies", "")

	for _, part := range []string{`"kind":"protocol"`, `"kind":"invalid"`, `"kind":"unauthenticated"`, `"kind":"too-many-requests"`, `a field is not a known field`, `frame failed`, `request failed`} {
		s.logs(part) // each way of going wrong was there
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) < 200 {
		t.Errorf("only %d lines were logged", len(lines))
	}
	for _, line := range lines {
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("%.20s… is logged: %s", secret, line)
			}
		}
	}
}

// signature is the part of a token that nobody else can write.
func signature(token string) string { return token[strings.LastIndex(token, ".")+1:] }

func raw(t *testing.T, d gorm.Dialector) *gorm.DB {
	t.Helper()
	db, err := database.Connect(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func exec(t *testing.T, d gorm.Dialector, statement string) {
	t.Helper()
	if err := raw(t, d).Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
}

func closeDatabase(t *testing.T, d gorm.Dialector) {
	t.Helper()
	if err := database.Close(raw(t, d)); err != nil {
		t.Fatal(err)
	}
}
