package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/httpapi"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
	"github.com/sixseat/sixseat/services/chat-service/internal/store"
)

// migrated is an empty database with its schema: each world begins with a copy, since
// migrating takes longer than most tests.
var migrated []byte

func TestMain(m *testing.M) {
	if err := migrate(); err != nil {
		fmt.Fprintln(os.Stderr, "migrate the template:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func migrate() error {
	dir, err := os.MkdirTemp("", "sixseat-gateway-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path, ctx := filepath.Join(dir, "chat.db"), context.Background()
	d, err := embedded.SQLite(path)
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, d); err != nil {
		return err
	}
	s, err := store.Open(ctx, d)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil { // all of it is in the one file now
		return err
	}
	migrated, err = os.ReadFile(path)
	return err
}

// world is a whole node but for its listeners: the real router, sessions, hub, journal
// and an embedded database. In a bubble its network is in memory and its clock is fake,
// so that seconds cost nothing and are exact.
type world struct {
	*testing.T
	gateway *Gateway
	rooms   *chat.Service
	live    *live.Live
	routes  http.Handler
	seed    string
	flaky   *flaky
	dialTo  func() net.Conn
}

// bubble runs a test in a world of its own. rate is LIMIT_SEND_RATE.
func bubble(t *testing.T, rate float64, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(pipeWorld(t, rate, Limits{})) })
}

// limited runs a test in a world with limits.
func limited(t *testing.T, limits Limits, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(pipeWorld(t, 0, limits)) })
}

// pipeWorld is a world whose network is in memory; it is for a bubble.
func pipeWorld(t *testing.T, rate float64, limits Limits) *world {
	t.Helper()
	l := &pipes{queue: make(chan net.Conn), closed: make(chan struct{})}
	return newWorld(t, rate, limits, l, func() net.Conn {
		ours, theirs := net.Pipe()
		l.queue <- theirs
		return ours
	})
}

func newWorld(t *testing.T, rate float64, limits Limits, l net.Listener, dial func() net.Conn) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chat.db")
	if err := os.WriteFile(path, migrated, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := embedded.SQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	w := &world{T: t, seed: token.NewSeed(), dialTo: dial}
	journal := s.Journal(func() {}, log)
	w.flaky = &flaky{Store: s, Journal: journal}
	h := hub.New(archive.NewHistory(s, archive.NoObjects{}, log, archive.NewCounters()), hub.Alone{}, log)
	pace := limit.New(nil, time.Now, log).Local(limit.PerSecond("messages", rate, int(3*rate)))
	w.live = live.New(live.NewMemory(), hub.Alone{}, w.flaky, time.Now, log)
	w.rooms = chat.New(w.flaky, w.flaky, h, w.live, pace, chat.NewGallery(chat.NoPictures{}, pace), time.Now)
	keys, err := token.NewStatic(w.signer(0).KeySet())
	if err != nil {
		t.Fatal(err)
	}
	verifier, origins := token.NewVerifier(keys, time.Now), service.NewOrigins(nil)
	w.gateway = New(w.rooms, h, w.live, verifier, origins, limits, time.Now, log)
	w.routes = service.Wrap(httpapi.New(w.rooms, w.gateway, verifier, service.NewHealth(nil), origins, nil, log), service.NewMetrics("test"), log)
	t.Cleanup(func() {
		journal.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.serve(l, h)
	return w
}

// serve runs the node until the test is over, and then sees all of it end.
func (w *world) serve(l net.Listener, h *hub.Hub) {
	server := &http.Server{Handler: w.routes, ReadHeaderTimeout: time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	running.Go(func() { w.gateway.Run(ctx) })
	running.Go(func() { w.live.Run(ctx) })
	running.Go(func() { _ = server.Serve(l) }) // ends with ErrServerClosed
	w.Cleanup(func() {
		w.gateway.Drain(context.Background(), 0)
		if n := w.gateway.Sessions(); n != 0 {
			w.Errorf("%d sessions are left after the drain", n)
		}
		stop()
		if err := server.Close(); err != nil {
			w.Error(err)
		}
		running.Wait()
		w.live.Close()
	})
}

// flaky is the store and journal of a world, which a test can take away.
type flaky struct {
	*store.Store
	*store.Journal

	mu   sync.Mutex // guards what follows
	away error
	slow time.Duration // how long a commit takes
}

func (f *flaky) Close() {} // both have one; the world calls them

func (f *flaky) Append(posts []chat.Post, done func([]chat.Stored, error)) error {
	f.mu.Lock()
	away, slow := f.away, f.slow
	f.mu.Unlock()
	if slow > 0 {
		time.AfterFunc(slow, func() { _ = f.Journal.Append(posts, done) })
		return nil
	}
	if away != nil {
		go done(nil, away) // as the journal: from its own goroutine
		return nil
	}
	return f.Journal.Append(posts, done)
}

func (f *flaky) MarkRead(ctx context.Context, marks []live.Mark) ([]live.Mark, error) {
	f.mu.Lock()
	away := f.away
	f.mu.Unlock()
	if away != nil {
		return nil, away
	}
	return f.Store.MarkRead(ctx, marks)
}

func (f *flaky) slowDown(by time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = by
}

func (f *flaky) takeAway(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = err
}

// pipes is a listener whose connections are pipes.
type pipes struct {
	queue  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// gate is a client's end of a connection that can stop reading.
type gate struct {
	net.Conn
	mu     sync.Mutex // guards closed
	closed chan struct{}
}

func (g *gate) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	g.mu.Lock()
	closed := g.closed
	g.mu.Unlock()
	if closed != nil {
		<-closed
	}
	return n, err
}

func (g *gate) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = make(chan struct{})
}

func (g *gate) goOn() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.closed)
	g.closed = nil
}

