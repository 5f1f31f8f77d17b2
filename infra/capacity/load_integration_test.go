//go:build integration

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// play runs a scenario against our services, which must be clean, and returns its result.
func (w *world) play(scenario string, flags ...string) (result report.Result) {
	w.Helper()
	result = w.result(scenario, append(w.flags(), flags...)...)
	for _, name := range []string{"load", "chat", "postgres", "redis"} {
		if s := result.Seconds[len(result.Seconds)-1].Usage[name]; s.RSS == 0 {
			w.Errorf("nothing is known of %s: %+v", name, s)
		}
	}
	return result
}

// result runs a scenario, which must be clean, and returns its result as its JSON has it.
func (w *world) result(scenario string, flags ...string) (result report.Result) {
	w.Helper()
	file := filepath.Join(w.TempDir(), scenario)
	args := []string{"load", scenario, "-json", file + ".json", "-html", file + ".html"}
	var out strings.Builder
	if err := run(w.Context(), append(args, flags...), w.getenv, &out); err != nil {
		w.Fatalf("%v\n%s", err, out.String())
	}
	w.Log(out.String())
	text, err := os.ReadFile(file + ".json")
	if err != nil {
		w.Fatal(err)
	}
	if err := json.Unmarshal(text, &result); err != nil {
		w.Fatal(err)
	}
	page, err := os.ReadFile(file + ".html")
	if err != nil || !strings.Contains(string(page), "<strong>Clean:</strong>") {
		w.Errorf("the page does not say that the run was clean (%v)", err)
	}
	return result
}

// everybody heard says that each of the six heard each message, the sender included.
func (w *world) everybodyHeard(r report.Result, sent int64) {
	w.Helper()
	if r.Sent != sent || r.Delivered != matchapi.Seats*sent || r.Latency["delivery"].Count != r.Delivered || r.Latency["receipt"].Count != sent {
		w.Errorf("%d sent, %d delivered, %d receipted, want %d sent and all of it heard by six", r.Sent, r.Delivered, r.Latency["receipt"].Count, sent)
	}
}

func TestLoad_small(t *testing.T) {
	w := newWorld(t, counting...)
	few := []string{"-connections", "40", "-ramp", "200", "-duration", "1s", "-beat", "1s"}

	t.Run("chat", func(t *testing.T) {
		w := *w
		w.T = t
		r := w.play("chat", append(few, "-rate", "60,120")...)
		w.everybodyHeard(r, 180)
		if r.Connections != 36 || len(r.Steps) != 3 || r.Steps[1].Sent != 60 || r.Steps[2].Sent != 120 || r.Latency["connect"].Count != 36 {
			t.Errorf("%d connections, connected %d, steps %+v", r.Connections, r.Latency["connect"].Count, r.Steps)
		}
		// What is under way when a step is looked at belongs to the next, or to none.
		if u := r.Steps[2].Used["chat"]; u.Stored < 100 || u.Stored > 180 || u.Commits < 1 || u.CommitSeconds <= 0 {
			t.Errorf("chat-service says of its stores: %+v", u)
		}
	})
	t.Run("storm", func(t *testing.T) {
		w := *w
		w.T = t
		r := w.play("storm", append(few, "-rate", "60", "-within", "1s", "-statements", "postgres="+w.postgres.URL)...)
		if whole := r.Measures["wholeSeconds"]; whole <= 0 || r.Latency["connect"].Count != 72 || r.Delivered < 2*60*matchapi.Seats {
			t.Errorf("whole after %g s, connected %d times, %d delivered", whole, r.Latency["connect"].Count, r.Delivered)
		}
		// Talk writes; who comes back reads, and others at the same time with the same question.
		if s := r.Steps[2]; s.Name != "storm" || s.Used["postgres"].Reads < 1 || s.Used["postgres"].Statements <= s.Used["postgres"].Reads {
			t.Errorf("%s: %d statements, %d of them read", s.Name, s.Used["postgres"].Statements, s.Used["postgres"].Reads)
		}
	})
	t.Run("slow", func(t *testing.T) {
		w := *w
		w.T = t
		r := w.play("slow", append(few, "-rate", "60", "-stalled", "12")...)
		w.everybodyHeard(r, 180)
		if len(r.Steps) != 4 || r.Steps[2].Name != "reading" || r.Steps[3].Name != "stalled" {
			t.Errorf("steps %+v", r.Steps)
		}
	})
	t.Run("nodes", func(t *testing.T) {
		w := *w
		w.T = t
		w.another()
		r := w.play("chat", append(few, "-rate", "60")...)
		w.everybodyHeard(r, 60)
		if s := r.Steps[1]; s.Cost["chat"] <= 0 || s.Cost["chat2"] <= 0 {
			t.Errorf("both nodes should have worked: %v", s.Cost)
		}
	})
}

// Members enter as well, so that the whole way from the queue into the room is walked.
func TestLoad_match(t *testing.T) {
	w := newWorld(t)
	w.startMatch()
	r := w.play("match", "-rate", "60", "-duration", "2s", "-films", "3", "-enter")
	if r.Sent != 120 || r.Latency["join"].Count != 120 || r.Latency["told"].Count < 15 || r.Delivered != 6*r.Latency["told"].Count {
		t.Errorf("%d joined, %d answered, %d told of %d rooms", r.Sent, r.Latency["join"].Count, r.Delivered, r.Latency["told"].Count)
	}
}

// Without the key members sign in, and who has no five others goes home unharmed.
func TestLoad_matchWithoutTheKey(t *testing.T) {
	w := newWorld(t)
	w.startMatch()
	w.key = ""
	r := w.play("match", "-rate", "10", "-duration", "1s", "-films", "1")
	if r.Sent != 10 || r.Delivered != 6 || r.Latency["told"].Count != 1 {
		t.Errorf("%d joined, %d told of %d rooms", r.Sent, r.Delivered, r.Latency["told"].Count)
	}
}

// Eighteen people go the whole way, all for the same film, so that nobody is left over.
func TestLoad_journey(t *testing.T) {
	w := newWorld(t)
	w.startMatch()
	w.key = ""
	file := filepath.Join(t.TempDir(), "pattern.yaml")
	err := os.WriteFile(file, []byte(`
films: 1
kinds:
  - name: talker
    share: 1
    patience: 1m
    browse: {pages: 2, think: 100ms}
    chat: {messages: 4, think: 300ms, length: 30, typing: 1}
    history: {pages: 2, think: 100ms}
    leaves: 0.5
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	r := w.play("journey", "-connections", "18", "-ramp", "30", "-pattern", file)
	if r.Measures["journeys"] != 18 || r.Sent != 18*4 || r.Latency["receipt"].Count != 18*4 || r.Latency["told"].Count != 3 || r.Latency["connect"].Count != 18 {
		t.Errorf("measures %v, %d sent, %d receipts, %d rooms, %d connected", r.Measures, r.Sent, r.Latency["receipt"].Count, r.Latency["told"].Count, r.Latency["connect"].Count)
	}
	if n := r.Latency["request"].Count; n < 18*(1+2+1+1) {
		t.Errorf("%d requests", n)
	}
}
