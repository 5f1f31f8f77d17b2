package redispresence

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/testenv"

	"github.com/sixseat/sixseat/services/chat-service/internal/live"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestMemory_keepsThePresencesContract(t *testing.T) {
	contract(t, func(*testing.T) live.Presence { return live.NewMemory() })
}

func TestEmbeddedRedis_keepsThePresencesContract(t *testing.T) {
	r := startRedis(t)
	n := 0
	contract(t, func(*testing.T) live.Presence { n++; return New(r.Client, fmt.Sprint("test", n, ":")) })
}

func startRedis(t *testing.T) *embedded.Redis {
	t.Helper()
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// lease is how long words count in these tests.
const lease = 8 * time.Second

func state(version int64, members ...string) live.State {
	s := live.State{Version: version}
	for _, m := range members {
		s.Members = append(s.Members, live.Member{ID: m, Nickname: "nick of " + m})
	}
	return s
}

type (
	rooms = map[string]live.State
	words = map[string]map[string]live.State
)

// asker is a Presence at exact times after noon.
type asker struct {
	*testing.T
	live.Presence
}

func (a asker) say(node string, after time.Duration, states rooms, wantHeld bool) {
	a.Helper()
	held, err := a.Say(a.Context(), node, live.Lease{Now: noon.Add(after), Until: noon.Add(after + lease)}, states)
	if err != nil || held != wantHeld {
		a.Errorf("%s says after %v: held %v, want %v, %v", node, after, held, wantHeld, err)
	}
}

func (a asker) hear(node string, after time.Duration, wantHeld bool, want words) {
	a.Helper()
	got, held, err := a.Hear(a.Context(), node, []string{"r1", "r2", "r3"}, noon.Add(after))
	if diff := cmp.Diff(want, got); err != nil || held != wantHeld || diff != "" {
		a.Errorf("%s hears after %v: held %v, want %v, %v (-want +got)\n%s", node, after, held, wantHeld, err, diff)
	}
}

// contract is what every Presence must do, at exact times.
func contract(t *testing.T, open func(*testing.T) live.Presence) {
	for name, test := range map[string]func(asker){
		"each node's last word counts": func(a asker) {
			a.say("n1", 0, rooms{"r1": state(1, "a", "b"), "r2": state(2, "c")}, false)
			a.say("n2", 0, rooms{"r1": state(1, "b")}, false)
			a.hear("n1", 0, true, words{"r1": {"n1": state(1, "a", "b"), "n2": state(1, "b")}, "r2": {"n1": state(2, "c")}})
			a.say("n1", time.Second, rooms{"r1": state(3, "a", `"<{é}>"`)}, true)
			a.hear("n2", time.Second, true, words{"r1": {"n1": state(3, "a", `"<{é}>"`), "n2": state(1, "b")}, "r2": {"n1": state(2, "c")}})
		},
		"nobody is not kept": func(a asker) {
			a.say("n1", 0, rooms{"r1": state(1, "a"), "r2": state(1, "a")}, false)
			a.say("n1", 0, rooms{"r1": state(2), "r3": state(1)}, true)
			a.hear("n1", 0, true, words{"r2": {"n1": state(1, "a")}})
		},
		"who never said anything has no lease, and may ask": func(a asker) {
			a.hear("n1", 0, false, words{})
			a.say("n2", 0, rooms{"r1": state(1, "a")}, false)
			a.hear("n1", 0, false, words{"r1": {"n2": state(1, "a")}})
		},
		"a word counts until the lease ends, and no longer": func(a asker) {
			a.say("n1", 0, rooms{"r1": state(1, "a")}, false)
			a.say("n2", time.Second, rooms{"r1": state(1, "b")}, false)
			a.hear("n2", lease-time.Millisecond, true, words{"r1": {"n1": state(1, "a"), "n2": state(1, "b")}})
			a.hear("n2", lease, true, words{"r1": {"n2": state(1, "b")}})
			a.hear("n1", lease, false, words{"r1": {"n2": state(1, "b")}})
			a.hear("n1", lease+time.Second, false, words{})
		},
		"a lease that is prolonged keeps all words": func(a asker) {
			a.say("n1", 0, rooms{"r1": state(1, "a")}, false)
			for i := range 5 {
				a.say("n1", time.Duration(i)*(lease-time.Millisecond), nil, true)
			}
			a.hear("n1", 5*(lease-time.Millisecond), true, words{"r1": {"n1": state(1, "a")}})
		},
		"after the end of a lease everything has to be said again": func(a asker) {
			a.say("n1", 0, rooms{"r1": state(1, "a"), "r2": state(1, "b")}, false)
			a.say("n1", lease, rooms{"r1": state(1, "a")}, false)
			a.say("n1", lease, rooms{"r2": state(1, "b")}, true)
			a.hear("n1", lease, true, words{"r1": {"n1": state(1, "a")}, "r2": {"n1": state(1, "b")}})
		},
	} {
		t.Run(name, func(t *testing.T) { test(asker{t, open(t)}) })
	}
}

// What dead nodes have said is cleared away, and what living ones say is not.
func TestHear_clearsTheWordsOfTheLongDead(t *testing.T) {
	r := startRedis(t)
	a := asker{t, New(r.Client, "test:")}
	a.say("dead", 0, rooms{"r1": state(1, "a")}, false)
	a.say("n1", live.KeepFor, rooms{"r1": state(1, "b")}, false)
	a.hear("n1", live.KeepFor-time.Millisecond, true, words{"r1": {"n1": state(1, "b")}})
	if n := r.Client.HLen(t.Context(), "test:{r1}:here").Val(); n != 2 {
		t.Errorf("%d fields; the word of one who died a moment ago may be needed", n)
	}
	a.hear("n1", live.KeepFor, true, words{"r1": {"n1": state(1, "b")}})
	if n := r.Client.HLen(t.Context(), "test:{r1}:here").Val(); n != 1 {
		t.Errorf("%d fields, want one", n)
	}
	a.say("n1", live.KeepFor+lease, nil, false)
	if n := r.Client.ZCard(t.Context(), "test:nodes").Val(); n != 1 {
		t.Errorf("%d leases, want one", n)
	}
	if ttl := r.Client.TTL(t.Context(), "test:{r1}:here").Val(); ttl != live.KeepFor {
		t.Errorf("the room is kept for %v", ttl)
	}
}

func TestRedisAway_isAnError(t *testing.T) {
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	p := New(r.Client, "test:")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Say(t.Context(), "n1", live.Lease{Now: noon, Until: noon.Add(lease)}, nil); err == nil {
		t.Error("it was said to nobody")
	}
	if _, _, err := p.Hear(t.Context(), "n1", []string{"r1"}, noon); err == nil {
		t.Error("it was heard from nobody")
	}
}
