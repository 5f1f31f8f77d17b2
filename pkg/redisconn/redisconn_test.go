package redisconn

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

var quietLog = slog.New(slog.DiscardHandler)

func TestOpen_makesTheKindOfClientThatTheURLAsksFor(t *testing.T) {
	client, err := Open("rediss://user:secret@redis.internal:6380/3", quietLog)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.(*redis.Client).Options()
	if o.Addr != "redis.internal:6380" || o.DB != 3 || o.Username != "user" || o.Password != "secret" || o.TLSConfig == nil || o.ReadTimeout != timeout {
		t.Errorf("%+v", o)
	}
	cluster, err := Open("redis://:secret@one:6379?addr=two:6379&cluster=true", quietLog)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	c := cluster.(*redis.ClusterClient).Options()
	if strings.Join(c.Addrs, " ") != "one:6379 two:6379" || c.Password != "secret" || c.ReadTimeout != timeout || c.PoolSize != conns {
		t.Errorf("%+v", c)
	}
}

func TestOpen_refusesWhatIsNoURL(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://localhost", "redis://localhost?cluster=maybe", "redis://localhost?odd=1", "redis://localhost/x", ":"} {
		if client, err := Open(url, quietLog); err == nil || !strings.Contains(err.Error(), "REDIS_URL") {
			t.Errorf("%q: %v, %v", url, client, err)
		}
	}
}

func TestReach_namesTheHost(t *testing.T) {
	for _, url := range []string{"redis://127.0.0.1:1/0", "redis://127.0.0.1:1?cluster=true"} {
		client, err := Open(url, quietLog)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := Reach(t.Context(), client); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
