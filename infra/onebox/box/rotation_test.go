package box_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/awstest"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/testclient"
	"github.com/sixseat/sixseat/pkg/token"
)

const (
	chatting = 17 * matchapi.Seats // members, all at once
	perSay   = 3 * time.Second

	// The ten minutes for which a new key is published before it signs, and the five after
	// which chat-service asks again, at a scale for a test.
	keyAfter  = "5s"
	jwksEvery = "500ms"
)

// The signing key in Secrets Manager changes twice while 102 members chat. No socket ends,
// no call is refused, tokens of each of the three keys are good to the end, and nothing
// that was receipted is missing.
func TestRotation_throwsNobodyOut(t *testing.T) {
	t.Setenv("SIGNING_KEY_AFTER", keyAfter)
	t.Setenv("JWKS_EVERY", jwksEvery)
	aws := awstest.Start(t, t.Setenv)
	rotate := func() (kid string) {
		seed := token.NewSeed()
		aws.Put("sixseat/match", map[string]string{"SIGNING_KEY": seed, "REDIS_URL": "redis://elsewhere"})
		signer, err := token.NewSigner(seed, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return signer.KeySet().Keys[0].ID
	}
	kids := []string{rotate()}
	stores, err := box.Embedded(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	stores.SigningKey = "aws-sm://sixseat/match#SIGNING_KEY"
	base := start(t, stores).URL()
	deadline, cancel := context.WithTimeout(t.Context(), journeyCeiling)
	defer cancel()
	movie := pick(t, deadline, base)[0]
	g, ctx := errgroup.WithContext(deadline)
	enough := make(chan struct{})
	chatters := make([]chatter, chatting)
	for room := range slices.Chunk(chatters, matchapi.Seats) { // one after another: no storm is tried here
		six, entering := errgroup.WithContext(ctx)
		for i := range room {
			six.Go(func() error { return room[i].enter(entering, base, movie) })
		}
		if err := six.Wait(); err != nil {
			close(enough)
			t.Fatal(errors.Join(err, g.Wait()))
		}
		for i := range room {
			g.Go(func() error { return room[i].talk(ctx, enough) })
		}
	}
	g.Go(func() error {
		defer close(enough)
		for range 2 {
			kids = append(kids, rotate())
			if err := signsWith(ctx, base, kids[len(kids)-1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}

	var published token.KeySet
	guest := &testclient.Member{Base: base}
	if err := guest.Call(deadline, http.MethodGet, "/match/.well-known/jwks.json", nil, &published); err != nil {
		t.Fatal(err)
	}
	for _, kid := range kids {
		if !slices.ContainsFunc(published.Keys, func(key token.JWK) bool { return key.ID == kid }) {
			t.Errorf("key %s is not published", kid)
		}
	}
	for i := range chatters {
		chatters[i].check(t, kids)
	}
}

// signsWith waits until new members get tokens of this key; each of their tokens must be
// good at both services on the way there.
func signsWith(ctx context.Context, base, kid string) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		m, err := testclient.SignIn(ctx, base, "watcher")
		if err != nil {
			return err
		}
		if err := good(ctx, m); err != nil {
			return err
		}
		if got, err := kidOf(m.Token); got == kid || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("key %s does not sign: %w", kid, ctx.Err())
		}
	}
}

// good wants the member's token to be taken by both services.
func good(ctx context.Context, m *testclient.Member) error {
	if err := patient(ctx, m, http.MethodGet, "/match/queue", nil); err != nil {
		return err
	}
	return patient(ctx, m, http.MethodGet, "/chat/rooms", nil)
}

// patient calls again while a store does not answer in time, which is no question of keys.
func patient(ctx context.Context, m *testclient.Member, method, path string, answer any) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		err := m.Call(ctx, method, path, nil, answer)
		var refused *testclient.StatusError
		if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

func kidOf(raw string) (string, error) {
	var header struct {
		Kid string `json:"kid"`
	}
	first, _, _ := strings.Cut(raw, ".")
	part, err := base64.RawURLEncoding.DecodeString(first)
	if err == nil {
		err = json.Unmarshal(part, &header)
	}
	return header.Kid, err
}

// chatter is a member who talks as long as the test wants, on one socket.
type chatter struct {
	member   *testclient.Member
	socket   *testclient.Socket
	roomID   string
	first    string // the token of the beginning
	receipts int
	last     int64 // seq that was seen last
}

// enter brings the member into a room, and onto a socket that is subscribed to it.
func (c *chatter) enter(ctx context.Context, base, movie string) error {
	var err error
	if c.member, err = testclient.SignIn(ctx, base, "chatter"); err != nil {
		return err
	}
	c.first = c.member.Token
	state, err := c.member.Match(ctx, movie)
	if err != nil {
		return err
	}
	c.roomID = state.Room.RoomID
	if _, err := c.member.Enter(ctx, state.Ticket); err != nil {
		return err
	}
	if c.socket, err = c.member.Open(ctx); err != nil {
		return err
	}
	return c.socket.Send(ctx, testclient.Frame{Command: "SUBSCRIBE", Headers: map[string]string{"id": "room", "destination": "/topic/" + c.roomID, "last-seq": "0"}})
}

// talk says something again and again until it is enough, and takes a new token then.
func (c *chatter) talk(ctx context.Context, enough <-chan struct{}) error {
	defer func() { _ = c.socket.Drop() }()
	tick := time.NewTicker(perSay)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-enough:
			over = true
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := c.say(ctx); err != nil {
			return err
		}
	}
	return c.renew(ctx)
}

// say says something and reads on until it is receipted.
func (c *chatter) say(ctx context.Context) error {
	return c.send(ctx, "/pub/chat/"+c.roomID, "", fmt.Sprintf(`{"type":"TEXT","comment":"message %d"}`, c.receipts+1))
}

// renew takes the session and the member over to a token of the newest key.
func (c *chatter) renew(ctx context.Context) error {
	if err := patient(ctx, c.member, http.MethodPost, "/match/members/me/token", &c.member.Member); err != nil {
		return fmt.Errorf("a token of the first key is not renewed: %w", err)
	}
	if err := c.send(ctx, "/pub/session/refresh", c.member.Token, ""); err != nil {
		return err
	}
	if err := good(ctx, c.member); err != nil {
		return err
	}
	old := *c.member
	old.Token = c.first
	if err := good(ctx, &old); err != nil {
		return fmt.Errorf("a token of the first key is not good: %w", err)
	}
	again, err := old.Open(ctx)
	if err != nil {
		return fmt.Errorf("a token of the first key opens no socket: %w", err)
	}
	return again.Drop()
}

func (c *chatter) send(ctx context.Context, destination, fresh, body string) error {
	c.receipts++
	receipt := strconv.Itoa(c.receipts)
	headers := map[string]string{"destination": destination, "receipt": receipt}
	if fresh != "" {
		headers["Authorization"] = "Bearer " + fresh
	}
	if err := c.socket.Send(ctx, testclient.Frame{Command: "SEND", Headers: headers, Body: body}); err != nil {
		return err
	}
	for {
		f, err := c.socket.Next(ctx)
		if err != nil {
			return fmt.Errorf("%s was thrown out: %w", c.member.MemberID, err)
		}
		switch f.Command {
		case "RECEIPT":
			if f.Headers["receipt-id"] == receipt {
				return nil
			}
		case "MESSAGE":
			seq, err := strconv.ParseInt(f.Headers["seq"], 10, 64)
			if err != nil || seq != c.last+1 {
				return fmt.Errorf("%s sees seq %s after %d", c.member.MemberID, f.Headers["seq"], c.last)
			}
			c.last = seq
		default:
			return fmt.Errorf("%s got %s %v %s", c.member.MemberID, f.Command, f.Headers, f.Body)
		}
	}
}

// check wants the tokens to have been of the first and of the last key, and all that was
// receipted to be stored.
func (c *chatter) check(t *testing.T, kids []string) {
	t.Helper()
	for raw, want := range map[string]string{c.first: kids[0], c.member.Token: kids[len(kids)-1]} {
		if got, err := kidOf(raw); got != want || err != nil {
			t.Errorf("%s has a token of key %s, %v; want %s", c.member.MemberID, got, err, want)
		}
	}
	history, err := c.member.History(t.Context(), c.roomID)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, m := range history {
		if m.MemberID == c.member.MemberID && m.Type == "TEXT" {
			said++
		}
	}
	if said != c.receipts-1 { // the last receipt is of the refreshed session
		t.Errorf("%s has receipts for %d messages, and %d are stored", c.member.MemberID, c.receipts-1, said)
	}
}
