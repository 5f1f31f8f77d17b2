package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// node is a chat-service as main runs it, but for the database it is given.
type node struct {
	testing.TB
	app  *App
	addr string // of its public listener
	seed string
	log  *logBuffer
	s3   *s3.Client // nil: none
	stop func()     // ends it before the test does
}

type logBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func startOnSQLite(tb testing.TB) *node {
	tb.Helper()
	d, err := embedded.SQLite(filepath.Join(tb.TempDir(), "chat.db"))
	if err != nil {
		tb.Fatal(err)
	}
	return startNode(tb, d)
}

func startNode(tb testing.TB, d gorm.Dialector) *node {
	tb.Helper()
	return start(tb, token.NewSeed(), Parts{Dialector: d})
}

// start runs a node until the test ends. Nodes of one seed take each other's tokens. env
// are more of its settings, each NAME=value.
func start(tb testing.TB, seed string, parts Parts, env ...string) *node {
	tb.Helper()
	n := &node{TB: tb, seed: seed, log: &logBuffer{}, s3: parts.S3}
	keys, err := json.Marshal(n.signer(0).KeySet())
	if err != nil {
		tb.Fatal(err)
	}
	settings := map[string]string{
		"ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0", "VERIFY_KEYS": string(keys), "LIMIT_SEND_RATE": "0",
		"DRAIN_NOTICE": "0s", "DRAIN_WINDOW": "0s", "ALLOWED_ORIGINS": "https://friend.example",
	}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		settings[name] = value
	}
	cfg, err := service.LoadFrom[Config](settings)
	if err != nil {
		tb.Fatal(err)
	}
	if err := Migrate(context.Background(), parts.Dialector); err != nil {
		tb.Fatal(err)
	}
	parts.Log = slog.New(slog.NewJSONHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if n.app, err = New(context.Background(), cfg, parts); err != nil {
		tb.Fatal(err)
	}
	n.addr = n.app.Addr()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.app.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Errorf("the service ended with %v", err)
		}
	})
	tb.Cleanup(n.stop)
	return n
}

func (n *node) signer(shift time.Duration) *token.Signer {
	n.Helper()
	s, err := token.NewSigner(n.seed, func() time.Time { return time.Now().Add(shift) })
	if err != nil {
		n.Fatal(err)
	}
	return s
}

// token is a member's, signed so long ago.
func (n *node) token(member string, ago time.Duration) string {
	n.Helper()
	raw, _, err := n.signer(-ago).Member(member, "nick of "+member)
	if err != nil {
		n.Fatal(err)
	}
	return raw
}

// newTicket is seat 1 to 6 of a room for member1 to member6.
func newTicket(roomID string, seat int) token.Ticket {
	room := matchapi.Room{RoomID: roomID, MovieID: "m1", Title: "Film", CreatedAt: wire.At(time.Now())}
	for i := 1; i <= matchapi.Seats; i++ {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i, MemberID: fmt.Sprint("member", i), Nickname: fmt.Sprint("nick of member", i)})
	}
	return token.Ticket{MemberID: fmt.Sprint("member", seat), Nickname: fmt.Sprint("nick of member", seat), Room: room, Seat: seat, Generation: 1}
}

func (n *node) sign(t token.Ticket, ago time.Duration) string {
	n.Helper()
	raw, err := n.signer(-ago).Ticket(t)
	if err != nil {
		n.Fatal(err)
	}
	return raw
}

// answer is what a call returned.
type answer struct {
	*http.Response
	body []byte
}

// client takes only answers that chat-service's document has, and follows none to elsewhere.
var client = &http.Client{
	Transport:     apitest.Transport{Document: apidocs.ChatOpenAPI},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call asks as a member ("": without a token); headers are name, value, ….
func (n *node) call(member, method, path, body string, headers ...string) answer {
	n.Helper()
	req, err := http.NewRequest(method, "http://"+n.addr+path, strings.NewReader(body))
	if err != nil {
		n.Fatal(err)
	}
	if member != "" {
		req.Header.Set("Authorization", "Bearer "+n.token(member, 0))
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		n.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{Response: resp}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		n.Fatal(err)
	}
	return a
}

// enter seats a member in a room and returns the answer.
func (n *node) enter(roomID string, seat int) answer {
	n.Helper()
	t := newTicket(roomID, seat)
	return n.call(t.MemberID, "POST", "/chat/rooms", `{"ticket":"`+n.sign(t, 0)+`"}`)
}

func into[T any](n *node, a answer, status int) T {
	n.Helper()
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		n.Errorf("Cache-Control is %q: a member's rooms are nobody else's", got)
	}
	var v T
	if a.StatusCode != status {
		n.Fatalf("got %s %s, want %d", a.Status, a.body, status)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		n.Fatalf("%s: %v", a.body, err)
	}
	return v
}