// signer signs tokens as of now and a shift.
func (w *world) signer(shift time.Duration) *token.Signer {
	w.Helper()
	s, err := token.NewSigner(w.seed, func() time.Time { return time.Now().Add(shift) })
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// token is member n's token, with so much life left.
func (w *world) token(n int, left time.Duration) string {
	w.Helper()
	raw, _, err := w.signer(left-token.MemberLife).Member(fmt.Sprint("member", n), fmt.Sprint("user", n))
	if err != nil {
		w.Fatal(err)
	}
	return raw
}

// room is a new room that the first n members have entered; ENTER takes seq 1 to n.
func (w *world) room(n int) string {
	w.Helper()
	room := matchapi.Room{RoomID: uuid.NewString(), MovieID: "film", Title: "Film", CreatedAt: wire.At(time.Now())}
	for i := 1; i <= matchapi.Seats; i++ {
		room.Seats = append(room.Seats, matchapi.Seat{Seat: i, MemberID: fmt.Sprint("member", i), Nickname: fmt.Sprint("user", i)})
	}
	for _, s := range room.Seats[:n] {
		t := token.Ticket{MemberID: s.MemberID, Nickname: s.Nickname, Room: room, Seat: s.Seat, Generation: 1}
		if _, _, err := w.rooms.Enter(w.Context(), token.Member{ID: s.MemberID}, t); err != nil {
			w.Fatal(err)
		}
	}
	return room.RoomID
}

// dial opens a socket that has not said CONNECT.
func (w *world) dial() *stomptest.Client {
	w.Helper()
	c, _ := w.dialGate()
	return c.Listen()
}

func (w *world) dialGate() (*stomptest.Client, *gate) {
	w.Helper()
	g := &gate{Conn: w.dialTo()}
	c, resp := stomptest.Dial(w, g, "/chat/ws", nil)
	if c == nil {
		w.Fatalf("the upgrade was answered with %s", resp.Status)
	}
	return c, g
}

// connect opens a socket for member n; headers stand beside those of CONNECT, or
// replace them.
func (w *world) connect(n int, headers ...string) *stomptest.Client {
	w.Helper()
	c := w.dial()
	w.login(c, n, headers...)
	return c
}

func (w *world) login(c *stomptest.Client, n int, headers ...string) {
	w.Helper()
	// Of repeated headers the first counts.
	c.Send("CONNECT", "", append(headers, "accept-version:1.2", "Authorization:Bearer "+w.token(n, time.Hour))...)
	c.Want("CONNECTED")
}

// listen subscribes and waits for the RECEIPT.
func listen(w *world, c *stomptest.Client, path string, headers ...string) {
	w.Helper()
	c.Send("SUBSCRIBE", "", append(headers, "id:"+path, "destination:"+path, "receipt:sub")...)
	c.Want("RECEIPT", "receipt-id:sub")
}

const hello = `{"type":"TEXT","comment":"hello"}`
