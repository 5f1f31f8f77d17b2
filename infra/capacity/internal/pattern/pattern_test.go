package pattern

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

const good = `films: 5
kinds:
  - name: talker
    share: 3
    patience: 1m30s
    browse: {pages: 2, think: 4s}
    chat: {messages: 20, think: 6s, length: 60, typing: 0.5}
    history: {pages: 1, think: 3s}
    leaves: 0.2
  - name: guest
    share: 1
    patience: 10s
`

func TestRead_readsEveryField(t *testing.T) {
	got, err := Read(strings.NewReader(good))
	want := Pattern{Films: 5, Kinds: []Kind{
		{"talker", 3, 90 * time.Second, Reading{2, 4 * time.Second}, Chat{20, 6 * time.Second, 60, 0.5}, Reading{1, 3 * time.Second}, 0.2},
		{Name: "guest", Share: 1, Patience: 10 * time.Second},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if l := got.Longest(); l != 90*time.Second+3*(8+126+3)*time.Second {
		t.Errorf("longest %v", l)
	}
	if m := got.Messages(); m != 15 {
		t.Errorf("%g messages, want 15", m)
	}
}

func TestRead_namesTheFieldThatIsWrong(t *testing.T) {
	for _, c := range []struct{ from, to, says string }{
		{"films: 5", "films: 0", "line 1: films must be a whole number from 1 to 100"},
		{"films: 5\n", "", "films is missing"},
		{"films: 5", "films: 5\nday: {present: 2, average: 0.3}", "line 2: day.present must be a number from 1e-06 to 1"},
		{"films: 5", "films: 5\nday: {present: 0.1}", "line 2: day.average is missing"},
		{"films: 5", "films: 5\nusers: 7", "line 2: users is no field"},
		{"films: 5", "films: 5\nfilms: 6", "films is there twice"},
		{"share: 3", "share: many", `kinds[0].share must be a number from 0.001`},
		{"share: 3", "share: .nan", `kinds[0].share`},
		{"share: 1", "share: -1", `kinds[1].share`},
		{"patience: 1m30s", "patience: 90", `line 5: kinds[0].patience must be a time`},
		{"patience: 10s", "patience: -10s", `kinds[1].patience`},
		{"patience: 10s", "patience: 2h", `kinds[1].patience`},
		{"patience: 10s", "patience: [10s]", `kinds[1].patience`},
		{"    patience: 10s\n", "", "kinds[1].patience is missing"},
		{"pages: 2,", "pages: 2.5,", "kinds[0].browse.pages"},
		{"pages: 2,", "page: 2,", "kinds[0].browse.page is no field"},
		{"pages: 2,", "", "kinds[0].browse.pages is missing"},
		{"{pages: 1, think: 3s}", "3", "kinds[0].history must be a mapping"},
		{"messages: 20", "messages: 1001", "kinds[0].chat.messages"},
		{"length: 60", "length: 9", "kinds[0].chat.length"},
		{"typing: 0.5", "typing: 1.5", "kinds[0].chat.typing"},
		{"leaves: 0.2", "leaves: yes", "kinds[0].leaves"},
		{"name: guest", "name: talker", "kinds[1].name is another kind's"},
		{"name: guest", "name: ''", "kinds[1].name must be a name"},
		{good, "films: 5\nkinds: []\n", "kinds must be a list"},
		{good, "7", "the document must be a mapping"},
		{good, "", "must be YAML"},
		{good, "films: [", "must be YAML"},
		{good, good + "---\nfilms: 1\n", "one YAML document"},
		{good, good + strings.Repeat("#", maxBytes), "octets"},
	} {
		_, err := Read(strings.NewReader(strings.Replace(good, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.to, err, c.says)
		}
	}
	_, err := Read(strings.NewReader(strings.NewReplacer("share: 3", "share: x", "share: 1", "share: y").Replace(good)))
	if err == nil || strings.Count(err.Error(), "share") != 2 {
		t.Errorf("not all problems at once: %v", err)
	}
}

func TestPatterns_thatComeWithTheProgramAreGood(t *testing.T) {
	files, err := os.ReadDir("../../patterns")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		f, err := os.Open("../../patterns/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(f); err != nil {
			t.Errorf("%s: %v", file.Name(), err)
		}
		_ = f.Close()
	}
}

func TestDraw_keepsTheProportions(t *testing.T) {
	p, err := Read(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	const draws = 100_000
	talkers := 0
	for range draws {
		if p.Draw().Name == "talker" {
			talkers++
		}
	}
	if share := float64(talkers) / draws; share < 0.74 || share > 0.76 {
		t.Errorf("%.3f are talkers, want 0.75", share)
	}
}

func TestThink_isAroundTheAverageAndEnds(t *testing.T) {
	const draws = 100_000
	var sum, squares float64
	for range draws {
		d := Think(2 * time.Second)
		if d < 0 || d > longestThink*2*time.Second {
			t.Fatalf("%v", d)
		}
		sum += d.Seconds()
		squares += d.Seconds() * d.Seconds()
	}
	mean := sum / draws
	if want := Mean(2 * time.Second).Seconds(); math.Abs(mean-want) > 0.03 {
		t.Errorf("%g s on average, want %g", mean, want)
	}
	if got, want := squares/draws-mean*mean, Variance(2*time.Second); math.Abs(got-want) > 0.1 {
		t.Errorf("variance %g, want %g", got, want)
	}
}
