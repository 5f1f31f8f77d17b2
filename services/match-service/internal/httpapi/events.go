package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// events answers GET /match/queue/events: server-sent events (HTML standard, section
// 9.2), each the full state, without ids.
func (a api) events(c *gin.Context) error {
	who, err := a.Verifier.FromRequest(c.Request)
	if err != nil {
		return err
	}
	m := match.Member{ID: who.ID, Nickname: who.Nickname}
	slot, err := a.Limits.openStream(c.Request.Context(), m.ID, a.NewID())
	if err != nil {
		return err
	}
	defer slot.release(c.Request.Context())
	ending, closed, err := a.Streams.open()
	if err != nil {
		return err
	}
	defer closed()
	// Watch before the first read, so that no change falls between the two.
	news, stop := a.Watchers.Watch(m.ID)
	defer stop()
	ctx := c.Request.Context()
	read := func(ctx context.Context) (match.State, error) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		slot.renew(ctx)
		return a.Matcher.Read(ctx, m)
	}
	first, err := read(ctx)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusOK)
	s := stream{
		read:   read,
		encode: func(to *bytes.Buffer, s match.State) error { return a.event(to, m, s) },
		write:  writeWithin(c.Writer, writeTimeout),
		news:   news,
		follow: func(n match.News, s match.State) (match.State, bool) { return n.After(s, m.ID, a.Now()) },
		ending: ending,
		life:   min(lifetime(), who.ExpiresAt.Sub(a.Now())),
	}
	last := s.run(ctx, first)
	a.farewell(ctx, m, last)
	return nil
}

// lifetime is streamLife, give or take a fifth.
func lifetime() time.Duration {
	return streamLife - streamLife/5 + rand.N(2*streamLife/5)
}

// farewell marks the end of a waiting member's stream: presence counts from here.
func (a api) farewell(ctx context.Context, m match.Member, last match.State) {
	if last.Kind != matchapi.Waiting {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTimeout)
	defer cancel()
	if _, err := a.Matcher.Read(ctx, m); err != nil {
		a.Log.Debug("end of stream not marked", "member_id", m.ID, "err", err)
	}
}

// event adds one event with the full state to what is there.
func (a api) event(to *bytes.Buffer, m match.Member, s match.State) error {
	body, err := a.stateBody(m, s)
	if err != nil {
		return err
	}
	to.WriteString("event: " + matchapi.EventState + "\ndata: ")
	if err := json.NewEncoder(to).Encode(body); err != nil { // it ends the line
		return fmt.Errorf("encode state: %w", err)
	}
	to.WriteByte('\n')
	return nil
}

// writeWithin writes and flushes with a deadline for each write.
func writeWithin(w http.ResponseWriter, timeout time.Duration) func([]byte) error {
	control := http.NewResponseController(w)
	return func(b []byte) error {
		if err := control.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		return control.Flush()
	}
}
