package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// receipt answers a frame that asked for it, with more headers if there are any.
func (s *session) receipt(f *stomp.Frame, more ...stomp.Header) {
	if id, asked := f.Get("receipt"); asked {
		headers := append([]stomp.Header{{Name: "receipt-id", Value: id}}, more...)
		s.conn.send(textMessage(s.version(), &stomp.Frame{Command: stomp.Receipt, Headers: headers}))
	}
}

// answerable is what the functions below need of a frame. It is kept in its place while
// its answer waits for a store, since the frame may have 64 KiB.
func answerable(f *stomp.Frame) *stomp.Frame {
	names := [...]string{"destination", "receipt"}
	kept := &stomp.Frame{Command: f.Command, Headers: make([]stomp.Header, 0, len(names))}
	for _, name := range names {
		if value, given := f.Get(name); given {
			kept.Headers = append(kept.Headers, stomp.Header{Name: name, Value: value})
		}
	}
	return kept
}

// fail answers a frame that broke the session, nil if there was none, with ERROR and
// closes behind it (STOMP 1.2, ERROR: the server must close). It may be called by any
// goroutine and does not block; only the first call counts. SENDs that were begun before are
// receipted first: they are stored, and a client without keys would send them again.
func (s *session) fail(f *stomp.Frame, err error) {
	if !s.departing.CompareAndSwap(false, true) {
		return
	}
	e := fault.From(err)
	s.logFailure(e)
	headers := []stomp.Header{{Name: "message", Value: plain(e.Detail)}, {Name: "content-type", Value: fault.ContentType}}
	if e.Slug == fault.UnsupportedVersion {
		headers = append(headers, stomp.Header{Name: "version", Value: stomp.Versions})
	}
	headers = append(headers, advice(err)...)
	instance := ""
	if f != nil {
		instance = f.Value("destination")
		if id, asked := f.Get("receipt"); asked {
			headers = append(headers, stomp.Header{Name: "receipt-id", Value: id})
		}
	}
	frame := textMessage(s.version(), &stomp.Frame{Command: stomp.Error, Headers: headers, Body: fault.ProblemOf(e, instance).JSON()})
	leave := func() { s.conn.close(frame, e.Kind.CloseCode(), e.Kind.Title()) }
	if len(s.slots) == 0 {
		leave()
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(s.conn.ctx, settleTimeout)
		defer cancel()
		s.finish(ctx)
		leave()
	}()
}

// plain is text without what clients read wrongly in a header: stompjs unescapes in
// several passes, so that a backslash may come back as a line end.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}

// refuse answers a frame that cannot be done but breaks nothing: with a problem for
// those who subscribed to refusals; for others it ends the session.
func (s *session) refuse(f *stomp.Frame, err error) {
	e := fault.From(err)
	to := s.errors.Load()
	if to == nil || breaks(e.Kind) {
		s.fail(f, err)
		return
	}
	s.logFailure(e)
	var headers []stomp.Header
	if id, asked := f.Get("receipt"); asked {
		headers = append(headers, stomp.Header{Name: "receipt-id", Value: id})
	}
	headers = append(headers, advice(err)...)
	s.conn.send(to.to().message(uuid.NewString(), fault.ContentType, fault.ProblemOf(e, f.Value("destination")).JSON(), headers...))
}

// advice is what headers say of a failure: when to try again, and with which last-seq.
func advice(err error) (headers []stomp.Header) {
	if after, known := fault.From(err).Retry(); known {
		headers = append(headers, stomp.Header{Name: "retry-after", Value: after})
	}
	var beyond *hub.Beyond
	if errors.As(err, &beyond) {
		headers = append(headers, stomp.Header{Name: chatapi.HeaderLastSeq, Value: strconv.FormatInt(beyond.LastSeq, 10)})
	}
	return headers
}

// breaks reports whether a fault ends the session whoever listens to refusals.
func breaks(k fault.Kind) bool {
	switch k {
	case fault.Protocol, fault.TooLarge, fault.Unauthenticated, fault.TokenExpired, fault.TooManySessions:
		return true
	}
	return false
}

func (s *session) logFailure(e *fault.Error) {
	s.g.counted.byKind[e.Kind].Inc()
	if e.Kind == fault.Internal {
		s.conn.note(slog.LevelError, "frame failed", "err", e)
		return
	}
	s.conn.note(slog.LevelInfo, "frame refused", "kind", e.Kind.String(), "err", e)
}
