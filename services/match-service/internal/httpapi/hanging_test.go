package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// hanging is a queue whose stores take every question and answer none.
type hanging struct{}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return database.Fault(ctx.Err())
}

func (hanging) Join(ctx context.Context, _ match.Member, _ matchapi.Join) (match.State, error) {
	return match.State{}, hang(ctx)
}

func (hanging) Read(ctx context.Context, _ match.Member) (match.State, error) {
	return match.State{}, hang(ctx)
}

func (hanging) Leave(ctx context.Context, _ match.Member) (matchapi.Left, error) {
	return matchapi.Left{}, hang(ctx)
}

func (hanging) Rooms(ctx context.Context, _ string) ([]match.Match, error) { return nil, hang(ctx) }

func TestRoutes_answerInTimeWhileAStoreHangs(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		after              time.Duration
	}{
		{"PUT", "/match/queue", `{"movieId":"film"}`, 10 * time.Second},
		{"GET", "/match/queue", "", 10 * time.Second},
		{"DELETE", "/match/queue", "", 10 * time.Second},
		{"GET", "/match/rooms", "", 10 * time.Second},
		{"GET", "/match/queue/events", "", 4 * time.Second},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, bearer := newHandler(t, hanging{})
				asked, answer := time.Now(), httptest.NewRecorder()
				r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
				r.Header.Set("Authorization", "Bearer "+bearer)

				handler.ServeHTTP(answer, r)

				if took := time.Since(asked); answer.Code != http.StatusServiceUnavailable || took != c.after {
					t.Errorf("answered %d %s after %v, want 503 after %v", answer.Code, answer.Body, took, c.after)
				}
			})
		})
	}
}

func newHandler(t *testing.T, m Matcher) (handler http.Handler, bearer string) {
	t.Helper()
	signer, err := token.NewSigner(strings.Repeat("A", 43), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.NewStatic(signer.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	if bearer, _, err = signer.Member("m", "ada"); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	return New(Parts{
		Matcher: m, Watchers: match.NewWatchers(), Streams: NewStreams(), Signer: signer, Verifier: token.NewVerifier(keys, time.Now),
		Limits: NewLimits(limit.New(nil, time.Now, log), 0, 0, 0), Health: service.NewHealth(nil),
		Page: func(notFound http.Handler) http.Handler { return notFound }, Origins: service.NewOrigins(nil),
		Now: time.Now, NewID: func() string { return "id" }, Log: log,
	}), bearer
}
