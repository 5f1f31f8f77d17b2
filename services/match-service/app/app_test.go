package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/services/match-service/app"
)

var timeNow = time.Now

func TestNew_wantsASigningKey(t *testing.T) {
	for key, want := range map[string]string{"": "SIGNING_KEY is not set", "short": "SIGNING_KEY: signing key 1"} {
		cfg := testConfig()
		cfg.SigningKey = key

		_, err := app.New(context.Background(), cfg, app.Parts{Dialector: emptySQLite(t), Redis: newMiniredis(t), Log: discard})

		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("key %q: got %v, want %q", key, err, want)
		}
	}
}

func TestNew_wantsAMigratedDatabase(t *testing.T) {
	_, err := app.New(context.Background(), testConfig(), app.Parts{Dialector: emptySQLite(t), Redis: newMiniredis(t), Log: discard})

	if err == nil || !strings.Contains(err.Error(), "run the verb migrate first") {
		t.Errorf("got %v, want what to do", err)
	}
}

func TestClose_mayBeCalledTwiceAndBeforeRun(t *testing.T) {
	a, err := app.New(context.Background(), testConfig(), app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_saysInOneLineWhoDoesNotAnswer(t *testing.T) {
	for what, c := range map[string]struct{ database, redis, want string }{
		"no database URL": {"", "redis://127.0.0.1:1", "DATABASE_URL is not set"},
		"no redis URL":    {"postgres://u@127.0.0.1:1/match", "", "REDIS_URL is not set"},
		"bad redis URL":   {"postgres://u@127.0.0.1:1/match", "http://x", "REDIS_URL: "},
		"nobody there":    {"postgres://u:secret@127.0.0.1:1/match", "redis://127.0.0.1:1", "127.0.0.1:1"},
	} {
		cfg := testConfig()
		cfg.DatabaseURL, cfg.RedisURL = c.database, c.redis
		began := time.Now()

		_, err := app.Open(context.Background(), cfg, discard)

		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %q, want one line with %q", what, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password is shown: %v", what, err)
		}
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("%s: took %v", what, d)
		}
	}
}
