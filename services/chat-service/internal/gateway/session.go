package gateway

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/rawsock"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// session is the conversation on one socket. It is a state machine: connecting (only
// CONNECT is understood), connected, closing (nothing is read any more).
type session struct {
	g    *Gateway
	conn *conn

	news atomic.Int64 // calls of readable that nobody has looked at yet; one reads while there are any

	// Owned by the goroutine that reads.
	incoming     incoming
	broken       bool // no more WebSocket frames can be made out
	decoder      *stomp.Decoder
	handle       func(*stomp.Frame) error // what the state understands
	transactions map[string]*transaction  // nil until the first begins
	held         int                      // octets in open transactions
	inside       []knownRoom              // where this member was seen to be inside

	opened time.Time
	slots  chan struct{} // one taken for each SEND that waits for its commit
	frames *rate.Limiter // nil: no limit

	turn chan struct{} // taken by the replay that hands over next

	departing atomic.Bool   // the session ends: nothing that comes is done any more
	busy      chan struct{} // taken while a frame is handled, and by depart

	// Of its place among its member's; owned by connecting, then by keepPlaces.
	renewed time.Time // from then on renewEvery counts; at first some time before it came
	silent  bool      // as was told at the last renewal

	asked    atomic.Bool                  // CONNECT came: what it waits for now is ours
	member   atomic.Pointer[token.Member] // nil until connected; replaced by a refresh
	spoken   atomic.Int32                 // the stomp.Version, once connected
	beats    atomic.Int64                 // period of our heart-beats, ns; 0: none
	expected atomic.Int64                 // period of the peer's, ns; 0: none
	errors   atomic.Pointer[subscription] // where refusals go; nil: nowhere
	pinged   atomic.Int64                 // when the last ping was sent, Unix ns

	mu   sync.Mutex // guards subs
	subs map[string]*subscription
}

func newSession(g *Gateway, c *conn) *session {
	s := &session{
		g: g, conn: c, decoder: stomp.NewDecoder(),
		opened: g.now(), slots: make(chan struct{}, maxInFlight), busy: make(chan struct{}, 1), turn: make(chan struct{}, 1), subs: map[string]*subscription{},
		frames: perSecond(g.limits.Frames, g.limits.Frames*frameBurst),
	}
	s.handle = s.connecting
	s.news.Store(1) // start looks first, or knows that nothing came
	return s
}

func (s *session) version() stomp.Version { return stomp.Version(s.spoken.Load()) }

// normalClosure is the code of a Close after a DISCONNECT (RFC 6455 section 7.4.1).
const normalClosure = 1000

// errDisconnected ends the reading after a DISCONNECT.
var errDisconnected = errors.New("disconnected")

// start has everything read that comes, from now on: by a goroutine that is there only
// while something is read, if the poller can tell when that is, or else by one that waits.
func (s *session) start() {
	if s.conn.net.tells() && s.news.Add(-1) == 0 {
		return // few clients send anything before they have seen the upgrade
	}
	s.conn.net.begin(s.read)
}

// readable has read what may have come. Any goroutine may call it, and at any time: who
// reads already looks again.
func (s *session) readable() {
	if s.news.Add(1) == 1 {
		s.conn.net.begin(s.read)
	}
}

func (s *session) read() {
	buf := readBuffers.Get().(*readBuffer)
	defer readBuffers.Put(buf)
	for {
		news := s.news.Load()
		for {
			n, err := s.conn.net.next(buf[:])
			if err == rawsock.ErrAgain {
				break
			}
			if err := s.take(buf[:n], err); err != nil {
				s.over(err) // and news stay: nobody reads again
				return
			}
		}
		if s.news.Add(-news) == 0 {
			return
		}
	}
}

// over takes everything down.
func (s *session) over(err error) {
	defer s.g.exit(s)
	defer s.leavePlace()
	defer s.conn.cancel()
	defer s.unsubscribeAll()
	s.g.counted.ended(s.conn.saidGoodbye(), err)
}

// take handles what was read, text and binary messages alike, as pieces of the stream of
// frames. Its error says how the socket ended.
func (s *session) take(p []byte, err error) error {
	if err != nil || s.broken {
		return err
	}
	err = s.incoming.feed(p, s.consume, s.control)
	if err == nil || errors.Is(err, errPeerClosed) {
		return err
	}
	s.broken = true // and read on, until the peer's end or the goodbye's deadline
	s.bye(fault.Protocol, err.Error())
	return nil
}

// control does what the peer's control frames ask for. What a pong has in it is nothing to
// us: that it came was heard.
func (s *session) control(opcode byte, payload []byte) error {
	switch opcode {
	case ping:
		s.conn.pong(payload)
	case closing:
		if !isClose(payload) {
			payload = closePayload(fault.Protocol.CloseCode(), "a Close is malformed")
		}
		s.conn.answerClose(payload)
		return errPeerClosed
	}
	return nil
}

