// Package gateway speaks STOMP over WebSocket with members: it accepts sockets, keeps
// each one's session, hands what members say to chat and what rooms say to members.
//
// It is the only package that knows the WebSocket library. httpapi routes /chat/ws to
// it; what a session may do is decided by chat, what it hears comes from hub and live.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
	"nhooyr.io/websocket"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/parts"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

// Chat is what a session asks of the domain.
type Chat interface {
	Standing(ctx context.Context, roomID, memberID string) (chat.Standing, error)
	Post(author token.Member, drafts []chat.Draft, committed func(), done func([]chat.Post, []chat.Stored, error)) error
}

// Rooms is where a session listens.
type Rooms interface {
	Subscribe(ctx context.Context, roomID string, l hub.Listener, after *int64) (*hub.Subscription, error)
}

// Live is where a session says what is not stored, and hears it.
type Live interface {
	Visit(roomID string, m live.Member) *live.Visit
	Listen(ctx context.Context, roomID string, m live.Member, to live.Listener) (*live.Visit, error)
	Left(roomID, memberID string)
	Typing(roomID string, m live.Member)
	Read(roomID string, m live.Member, seq int64, done func(error)) error
}

// Gateway is all sessions of this node.
type Gateway struct {
	chat    Chat
	rooms   Rooms
	live    Live
	tokens  *token.Verifier
	origins service.Origins
	limits  Limits
	accepts *rate.Limiter // nil: no limit
	now     func() time.Time
	log     *slog.Logger
	counted counters

	mu       sync.Mutex // guards what follows
	sessions *parts.Map[*session]
	taken    int            // connections, those included that are being upgraded
	drain    *drain         // not nil once it began
	stopping bool           // at its end
	open     sync.WaitGroup // one for each session
}

// New makes a Gateway. Run must be running for heart-beats and deadlines to be kept.
func New(c Chat, rooms Rooms, l Live, tokens *token.Verifier, origins service.Origins, limits Limits, now func() time.Time, log *slog.Logger) *Gateway {
	return &Gateway{
		chat: c, rooms: rooms, live: l, tokens: tokens, origins: origins, limits: limits, now: now, log: log,
		accepts:  perSecond(limits.Accepts, limits.Accepts),
		counted:  newCounters(),
		sessions: parts.New[*session](sweepParts),
	}
}

// subprotocols, the highest first: the library picks by this order.
var subprotocols = []string{"v12.stomp", "v11.stomp", "v10.stomp"}

// ServeHTTP upgrades a request and returns; the session lives on by itself, so that
// net/http's buffers and stack are free for others.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := g.origins.Check(r); err != nil {
		service.Fail(w, r, g.log, err)
		return
	}
	if !isUpgrade(r) {
		service.Fail(w, r, g.log, fault.BadField("Upgrade", "this address speaks WebSocket: send Connection: Upgrade and Upgrade: websocket"))
		return
	}
	if err := g.admit(); err != nil {
		service.Fail(w, r, g.log, err)
		return
	}
	h := &hijacker{ResponseWriter: w, now: g.now}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols: subprotocols, CompressionMode: websocket.CompressionDisabled,
		InsecureSkipVerify: true, // the origin was checked above, by the rules of the whole service
	})
	if err != nil {
		g.leave()
		g.log.Debug("upgrade refused", "request_id", service.RequestID(r.Context()), "err", err)
		return // Accept has answered
	}
	if err := ws.CloseNow(); err != nil { // its goroutine and buffers; the socket is ours from here on
		g.log.Debug("the library did not let go", "err", err)
	}
	s := g.newSession(h.conn, service.RequestID(r.Context()))
	if err := g.enter(s); err != nil {
		g.leave()
		s.conn.close(nil, fault.From(err).Kind.CloseCode(), fault.From(err).Detail)
		return
	}
	s.start()
}

// isUpgrade looks for what RFC 6455 section 4.2.1 asks of a handshake, so that a plain
// request gets a problem as everywhere else.
func isUpgrade(r *http.Request) bool {
	h := r.Header
	return r.Method == http.MethodGet && strings.EqualFold(h.Get("Upgrade"), "websocket") &&
		strings.Contains(strings.ToLower(strings.Join(h.Values("Connection"), ",")), "upgrade") &&
		h.Get("Sec-WebSocket-Version") == "13" && h.Get("Sec-WebSocket-Key") != ""
}

func (g *Gateway) newSession(net *heard, requestID string) *session {
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{net: net, ctx: ctx, now: g.now, log: g.log, id: uuid.NewString(), requestID: requestID, lastWrite: g.now()}
	s := newSession(g, c)
	end := func() {
		net.forget()
		_ = net.Close() // ends both directions; who reads finds out
		c.claim()
		s.readable()
	}
	c.cancel = sync.OnceFunc(func() {
		cancel()
		go end() // its caller may hold a lock that reading needs
	})
	if err := net.watch(s.readable, c.writable); err != nil {
		c.note(slog.LevelError, "socket not watched", "err", err)
		c.cancel()
	}
	return s
}

func (g *Gateway) enter(s *session) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return fault.New(fault.Stopping, "this node stops: reconnect")
	}
	g.sessions.Set(s.conn.id, s)
	g.open.Add(1)
	if g.drain != nil {
		g.drain.late(s)
	}
	return nil
}

func (g *Gateway) exit(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions.Delete(s.conn.id)
	g.taken--
	g.open.Done()
}

func (g *Gateway) all() []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Collect(g.sessions.All())
}

// due is the sessions of the turns from one up to another.
func (g *Gateway) due(from, to int) []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sessions.Due(from, to)
}

// Sessions is how many sockets are open on this node.
func (g *Gateway) Sessions() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sessions.Len()
}

// Run looks at each session once a second for what is due, until ctx ends.
func (g *Gateway) Run(ctx context.Context) {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { g.keepPlaces(ctx) })
	sweeps(ctx, func(from, to int) {
		if from/sweepParts != to/sweepParts {
			g.limits.Memory.look()
		}
		now := g.now()
		for _, s := range g.due(from, to) {
			s.sweep(now)
		}
	})
}

// sweeps calls do with the turns that are due, sweepParts of them in sweepEvery, until ctx
// ends.
func sweeps(ctx context.Context, do func(from, to int)) {
	turns := parts.NewTurns(sweepParts, sweepEvery)
	tick := time.NewTicker(turns.Each())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do(turns.Due())
		}
	}
}
