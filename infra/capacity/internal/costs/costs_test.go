package costs

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

func good() *Costs {
	c := &Costs{
		Schema: Schema, Date: time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC), Commit: "abc", Machine: report.Machine{OS: "linux", Arch: "arm64", CPU: "Test", CPUs: 2, Memory: 1 << 34, Go: "go1.26"},
		Settings: map[string]string{"length": "60", "beat": "10s"}, Length: 60, Each: map[Op]Unit{}, Idle: map[string]Idle{},
		Memory: Memory{1, 2, 3, 4, 5},
	}
	for i, op := range Ops {
		n := float64(i + 1)
		c.Each[op] = Unit{n, n, n, n, n, n, n, n, n, n}
	}
	for _, process := range []string{Chat, Match, Postgres, Redis} {
		c.Idle[process] = Idle{RSS: 1 << 20, Cores: 0.01}
	}
	return c
}

func written(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	if err := good().Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestRead_readsWhatWriteWrote(t *testing.T) {
	got, err := Read(strings.NewReader(written(t)))
	if err != nil || !reflect.DeepEqual(got, good()) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRead_namesTheFieldThatIsWrong(t *testing.T) {
	text := written(t)
	for _, c := range []struct{ from, to, says string }{
		{"costs/1", "costs/2", `line 2: schema must be "sixseat-capacity-costs/1"`},
		{`"sixseat-capacity-costs/1"`, `"sixseat-capacity-load/1"`, "schema must be"},
		{`"date": "2026-11-28T18:00:00Z"`, `"date": "yesterday"`, "date must be a date"},
		{`"commit": "abc",`, "", "commit is missing"},
		{`"cpus": 2`, `"cpus": 0`, "machine.cpus must be"},
		{`"length": "60"`, `"length": "long"`, "settings.length must be a number from 1 to 2000"},
		{`"length": "60"`, `"length": "0"`, "settings.length must be a number from 1 to 2000"},
		{`"length": "60"`, `"depth": "60"`, "settings.length is missing"},
		{`"settings": {`, `"settings": 3, "idle": {`, "settings must be a mapping"},
		{`"delivery": {`, `"deliveries": {`, "each.delivery is missing"},
		{`"delivery": {`, `"deliveries": {`, "each.deliveries is no field"},
		{`"chatMicros": 13,`, `"chatMicros": 0,`, "each.delivery.chatMicros must not be 0"},
		{`"chatMicros": 13,`, `"chatMicros": -1,`, "each.delivery.chatMicros must be a number from 0"},
		{`"chatMicros": 13,`, `"chatMicros": .nan,`, "each.delivery.chatMicros must be a number"},
		{`"chatMicros": 13,`, `"chatMicros": 1e9,`, "each.delivery.chatMicros must be a number"},
		{`"chatMicros": 13,`, `"chatMicros": null,`, "each.delivery.chatMicros must be a number"},
		{`"chatMicros": 13,`, "", "each.delivery.chatMicros is missing"},
		{`"matchPerStream": 3`, `"matchPerStream": -1`, "memory.matchPerStream must be"},
		{`"idle": {`, `"idle": 3, "busy": {`, "idle must be a mapping"},
		{text, "", "must be YAML"},
		{text, "[]", "the document must be a mapping"},
	} {
		_, err := Read(strings.NewReader(strings.Replace(text, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.to, err, c.says)
		}
	}
	if _, err := ReadFile("nowhere.json"); err == nil || !strings.Contains(err.Error(), "nowhere.json") {
		t.Error(err)
	}
}

// What was measured before somebody thought of it can be planned with, and says so.
func TestRead_doubtsWhatAnOlderMeasurementLeavesOut(t *testing.T) {
	old := good()
	old.Doubts = []string{"a bend"}
	delete(old.Each, Hear)
	delete(old.Each, NodeSecond)
	delete(old.Each, Leave)
	var text strings.Builder
	if err := old.Write(&text); err != nil {
		t.Fatal(err)
	}
	older := regexp.MustCompile(`,\s*"busBytes": \d+`).ReplaceAllString(text.String(), "")
	got, err := Read(strings.NewReader(older))
	if err != nil || len(got.Each) != len(Ops)-2 || got.Each[Message].Bus != 0 || got.Each[Leave] != got.Each[Enter] {
		t.Fatalf("%+v, %v", got, err)
	}
	if doubts := strings.Join(got.Doubts, "\n"); !strings.Contains(doubts, "hear of a message on another") || !strings.Contains(doubts, "leave a room") || !strings.Contains(doubts, "a bend") {
		t.Error(doubts)
	}
	halved := strings.Replace(written(t), `"hear": {`, `"hear": {}, "was": {`, 1)
	if _, err := Read(strings.NewReader(halved)); err == nil || !strings.Contains(err.Error(), "each.hear.chatMicros is missing") {
		t.Error(err)
	}
}

func TestUnit_isAddedAndBelongsToWhoTakesPart(t *testing.T) {
	sum := Unit{Chat: 10, Disk: 1}.Plus(Unit{Chat: 4, Match: 6}, -2)
	if sum != (Unit{Chat: 2, Match: -12, Disk: 1}) {
		t.Errorf("%+v", sum)
	}
	noisy := Unit{Chat: 3, Match: 2, Postgres: 1, Redis: -5}
	if got := noisy.Of(Delivery); got != (Unit{Chat: 3}) {
		t.Errorf("a delivery costs %+v", got)
	}
	if got := (Unit{Chat: 3, Match: 2, Postgres: 1, Redis: 4, ToPeople: 9, WAL: 9, Bus: 7}).Of(Hear); got != (Unit{Chat: 3, Redis: 4, Bus: 7}) {
		t.Errorf("who hears costs %+v", got)
	}
	if got := (Unit{Chat: 3, Match: 2, Postgres: 1, Redis: 4, ToPeople: 9, WAL: 9, Bus: 7}).Of(NodeSecond); got != (Unit{Chat: 3, Postgres: 1, Redis: 4, Bus: 7}) {
		t.Errorf("a node more costs %+v", got)
	}
	if got := noisy.Of(Join); got != (Unit{Match: 2, Postgres: 1}) {
		t.Errorf("a join costs %+v", got)
	}
	if got := noisy.Of(Enter); got != (Unit{Chat: 3, Match: 2, Postgres: 1}) {
		t.Errorf("who enters costs %+v", got)
	}
}
