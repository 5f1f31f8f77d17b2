package app

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/metrictest"
	"github.com/sixseat/sixseat/pkg/redisconn"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// measured is two nodes of which the first is looked at, and what is below them.
type measured struct {
	*testing.T
	s3      *gate // behind it lie the pictures of both
	a, b    *node
	watch   *metrictest.Watch // of a
	room    string
	redis   *miniredis.Miniredis
	outside *sql.Conn // of the database, past both nodes
}

// gate stands before an S3 server.
type gate struct {
	client *s3.Client
	shut   sync.RWMutex // locked: nobody gets through
	away   func()       // hangs up on everybody, for good
}

func newGate(t *testing.T) *gate {
	t.Helper()
	files, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(files.URL)
	if err != nil {
		t.Fatal(err)
	}
	g, through := &gate{}, httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.shut.RLock()
		defer g.shut.RUnlock()
		through.ServeHTTP(w, r)
	}))
	g.away = sync.OnceFunc(func() {
		server.Close()
		if err := files.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(g.away)
	options := files.Client.Options()
	options.BaseEndpoint = &server.URL
	g.client = s3.New(options)
	return g
}

func newMeasured(t *testing.T, env ...string) *measured {
	m := &measured{T: t, room: uuid.NewString(), redis: miniredis.RunT(t)}
	file, seed := filepath.Join(t.TempDir(), "chat.db"), token.NewSeed()
	m.s3 = newGate(t)
	env = append(env, "FILES_BUCKET="+embedded.Bucket)
	parts := func() Parts {
		d, err := embedded.SQLite(file)
		if err != nil {
			t.Fatal(err)
		}
		client, err := redisconn.Open("redis://"+m.redis.Addr(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return Parts{Dialector: d, Redis: client, S3: m.s3.client}
	}
	m.a, m.b = start(t, seed, parts(), env...), start(t, seed, parts(), append(env, "ARCHIVE_AFTER=0")...) // a alone archives
	m.watch = metrictest.NewWatch(t, m.a.app.AdminAddr())
	db, err := database.Connect(t.Context(), parts().Dialector)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if m.outside, err = raw.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.outside.Close(); _ = raw.Close() })
	return m
}

func (m *measured) sql(statement string) {
	m.Helper()
	if _, err := m.outside.ExecContext(m.Context(), statement); err != nil {
		m.Fatal(err)
	}
}

// silent is a room of two in which nobody spoke for years.
func (m *measured) silent() string {
	m.Helper()
	id := uuid.NewString()
	m.a.enter(id, 1)
	m.a.enter(id, 2)
	m.sql("UPDATE messages SET created_at = '2020-01-01 00:00:00+00:00' WHERE room_id = '" + id + "'")
	m.sql("UPDATE rooms SET quiet_since = '2020-01-01 00:00:00+00:00' WHERE id = '" + id + "'")
	return id
}

// sweep does what each node does once a minute.
func (m *measured) sweep() { _ = m.a.app.moves.Sweep(m.Context()) } // an error is in the metrics

func (m *measured) listen(n *node, member string, headers ...string) *stomptest.Client {
	m.Helper()
	c := n.dial(member, "/chat/ws")
	c.Send("SUBSCRIBE", "", append(headers, "id:1", "destination:"+chatapi.TopicPrefix+m.room, "receipt:s")...)
	for c.Next().Command != "RECEIPT" { // a replay's messages may come first
	}
	return c
}

func (m *measured) say(c *stomptest.Client, headers ...string) {
	c.Send("SEND", `{"type":"TEXT","comment":"x"}`, append(headers, "destination:"+chatapi.ChatPrefix+m.room)...)
}

// behind commits a message of which no node is told.
func (m *measured) behind() {
	m.Helper()
	journal := m.a.app.store.Journal(func() {}, slog.New(slog.DiscardHandler))
	defer journal.Close()
	post, err := chat.Compose(chat.Draft{RoomID: m.room, Body: []byte(`{"type":"TEXT","comment":"x"}`)}, token.Member{ID: "member1"}, time.Now())
	if err != nil {
		m.Fatal(err)
	}
	stored := make(chan error)
	if err := journal.Append([]chat.Post{post}, func(_ []chat.Stored, err error) { stored <- err }); err != nil {
		m.Fatal(err)
	}
	if err := <-stored; err != nil {
		m.Fatal(err)
	}
}

// Every metric that the README documents moves as it says there.
func TestMetrics_moveAsDocumented(t *testing.T) {
	m := newMeasured(t, "LIMIT_CONNECTIONS=5", "DRAIN_NOTICE=3s")
	m.watch.Moves("nobody is here", func() {}, map[string]string{
		"chat_sockets": "=0", "chat_rooms": "=0", "chat_posts_waiting": "=0", "chat_bus_up": "=1", "chat_presence_sure": "=1", "chat_bus_lag_seconds_count": "++",
		fmt.Sprintf(`service_build_info{commit="unknown",goversion=%q,service="chat-service",version="dev"}`, runtime.Version()): "=1",
	})
	var held []byte
	m.watch.Moves("a collection leaves more", func() {
		held = make([]byte, 64<<20)
		runtime.GC()
	}, map[string]string{"chat_memory_used_bytes": "++"})
	runtime.KeepAlive(held)
	var one, other, again *stomptest.Client
	m.watch.Moves("a member listens on each node", func() {
		m.a.enter(m.room, 1)
		m.b.enter(m.room, 2)
		one, other = m.listen(m.a, "member1"), m.listen(m.b, "member2")
	}, map[string]string{
		"chat_sockets": "=1", "chat_rooms": "=1", `chat_replays_total`: "+0",
		`http_requests_total{method="GET",route="/chat/ws",status="101"}`: "+1", `http_request_seconds_count{method="GET",route="/chat/ws"}`: "+1",
	})
	m.watch.Moves("a message", func() { m.say(one, "idempotency-key:k") }, map[string]string{
		`chat_posts_total{outcome="stored"}`: "+1", "chat_commit_posts_count": "+1", "chat_commit_seconds_count": "+1",
		`chat_deliveries_total{by="live"}`: "+1", "chat_delivery_seconds_count": "+1", "chat_bus_sent_total": "++",
	})
	m.watch.Moves("the same again", func() { m.say(one, "idempotency-key:k") }, map[string]string{
		`chat_posts_total{outcome="repeated"}`: "+1", `chat_posts_total{outcome="stored"}`: "+0", `chat_deliveries_total{by="live"}`: "+0",
	})
	m.watch.Moves("a message through the other node", func() { m.say(other) }, map[string]string{
		"chat_bus_received_total": "++", `chat_deliveries_total{by="live"}`: "+1", `chat_posts_total{outcome="stored"}`: "+0",
	})
	m.watch.Moves("a return", func() { again = m.listen(m.a, "member1", "last-seq:1") }, map[string]string{
		"chat_replays_total": "+1", `chat_deliveries_total{by="replay"}`: "+3", "chat_sockets": "=2",
	})
	m.watch.Moves("a message that the bus lost", func() { m.behind(); m.say(one) }, map[string]string{
		"chat_gaps_healed_total": "+1", `chat_deliveries_total{by="live"}`: "+4",
	})
	m.watch.Moves("a SEND that is refused", func() {
		c := m.a.dial("member1", "/chat/ws")
		c.Send("SEND", `{"type":"SONG"}`, "destination:"+chatapi.ChatPrefix+m.room)
		c.Want("ERROR")
	}, map[string]string{`chat_refusals_total{kind="invalid"}`: "+1", `chat_closes_total{code="1008"}`: "+1"})
	show := func(picture string) {
		m.a.dial("member1", "/chat/ws").Send("SEND", `{"type":"IMAGE","imageId":"`+picture+`"}`, "destination:"+chatapi.ChatPrefix+m.room)
	}
	var last string
	m.watch.Moves("a picture", func() {
		last = m.a.upload("member1", m.room, anImage(t))
		c := m.a.dial("member1", "/chat/ws")
		c.Send("SEND", `{"type":"IMAGE","imageId":"`+last+`"}`, "destination:"+chatapi.ChatPrefix+m.room, "receipt:r")
		c.Want("RECEIPT")
		c.Hangup()
	}, map[string]string{`chat_pictures_total{outcome="kept"}`: "+1", "chat_picture_seconds_count": "+1", "chat_pictures_waiting": "=0", "chat_sockets": "=2"})
	look := func() { m.a.call("member1", "GET", "/chat/rooms/"+m.room+"/images/"+last, "") }
	m.watch.Moves("somebody who looks at it", look, map[string]string{`chat_picture_links_total{outcome="given"}`: "+1"})
	m.watch.Moves("one that was never uploaded, while S3 hangs", func() { m.s3.shut.Lock(); show(uuid.NewString()) }, map[string]string{"chat_pictures_waiting": "=1"})
	m.watch.Moves("and goes on", m.s3.shut.Unlock, map[string]string{`chat_pictures_total{outcome="refused"}`: "+1", "chat_pictures_waiting": "=0", "chat_sockets": "=2"})
	m.watch.Moves("a transaction whose second is no picture", func() {
		c := m.a.dial("member1", "/chat/ws")
		c.Send("BEGIN", "", "transaction:t")
		for _, id := range []string{m.a.upload("member1", m.room, anImage(t)), uuid.NewString()} {
			c.Send("SEND", `{"type":"IMAGE","imageId":"`+id+`"}`, "destination:"+chatapi.ChatPrefix+m.room, "transaction:t")
		}
		c.Send("COMMIT", "", "transaction:t")
		c.Want("ERROR")
	}, map[string]string{`chat_pictures_total{outcome="refused"}`: "+1", "chat_sockets": "=2"})
	m.watch.Moves("an hour later", func() {
		m.sql("UPDATE unsent_pictures SET since = '2020-01-01 00:00:00+00:00'")
		_ = m.a.app.orphans.Sweep(m.Context()) // an error is in the metrics
	}, map[string]string{`chat_orphans_total{outcome="removed"}`: "+1", `chat_orphans_total{outcome="failed"}`: "+0"})
	old := m.silent()
	history := func() { m.a.call("member1", "GET", "/chat/rooms/"+old+"/messages", "") }
	m.watch.Moves("a room that fell silent", m.sweep, map[string]string{`chat_archive_segments_total{outcome="stored"}`: "+1", "chat_archive_messages_total": "+2"})
	m.watch.Moves("somebody who reads it", history, map[string]string{`chat_archive_reads_total{outcome="fetched"}`: "+1"})
	m.watch.Moves("and once more", history, map[string]string{`chat_archive_reads_total{outcome="cached"}`: "+1"})
	m.watch.Moves("when it has been lost", func() { m.sql("UPDATE archives SET object = 'transcripts/none'"); history() }, map[string]string{`chat_archive_reads_total{outcome="damaged"}`: "+1", `chat_archive_reads_total{outcome="failed"}`: "+0"})
	m.watch.Moves("one while S3 is away", func() { m.s3.away(); show(uuid.NewString()) }, map[string]string{`chat_pictures_total{outcome="unavailable"}`: "+1", "chat_sockets": "=2"})
	m.watch.Moves("somebody who looks then", look, map[string]string{`chat_picture_links_total{outcome="unavailable"}`: "+1"})
	m.watch.Moves("an old room then", history, map[string]string{`chat_archive_reads_total{outcome="failed"}`: "+1", `chat_archive_reads_total{outcome="damaged"}`: "+0"})
	m.watch.Moves("a silent room then", func() { m.silent(); m.sweep() }, map[string]string{`chat_archive_segments_total{outcome="failed"}`: "+1", "chat_archive_messages_total": "+0"})
	m.watch.Moves("goodbyes", func() {
		m.a.dial("member1", "/chat/ws").Send("DISCONNECT", "")
		m.a.dial("member1", "/chat/ws").Message(8, true, []byte{0x0F, 0xA7}) // 4007, the peer's own
		again.Hangup()
	}, map[string]string{
		`chat_closes_total{code="1000"}`: "+1", `chat_closes_total{code="peer"}`: "+1", `chat_closes_total{code="lost"}`: "+1", "chat_sockets": "=1",
	})
	m.watch.Moves("too many sockets", func() {
		for range 5 {
			conn, err := net.Dial("tcp", m.a.addr)
			if err != nil {
				t.Fatal(err)
			}
			if c, _ := stomptest.Dial(t, conn, "/chat/ws", nil); c != nil {
				defer c.Hangup()
			}
		}
	}, map[string]string{
		`chat_sockets_refused_total{reason="connections"}`:                `+1`,
		`http_requests_total{method="GET",route="/chat/ws",status="503"}`: "+1", "chat_sockets": "=1",
	})
	m.watch.Moves("a database that is locked", func() { m.sql("BEGIN IMMEDIATE"); m.say(one, "receipt:late") }, map[string]string{"chat_posts_waiting": "=1"})
	m.watch.Moves("and is not any more", func() { m.sql("ROLLBACK") }, map[string]string{"chat_posts_waiting": "=0"})
	m.watch.Moves("a database that takes nothing", func() {
		m.sql("ALTER TABLE messages RENAME TO elsewhere")
		c := m.a.dial("member1", "/chat/ws")
		m.say(c)
		c.Want("ERROR")
		m.sql("ALTER TABLE elsewhere RENAME TO messages")
	}, map[string]string{
		"chat_commit_failures_total": "++", `chat_posts_total{outcome="refused"}`: "+1", `chat_refusals_total{kind="internal"}`: "+1", `chat_closes_total{code="1011"}`: "+1",
	})
	m.watch.Moves("nonsense on the bus", func() { m.redis.Publish("sixseat:{"+m.room+"}:bus", "nonsense") }, map[string]string{"chat_bus_malformed_total": "+1"})
	m.watch.Moves("a database that went back", func() {
		m.sql("DELETE FROM messages WHERE room_id = '" + m.room + "' AND seq > 1")
		m.sql("UPDATE rooms SET last_seq = 1 WHERE id = '" + m.room + "'")
	}, map[string]string{"chat_rooms_lost_total": "+1"})
	m.watch.Moves("no Redis", func() {
		m.redis.Close()
		one = m.listen(m.a, "member1")
		m.say(one)
	}, map[string]string{"chat_bus_up": "=0", "chat_presence_sure": "=0", "chat_bus_dropped_total": "++"})
	m.watch.Moves("a drain", func() { go m.a.stop() }, map[string]string{`service_drains_total{told_by="signal"}`: "+1"})

	m.watch.Complete("../README.md")
	series := m.watch.Scrape().Series
	for _, name := range []string{"redis_pool_hit_total", `go_sql_max_open_connections{db_name="main"}`, "go_goroutines", "process_open_fds"} {
		if series[name] == 0 {
			t.Errorf("%s is 0 or not there", name)
		}
	}
}

// Ten times as many rooms and members, and whatever a client can make up, add no series.
func TestMetrics_haveNoLabelThatGrows(t *testing.T) {
	m := newMeasured(t)
	evening := func(rooms int) {
		for i := range rooms {
			id := uuid.NewString()
			for seat := range 6 {
				m.a.enter(id, seat+1)
			}
			c := m.a.dial("member1", "/chat/ws")
			c.Send("SUBSCRIBE", "", "id:1", "destination:"+chatapi.TopicPrefix+id, "last-seq:0", "receipt:s")
			c.Send("SEND", `{"type":"TEXT","comment":"x"}`, "destination:"+chatapi.ChatPrefix+id, "receipt:r")
			for c.Next().Command != "RECEIPT" {
			}
			c.Message(8, true, []byte{byte(0x0F + i), 0xA0})
			for _, path := range []string{"/chat/rooms/" + id, "/chat/rooms/" + id + "/messages", "/nowhere/" + id} {
				m.a.call("member1", "GET", path, "")
				m.a.call("member1", fmt.Sprint("MADEUP", i), path, "")
			}
			if a := m.a.call("member1", "DELETE", "/chat/rooms/"+id+"/members/me", ""); a.StatusCode != http.StatusNoContent {
				t.Fatal(a.Status)
			}
		}
	}
	evening(1)
	m.watch.NothingNew(func() { evening(10) })
	if name := `http_requests_total{method="GET",route="/chat/rooms/:roomId",status="200"}`; m.watch.Scrape().Series[name] != 11 {
		t.Errorf("not all requests are in %s", name)
	}
}
