package gateway

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// serverName is the server header of CONNECTED: name/version (STOMP 1.2, CONNECTED).
const serverName = "sixseat/1"

// connecting understands only CONNECT, and its other name STOMP.
func (s *session) connecting(f *stomp.Frame) error {
	if f.Command != stomp.Connect && f.Command != stomp.Stomp {
		return fault.New(fault.Protocol, "The first frame must be CONNECT.")
	}
	return bodiless(s.connect, f)
}

func (s *session) connect(f *stomp.Frame) error {
	s.asked.Store(true)
	version, ok := stomp.Negotiate(f.Get("accept-version"))
	if !ok {
		return fault.New(fault.Protocol, "None of these versions is spoken here: %s are.", stomp.Versions).WithSlug(fault.UnsupportedVersion)
	}
	if version == stomp.V10 {
		f = f.Trimmed()
	}
	canSend, wants, err := stomp.HeartBeats(f.Get("heart-beat"))
	if err != nil {
		return err
	}
	member, err := s.authenticate(f)
	if err != nil {
		return err
	}
	if err := s.takePlace(member.ID); err != nil {
		return err
	}
	s.decoder.Connected(version)
	s.spoken.Store(int32(version))
	s.handle = s.connected
	s.member.Store(&member)
	headers := []stomp.Header{{Name: "version", Value: version.String()}, {Name: "session", Value: s.conn.id}, {Name: "server", Value: serverName}}
	if version > stomp.V10 { // 1.0 has no heart-beats
		offer := fmt.Sprintf("%d,%d", heartBeat.Milliseconds(), heartBeat.Milliseconds())
		headers = append(headers, stomp.Header{Name: "heart-beat", Value: offer})
	}
	s.conn.send(textMessage(version, &stomp.Frame{Command: stomp.Connected, Headers: headers}))
	if version > stomp.V10 { // only now: nothing may come before CONNECTED, not even an EOL
		s.expected.Store(int64(stomp.Agree(canSend, heartBeat)))
		s.beats.Store(int64(stomp.Agree(heartBeat, wants)))
	}
	s.conn.note(slog.LevelInfo, "connected", "member_id", member.ID, "version", version)
	return nil
}

// authenticate takes the token from Authorization, or from passcode, where older
// clients put credentials.
func (s *session) authenticate(f *stomp.Frame) (token.Member, error) {
	raw := f.Value("passcode")
	if value, given := f.Get(chatapi.HeaderAuthorization); given || raw == "" {
		var err error
		if raw, err = token.Bearer(value); err != nil {
			return token.Member{}, err
		}
	}
	ctx, cancel := s.asking()
	defer cancel()
	return s.g.tokens.Member(ctx, raw)
}

// refresh lets the session go on with a new token of the same member.
func (s *session) refresh(f *stomp.Frame) error {
	fresh, err := s.authenticate(f)
	if err != nil {
		return err
	}
	if fresh.ID != s.member.Load().ID {
		return fault.New(fault.Unauthenticated, "The new token is another member's.")
	}
	s.member.Store(&fresh)
	s.receipt(f)
	return nil
}

// asking bounds a question to a store or to the publisher of keys.
func (s *session) asking() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.conn.ctx, storeTimeout)
}
