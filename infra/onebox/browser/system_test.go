//go:build integration

package browser

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/sixseat/sixseat/infra/onebox/internal/balanced"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	chat "github.com/sixseat/sixseat/services/chat-service/app"
	match "github.com/sixseat/sixseat/services/match-service/app"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// system is one running Sixseat, of one test.
type system struct {
	url         string
	match, chat *testenv.Server // to be killed
}

func start(t *testing.T) *system {
	t.Helper()
	cache, files := testenv.StartRedis(t), testenv.StartS3(t)
	matchService := testenv.StartService(t, "../../../services/match-service", "DATABASE_URL="+migrated(t, "match", match.Migrate),
		"REDIS_URL="+cache.URL, "SIGNING_KEY="+token.NewSeed(), "LIMIT_MEMBERS_PER_ADDRESS=0", "FILES_ORIGIN="+files.URL, "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s")
	chatService := testenv.StartService(t, "../../../services/chat-service", "DATABASE_URL="+migrated(t, "chat", chat.Migrate),
		"REDIS_URL="+cache.URL, "JWKS_URL="+matchService.URL+"/match/.well-known/jwks.json", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s",
		"FILES_BUCKET="+testenv.S3Bucket, "S3_ENDPOINT="+files.URL, "AWS_REGION="+testenv.S3Region, "AWS_ACCESS_KEY_ID="+testenv.S3Key, "AWS_SECRET_ACCESS_KEY="+testenv.S3Secret)
	return &system{url: balanced.Start(t, matchService.URL, chatService.URL), match: matchService, chat: chatService}
}

func migrated(t *testing.T, service string, migrate func(context.Context, gorm.Dialector) error) string {
	t.Helper()
	return testenv.NewDatabase(t, service+"_browser", func(url string) error {
		d, err := database.Postgres(url)
		if err != nil {
			return err
		}
		return migrate(t.Context(), d)
	})
}