// wantProblem checks all that the contract asks of an error.
func (n *node) wantProblem(what string, a answer, status int, slug, field string) {
	n.Helper()
	var p fault.Problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.StatusCode != status || a.Header.Get("Content-Type") != fault.ContentType {
		n.Errorf("%s: got %s, %s %q; want a problem with %d", what, a.Status, a.Header.Get("Content-Type"), a.body, status)
		return
	}
	if p.Type != fault.TypePrefix+slug || p.Status != status || p.Title == "" || p.Detail == "" || p.Instance != a.Request.URL.Path {
		n.Errorf("%s: got %+v; want type %s and every field", what, p, slug)
	}
	if field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != field || p.Errors[0].Reason == "") {
		n.Errorf("%s: got errors %v; want one about %s", what, p.Errors, field)
	}
	if (status == http.StatusUnauthorized) != strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
		n.Errorf("%s: WWW-Authenticate is %q beside %d", what, a.Header.Get("WWW-Authenticate"), status)
	}
	if a.Header.Get("X-Request-Id") == "" {
		n.Errorf("%s: no X-Request-Id", what)
	}
}

// dial connects a member over STOMP.
func (n *node) dial(member, path string) *stomptest.Client {
	n.Helper()
	conn, err := net.Dial("tcp", n.addr)
	if err != nil {
		n.Fatal(err)
	}
	c, resp := stomptest.Dial(n, conn, path, nil)
	if c == nil {
		n.Fatal(resp.Status)
	}
	c.Send("CONNECT", "", "accept-version:1.2", "Authorization:Bearer "+n.token(member, 0))
	c.Want("CONNECTED")
	return c
}

func TestRooms_fromTheFirstTicketToTheLastLeave(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()

	first := into[chatapi.Room](n, n.enter(id, 1), http.StatusCreated)
	second := into[chatapi.Room](n, n.enter(id, 2), http.StatusOK)
	again := into[chatapi.Room](n, n.enter(id, 1), http.StatusOK)
	if first.LastSeq != 1 || second.LastSeq != 2 || again.LastSeq != 2 || len(second.Seats) != 6 || len(second.Members) != 2 || second.Title != "Film" {
		t.Errorf("first %+v, second %+v, again %+v", first, second, again)
	}

	c := n.dial("member2", "/chat/ws")
	c.Send("SEND", `{"type":"TEXT","comment":"hello"}`, "destination:/pub/chat/"+id, "receipt:r")
	c.Want("RECEIPT", "seq:3")
	list := into[chatapi.Rooms](n, n.call("member1", "GET", "/chat/rooms", ""), http.StatusOK)
	if len(list.Items) != 1 || list.Items[0].RoomID != id || list.Items[0].Unread != 1 || list.Items[0].LastSeq != 3 {
		t.Errorf("member1's rooms: %+v", list)
	}
	if own := into[chatapi.Rooms](n, n.call("member2", "GET", "/chat/rooms", ""), http.StatusOK); own.Items[0].Unread != 0 {
		t.Errorf("one's own message is unread: %+v", own)
	}

	if a := n.call("member1", "DELETE", "/chat/rooms/"+id+"/members/me", ""); a.StatusCode != http.StatusNoContent || len(a.body) != 0 {
		t.Errorf("leave: %s %s", a.Status, a.body)
	}
	room := into[chatapi.Room](n, n.call("member2", "GET", "/chat/rooms/"+id, ""), http.StatusOK)
	if len(room.Members) != 1 || room.Members[0].MemberID != "member2" || room.LastSeq != 4 {
		t.Errorf("after the leave: %+v", room)
	}
	n.wantProblem("enter after leaving", n.enter(id, 1), http.StatusForbidden, "forbidden", "")
	n.wantProblem("read after leaving", n.call("member1", "GET", "/chat/rooms/"+id, ""), http.StatusForbidden, "forbidden", "")
	if a := n.call("member1", "DELETE", "/chat/rooms/"+id+"/members/me", ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("leave again, as after an answer that was lost: %s", a.Status)
	}
	empty := n.call("member1", "GET", "/chat/rooms", "")
	if string(empty.body) != `{"items":[]}` {
		t.Errorf("no rooms are %s", empty.body)
	}
}

