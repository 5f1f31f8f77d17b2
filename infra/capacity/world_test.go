//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/testenv"
	"github.com/sixseat/sixseat/pkg/token"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// counting is a PostgreSQL that counts statements.
var counting = []string{"-c", "shared_preload_libraries=pg_stat_statements"}

// world is running services on stores of their own, for a load to come to.
type world struct {
	*testing.T
	key             string // SIGNING_KEY
	postgres, redis *testenv.Server
	chat, match     *testenv.Server
	others          []*testenv.Server // further chat nodes
	chatEnv         []string
}

// newWorld starts chat-service, whose limits for people are off: a load is from one
// address, and of few who talk much. What CHAT_ENV names is for chat nodes alone, so that
// one of Go's knobs turns nothing else on this machine.
func newWorld(t *testing.T, postgres ...string) *world {
	t.Helper()
	w := &world{T: t, key: token.NewSeed(), postgres: testenv.StartPostgres(t, postgres...), redis: testenv.StartRedis(t)}
	signer, err := token.NewSigner(w.key, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(signer.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	w.chatEnv = append([]string{"VERIFY_KEYS=" + string(keys), "LIMIT_SEND_RATE=0", "LIMIT_ACCEPTS=0", "LIMIT_CONNECTIONS=0"}, strings.Fields(os.Getenv("CHAT_ENV"))...)
	w.chat = w.start("chat", w.chatEnv...)
	return w
}

// another starts a further chat node.
func (w *world) another() {
	w.Helper()
	w.others = append(w.others, testenv.StartService(w, folder("chat"), w.env("chat", w.chatEnv...)...))
}

func folder(name string) string { return "../../services/" + name + "-service" }

// env are a service's settings, with where its stores are.
func (w *world) env(name string, own ...string) []string {
	return append(own[:len(own):len(own)], "DATABASE_URL="+w.postgres.Database(name), "REDIS_URL="+w.redis.URL, "LOG_LEVEL=warn", "DRAIN_NOTICE=0s", "DRAIN_WINDOW=0s")
}

// start starts a service on a database of its own.
func (w *world) start(name string, env ...string) *testenv.Server {
	w.Helper()
	if err := w.postgres.Exec("CREATE DATABASE " + name); err != nil {
		w.Fatal(err)
	}
	env = w.env(name, env...)
	testenv.RunService(w, folder(name), "migrate", env...)
	return testenv.StartService(w, folder(name), env...)
}

// startMatch starts match-service as well.
func (w *world) startMatch() {
	w.Helper()
	w.match = w.start("match", "SIGNING_KEY="+w.key, "LIMIT_MEMBERS_PER_ADDRESS=0", "LIMIT_JOINS=0", "LIMIT_STREAMS=0")
}

// getenv is the environment, with the key of this world.
func (w *world) getenv(name string) string {
	if name == "SIGNING_KEY" {
		return w.key
	}
	return os.Getenv(name)
}

// flags say where everything is.
func (w *world) flags() []string {
	list := []string{"-target", w.chat.URL, "-metrics", "chat=" + w.chat.AdminURL + "/metrics",
		"-process", "postgres=" + w.port(w.postgres), "-process", "redis=" + w.port(w.redis)}
	for i, node := range w.others {
		list = append(list, "-node", node.URL, "-metrics", fmt.Sprintf("chat%d=%s/metrics", i+2, node.AdminURL))
	}
	if w.match != nil {
		list = append(list, "-match", w.match.URL, "-metrics", "match="+w.match.AdminURL+"/metrics")
	}
	return list
}

// measuring are the arguments of a measurement.
func (w *world) measuring(file string, more ...string) []string {
	args := append([]string{"measure", "-out", file, "-postgres", w.postgres.URL, "-redis", w.redis.URL}, w.flags()...)
	return append(args, more...)
}

func (w *world) port(s *testenv.Server) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		w.Fatal(err)
	}
	return ":" + u.Port()
}