// consume handles all frames that p completes. The first error ends the session; the
// peer is told. After that it forgets, until the peer's Close or the goodbye's deadline.
func (s *session) consume(p []byte) {
	if s.handle == nil {
		return
	}
	s.decoder.Feed(p)
	for s.handle != nil {
		frame, err := s.decoder.Next()
		if frame == nil && err == nil {
			return
		}
		if err == nil {
			s.pause()
			err = s.do(frame)
		}
		if err != nil {
			s.handle = nil
		}
		if err != nil && !errors.Is(err, errDisconnected) {
			s.fail(frame, err)
		}
	}
}

// do handles one frame. Behind a goodbye from elsewhere nothing is done any more.
func (s *session) do(f *stomp.Frame) error {
	s.busy <- struct{}{}
	defer func() { <-s.busy }()
	if s.conn.leaving() || s.departing.Load() {
		return errDisconnected
	}
	return s.handle(f)
}

// pause keeps a session to its pace of frames by reading no further for a while: its
// peer's own socket fills up, and nothing is lost.
func (s *session) pause() {
	if s.frames == nil {
		return
	}
	now := s.g.now()
	if wait := s.frames.ReserveN(now, 1).DelayFrom(now); wait > 0 {
		over := time.NewTimer(wait)
		defer over.Stop()
		select {
		case <-over.C:
		case <-s.conn.left():
		case <-s.conn.ctx.Done():
		}
	}
}

// connected understands everything but CONNECT.
func (s *session) connected(f *stomp.Frame) error {
	switch f.Command {
	case stomp.Send:
		return s.send(f)
	case stomp.Subscribe:
		return bodiless(s.subscribe, f)
	case stomp.Unsubscribe:
		return bodiless(s.unsubscribe, f)
	case stomp.Begin, stomp.Commit, stomp.Abort:
		return bodiless(s.transact, f)
	case stomp.Ack, stomp.Nack:
		return bodiless(s.acknowledge, f)
	case stomp.Disconnect:
		return bodiless(s.disconnect, f)
	case stomp.Connect, stomp.Stomp:
		return fault.New(fault.Protocol, "This session is connected already.")
	}
	return fault.New(fault.Protocol, "This command is not known.")
}

// bodiless handles a frame that may have no body, as all but SEND (STOMP 1.2, Body).
func bodiless(handle func(*stomp.Frame) error, f *stomp.Frame) error {
	if len(f.Body) > 0 {
		return fault.New(fault.Protocol, "Only SEND may have a body.")
	}
	return handle(f)
}

// disconnect answers once everything received before is done (STOMP 1.2, DISCONNECT).
func (s *session) disconnect(f *stomp.Frame) error {
	s.settle(s.conn.ctx)
	s.receipt(f)
	s.conn.close(nil, normalClosure, "")
	return errDisconnected
}

// depart ends the session because the node stops: the frame under way is the last one
// that is done, and what was begun is receipted first.
func (s *session) depart(ctx context.Context) {
	s.departing.Store(true)
	s.finish(ctx)
	s.bye(fault.Stopping, "this node stops: reconnect, resume with last-seq")
}

// finish waits for the frame under way and for what was begun, while ctx and the socket last.
func (s *session) finish(ctx context.Context) {
	select {
	case s.busy <- struct{}{}:
		s.settle(ctx)
		<-s.busy
	case <-ctx.Done():
	case <-s.conn.ctx.Done():
	}
}

// settle takes all slots, so that no SEND waits for its commit, and gives them back. It
// gives up when ctx or the socket is over. Only who is busy may call it: two that each
// took half of the slots would wait for ever.
func (s *session) settle(ctx context.Context) {
	taken := 0
	defer func() {
		for range taken {
			<-s.slots
		}
	}()
	for ; taken < maxInFlight; taken++ {
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return
		case <-s.conn.ctx.Done():
			return
		}
	}
}

// sweep does what is due at now: deadlines, heart-beats, pings.
func (s *session) sweep(now time.Time) {
	member := s.member.Load()
	silent := now.Sub(s.conn.net.lastHeard())
	expected, beats := time.Duration(s.expected.Load()), time.Duration(s.beats.Load())
	switch {
	case member == nil && !s.asked.Load() && now.Sub(s.opened) >= connectWithin:
		s.fail(nil, fault.New(fault.Protocol, "No CONNECT came within %v.", connectWithin))
	case member != nil && !now.Before(member.ExpiresAt.Add(tokenGrace)):
		s.fail(nil, fault.New(fault.TokenExpired, "The token has expired: refresh it, then reconnect."))
	case expected > 0 && silent >= expected*silentAfter/10:
		s.bye(fault.Protocol, "no heart-beat")
	case member != nil && beats > 0 && now.Sub(s.conn.quietSince()) >= beats*beatAfter/10:
		s.conn.send(heartBeatMessage)
	case (beats == 0 || expected == 0) && silent >= pingTimeout:
		s.bye(fault.Protocol, "no pong")
	case (beats == 0 || expected == 0) && silent >= pingEvery && now.UnixNano()-s.pinged.Load() >= int64(pingEvery):
		s.pinged.Store(now.UnixNano())
		s.conn.ping()
	}
}

// bye closes the socket without an ERROR, for reasons that are not the client's doing.
func (s *session) bye(k fault.Kind, reason string) { s.conn.close(nil, k.CloseCode(), reason) }