func TestRooms_ticketsThatAreRefused(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()
	into[chatapi.Room](n, n.enter(id, 1), http.StatusCreated)
	mine := newTicket(id, 2)
	later, lower, noRoom := mine, mine, mine
	later.Seat, later.MemberID, later.Generation = 1, "member2", 2
	lower.Seat, lower.Generation = 3, 1
	given := lower
	given.MemberID, given.Generation = "late", 2
	noRoom.Room.RoomID = "5"
	if a := n.call("late", "POST", "/chat/rooms", `{"ticket":"`+n.sign(given, 0)+`"}`); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status, string(a.body))
	}
	ticket := func(t token.Ticket) string { return `{"ticket":"` + n.sign(t, 0) + `"}` }
	for _, c := range []struct {
		what, body string
		status     int
		slug       string
		field      string
	}{
		{"an expired ticket", `{"ticket":"` + n.sign(mine, token.TicketLife+time.Minute) + `"}`, 401, "ticket-expired", "ticket"},
		{"a member token instead", `{"ticket":"` + n.token("member2", 0) + `"}`, 401, "bad-ticket", "ticket"},
		{"nonsense", `{"ticket":"abc"}`, 401, "bad-ticket", "ticket"},
		{"another member's", ticket(newTicket(id, 3)), 403, "forbidden", ""},
		{"a seat that is taken", ticket(later), 409, "seat-taken", ""},
		{"a seat that was given away", ticket(lower), 409, "seat-given-away", ""},
		{"a room without a proper id", ticket(noRoom), 400, "invalid", "ticket"},
		{"no ticket", `{}`, 400, "invalid", "ticket"},
		{"an empty ticket", `{"ticket":""}`, 400, "invalid", "ticket"},
		{"a wrong type", `{"ticket":5}`, 400, "invalid", "ticket"},
		{"an unknown field", `{"ticket":"x","room":"y"}`, 400, "invalid", "room"},
		{"another case", `{"Ticket":"x"}`, 400, "invalid", "Ticket"},
		{"trailing data", `{"ticket":"x"}{}`, 400, "invalid", "body"},
		{"no JSON", `ticket`, 400, "invalid", "body"},
		{"no body", ``, 400, "invalid", "body"},
		{"too long a body", `{"ticket":"` + strings.Repeat("x", 20<<10) + `"}`, 413, "too-large", "body"},
	} {
		n.wantProblem(c.what, n.call("member2", "POST", "/chat/rooms", c.body), c.status, c.slug, c.field)
	}
}

func TestRoutes_refuseWhoIsNotSignedIn(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()
	for _, route := range []string{
		"POST /chat/rooms", "GET /chat/rooms", "GET /chat/rooms/" + id, "GET /chat/rooms/" + id + "/messages", "DELETE /chat/rooms/" + id + "/members/me",
		"POST /chat/rooms/" + id + "/images", "GET /chat/rooms/" + id + "/images/" + id,
	} {
		method, path, _ := strings.Cut(route, " ")
		n.wantProblem(route+" without a token", n.call("", method, path, ""), 401, "unauthenticated", "")
		for what, c := range map[string]struct{ value, slug string }{
			"an expired token": {"Bearer " + n.token("member1", 25*time.Hour), "token-expired"},
			"a ticket":         {"Bearer " + n.sign(newTicket(id, 1), 0), "unauthenticated"},
			"nonsense":         {"Bearer x", "unauthenticated"},
			"Basic":            {"Basic dXNlcjpwYXNz", "unauthenticated"},
		} {
			n.wantProblem(route+" with "+what, n.call("", method, path, "", "Authorization", c.value), 401, c.slug, "")
		}
	}
}

