//go:build integration

package box_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"

	"github.com/sixseat/sixseat/infra/onebox/internal/balanced"
	"github.com/sixseat/sixseat/infra/terraform"
	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
	chat "github.com/sixseat/sixseat/services/chat-service/app"
	match "github.com/sixseat/sixseat/services/match-service/app"
)

// cachePassword stands in a URL, as those of the stack do.
const cachePassword = "0123456789abcdef0123456789abcdef"

// TestJourney_asTheStackStartsIt runs the services' binaries with what the task
// definitions in infra/terraform give them: a user of its own in the cache for each, with
// the permissions of cache.tf and no more; the password of PostgreSQL beside its URL;
// keys by JWKS_URL.
func TestJourney_asTheStackStartsIt(t *testing.T) {
	cache := testenv.StartRedis(t)
	admin := client(t, cache.URL)
	for service, access := range cacheUsers(t) {
		user := append([]any{"ACL", "SETUSER", service, ">" + cachePassword}, fields(access)...)
		if err := admin.Do(t.Context(), user...).Err(); err != nil {
			t.Fatalf("user %s of cache.tf: %v", service, err)
		}
	}
	refused(t, cache.URL, "chat", "GET", "{match}:waits")
	refused(t, cache.URL, "match", "GET", "chat:limit:messages:ada")
	refused(t, cache.URL, "match", "FLUSHALL")
	refused(t, cache.URL, "chat", "KEYS", "*")
	refused(t, cache.URL, "chat", "CONFIG", "GET", "maxmemory-policy")
	if err := admin.Do(t.Context(), "ACL", "LOG", "RESET").Err(); err != nil {
		t.Fatal(err)
	}

	matchService := testenv.StartService(t, "../../../services/match-service", append(stores(t, cache.URL, "match", match.Migrate),
		"SIGNING_KEY="+token.NewSeed(), "LIMIT_MEMBERS_PER_ADDRESS=0", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s")...)
	chatService := testenv.StartService(t, "../../../services/chat-service", append(stores(t, cache.URL, "chat", chat.Migrate),
		"JWKS_URL="+matchService.URL+"/match/.well-known/jwks.json", "LIMIT_SEND_RATE=0", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s")...)

	journey(t, balanced.Start(t, matchService.URL, chatService.URL))

	log, err := admin.Do(t.Context(), "ACL", "LOG").Slice()
	if err != nil || len(log) > 0 {
		t.Errorf("the cache refused a service something (%v): %v", err, log)
	}
}

// cacheUsers are the access strings of cache.tf by service.
func cacheUsers(t *testing.T) map[string]string {
	t.Helper()
	file, err := terraform.Files.ReadFile("cache.tf")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`cache_commands = "(.*)"`).FindSubmatch(file)
	users := map[string]string{}
	for _, service := range []string{"chat", "match"} {
		keys := regexp.MustCompile(`(?m)^    ` + service + `\s+= "(~.*)"$`).FindSubmatch(file)
		if keys == nil || commands == nil {
			t.Fatalf("cache.tf has no keys for %s, or no commands", service)
		}
		users[service] = "on " + string(keys[1]) + " " + string(commands[1])
	}
	return users
}

// stores are a service's settings for its database and the cache.
func stores(t *testing.T, cache, service string, migrate func(context.Context, gorm.Dialector) error) []string {
	t.Helper()
	db, err := url.Parse(migrated(t, service, migrate))
	if err != nil {
		t.Fatal(err)
	}
	db.User = url.User(db.User.Username()) // the password comes as DATABASE_PASSWORD
	return []string{"DATABASE_URL=" + db.String(), "DATABASE_PASSWORD=trusted", "REDIS_URL=" + as(cache, service)}
}

// as is the cache's URL for one of its users.
func as(cache, user string) string {
	return strings.Replace(cache, "redis://", "redis://"+user+":"+cachePassword+"@", 1)
}

// refused checks that a user of the cache may not do something.
func refused(t *testing.T, cache, user string, command ...any) {
	t.Helper()
	err := client(t, as(cache, user)).Do(t.Context(), command...).Err()
	if err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
		t.Errorf("%s: %v: %v, want NOPERM", user, command, err)
	}
}

func client(t *testing.T, rawURL string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func fields(text string) []any {
	var list []any
	for _, f := range strings.Fields(text) {
		list = append(list, f)
	}
	return list
}