func TestRoutes_aRoomOfOthersLooksLikeOneThatDoesNotExist(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()
	n.enter(id, 1)
	for _, path := range []string{"", "/messages"} {
		theirs := n.call("stranger", "GET", "/chat/rooms/"+id+path, "")
		n.wantProblem("another's room", theirs, 403, "forbidden", "")
		for _, other := range []string{uuid.NewString(), "5", "%27", strings.Repeat("x", 300)} {
			a := n.call("stranger", "GET", "/chat/rooms/"+other+path, "")
			n.wantProblem("no room "+other, a, 403, "forbidden", "")
			if strings.ReplaceAll(string(a.body), a.Request.URL.Path, "") != strings.ReplaceAll(string(theirs.body), theirs.Request.URL.Path, "") {
				t.Errorf("one can tell them apart: %s and %s", a.body, theirs.body)
			}
		}
	}
	n.wantProblem("leave another's", n.call("stranger", "DELETE", "/chat/rooms/"+id+"/members/me", ""), 403, "forbidden", "")
	// Promised a seat, not entered.
	n.wantProblem("a promised seat", n.call("member2", "GET", "/chat/rooms/"+id, ""), 403, "forbidden", "")
}

func TestHistory_pages(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()
	n.enter(id, 1)
	c := n.dial("member1", "/ws") // the original system's address
	for i := range 209 {
		c.Send("SEND", `{"type":"TEXT","comment":"`+fmt.Sprint(i)+`"}`, "destination:/pub/chat/"+id, "receipt:r")
	}
	for range 209 {
		c.Want("RECEIPT")
	}
	for _, p := range []struct {
		query       string
		first, last int64 // 0: none
		more        bool
	}{
		{"", 161, 210, true},
		{"?limit=1", 210, 210, true},
		{"?limit=200", 11, 210, true},
		{"?before=11", 1, 10, false},
		{"?before=12&limit=10", 2, 11, true},
		{"?before=1", 0, 0, false},
		{"?before=0", 0, 0, false},
		{"?before=9223372036854775807&limit=2", 209, 210, true},
		{"?after=0", 1, 50, true},
		{"?after=160", 161, 210, false},
		{"?after=159", 160, 209, true},
		{"?after=210", 0, 0, false},
		{"?after=9223372036854775807", 0, 0, false},
	} {
		a := n.call("member1", "GET", "/chat/rooms/"+id+"/messages"+p.query, "")
		page := into[chatapi.Messages](n, a, http.StatusOK)
		if page.HasMore != p.more || p.first == 0 && len(page.Items) != 0 || !strings.Contains(string(a.body), `"items":[`) {
			t.Errorf("%s: %d items, more %v; want more %v", p.query, len(page.Items), page.HasMore, p.more)
		}
		for i, m := range page.Items {
			if m.Seq != p.first+int64(i) || m.RoomID != id {
				t.Fatalf("%s: item %d is %+v", p.query, i, m)
			}
		}
		if p.first > 0 && int64(len(page.Items)) != p.last-p.first+1 {
			t.Errorf("%s: %d items from %d, want up to %d", p.query, len(page.Items), p.first, p.last)
		}
	}
	for query, field := range map[string]string{
		"?before=5&after=3": "before", "?before=-1": "before", "?before=x": "before", "?after=1.5": "after", "?after=": "after",
		"?limit=0": "limit", "?limit=201": "limit", "?limit=ten": "limit", "?limit=": "limit", "?after=9223372036854775808": "after",
	} {
		n.wantProblem(query, n.call("member1", "GET", "/chat/rooms/"+id+"/messages"+query, ""), 400, "invalid", field)
	}
}

// The same live, in replay and over REST.
func TestMessage_isTheSameEverywhere(t *testing.T) {
	n := startOnSQLite(t)
	id := uuid.NewString()
	n.enter(id, 1)
	c := n.dial("member1", "/chat/ws")
	c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "receipt:s")
	c.Want("RECEIPT")
	c.Send("SEND", `{"type":"TEXT","comment":"<b>&\u2028 한국어 \ud83d\ude00"}`, "destination:/pub/chat/"+id, "idempotency-key:k")
	live := c.Want("MESSAGE").Body

	late := n.dial("member1", "/chat/ws")
	late.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:1")
	replayed := late.Want("MESSAGE").Body
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal(n.call("member1", "GET", "/chat/rooms/"+id+"/messages?after=1", "").body, &page); err != nil {
		t.Fatal(err)
	}
	decoded := make([]map[string]any, 3)
	for i, text := range []string{live, replayed, string(page.Items[0])} {
		if err := json.Unmarshal([]byte(text), &decoded[i]); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if !reflect.DeepEqual(decoded[0], decoded[1]) || !reflect.DeepEqual(decoded[0], decoded[2]) {
		t.Errorf("live     %v\nreplayed %v\nREST     %v", decoded[0], decoded[1], decoded[2])
	}
	if created := fmt.Sprint(decoded[0]["createdAt"]); len(created) != len(wire.Layout) || !strings.HasSuffix(created, "Z") {
		t.Errorf("createdAt is %q, want it like %s", created, wire.Layout)
	}
}

func TestRoutes_thatDoNotExist(t *testing.T) {
	n := startOnSQLite(t)
	for _, path := range []string{"/", "/chat", "/chat/", "/chat/rooms/", "/chat/ws/info", "/chat/nothing", "/metrics", "/debug/pprof/", "/readyz", "/match/queue"} {
		n.wantProblem(path, n.call("member1", "GET", path, ""), 404, "not-found", "")
	}
	for _, route := range []string{"PUT /chat/rooms", "DELETE /chat/rooms", "POST /chat/rooms/x", "POST /chat/healthz", "DELETE /chat/ws"} {
		method, path, _ := strings.Cut(route, " ")
		a := n.call("member1", method, path, "")
		n.wantProblem(route, a, 405, "method-not-allowed", "")
		if a.Header.Get("Allow") == "" {
			t.Errorf("%s: 405 without Allow (RFC 9110 section 15.5.6)", route)
		}
	}
}

func TestOrigins(t *testing.T) {
	n := startOnSQLite(t)
	n.wantProblem("a foreign origin", n.call("member1", "GET", "/chat/rooms", "", "Origin", "https://evil.example"), 403, "forbidden", "")
	for _, origin := range []string{"http://" + n.app.Addr(), "https://friend.example"} {
		if a := n.call("member1", "GET", "/chat/rooms", "", "Origin", origin); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s", origin, a.Status, a.body)
		}
	}
}

func TestRequestID_isTakenOverAndLogged(t *testing.T) {
	n := startOnSQLite(t)
	for _, c := range []struct{ header, value string }{
		{"X-Request-Id", "abc-1"}, {"X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"},
	} {
		a := n.call("member1", "GET", "/chat/rooms", "", c.header, c.value)
		if got := a.Header.Get("X-Request-Id"); got != c.value {
			t.Errorf("%s %s came back as %q", c.header, c.value, got)
		}
		wantLog(t, n, `"request_id":"`+c.value+`"`)
	}
	if a := n.call("", "GET", "/chat/healthz", ""); a.Header.Get("X-Request-Id") == "" {
		t.Error("a call without an id got none")
	}
	if log := n.log.String(); strings.Contains(log, "eyJ") {
		t.Errorf("a token stands in the log: %s", log)
	}
}

// wantLog waits for a log line: it is written after the answer.
func wantLog(t *testing.T, n *node, part string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(n.log.String(), part); {
		if time.Now().After(deadline) {
			t.Fatalf("no log line has %s:\n%s", part, n.log.String())
		}
		n.call("", "GET", "/chat/healthz", "")
	}
}

func TestAdmin_isApart(t *testing.T) {
	n := startOnSQLite(t)
	for path, part := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "chat_sockets 0", "/debug/pprof/": "goroutine"} {
		resp, err := http.Get("http://" + n.app.AdminAddr() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // it was read to its end
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), part) {
			t.Errorf("%s: %s %v; want %q in it", path, resp.Status, err, part)
		}
	}
	if a := n.call("", "GET", "/chat/healthz", ""); a.StatusCode != http.StatusOK {
		t.Error(a.Status)
	}
}

func TestNew_refusesWhatCannotWork(t *testing.T) {
	d, err := embedded.SQLite(filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	parts := Parts{Dialector: d, Log: slog.New(slog.DiscardHandler)}
	for part, cfg := range map[string]Config{
		"JWKS_URL or VERIFY_KEYS": {},
		"VERIFY_KEYS must be":     {VerifyKeys: "{"},
		"VERIFY_KEYS: key set":    {VerifyKeys: `{"keys":[]}`},
		"run the verb migrate":    {JWKSURL: "http://127.0.0.1:1/"},
	} {
		if _, err := New(t.Context(), cfg, parts); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want an error that says %q", err, part)
		}
	}
}
