package redisqueue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

func TestArrivals_areReadStrictly(t *testing.T) {
	var a arrivals
	if err := a.UnmarshalText([]byte("2.500000 1700000000000 1700000001000 40")); err != nil ||
		a.Weight != 2.5 || a.Since.UnixMilli() != 1700000000000 || a.Last.UnixMilli() != 1700000001000 || a.Count != 40 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"2.5 1700000000000 1700000001000", "x 1 2 3", "1 2 3 4.5", "1 2 3 4 5"} {
		if err := a.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// What a member sees of a queue is in a view, a line, or both.
func TestReply_isWhereTheMemberStands(t *testing.T) {
	const line = `"line":{"movieId":"heat-1995","waiting":71,"standing":["a Ann Lee","b Bob"]}`
	ann, bob := matchapi.Person{MemberID: "a", Nickname: "Ann Lee"}, matchapi.Person{MemberID: "b", Nickname: "Bob"}
	both, one := []matchapi.Person{ann, bob}, []matchapi.Person{ann}
	type seen struct {
		Place, Waiting int
		Seated         []matchapi.Person
	}
	for name, c := range map[string]struct {
		who, text string
		want      seen
	}{
		"in the line":                   {"b", `{"view":{"state":"waiting"},` + line + `}`, seen{2, 71, both}},
		"behind what is read of it":     {"z", `{"view":{"state":"waiting","place":71},` + line + `}`, seen{71, 71, both}},
		"absent, where nobody stands":   {"a", `{"view":{"state":"waiting","place":1},"line":{"movieId":"heat-1995","waiting":0}}`, seen{1, 0, nil}},
		"taken out, as the view says":   {"b", `{"view":{"state":"waiting","place":2,"waiting":6,"seated":[{"memberId":"a","nickname":"Ann Lee"}]},` + line + `}`, seen{2, 6, one}},
		"in a view of an older release": {"b", `{"view":{"state":"waiting","place":2,"waiting":6,"seated":[{"memberId":"a","nickname":"Ann Lee"}]}}`, seen{2, 6, one}},
	} {
		r, err := read(c.text)
		if err != nil {
			t.Fatal(name, err)
		}
		s := r.step(c.who, time.UnixMilli(0)).State.Waiting
		if diff := cmp.Diff(c.want, seen{s.Place, s.Waiting, s.Seated}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// news is an audience of members a and b, and all that they were told.
type news map[string][]match.News

func (n news) Here(memberID string) bool          { return memberID == "a" || memberID == "b" }
func (n news) Tell(memberID string, m match.News) { n[memberID] = append(n[memberID], m) }
func (n news) Missed()                            {}

// A view in waits is whole with the line of its film, also where nobody else is told of that
// line; look is then for nodes of the release before.
func TestChange_tellsAWaitWithItsLine(t *testing.T) {
	const line = `{"movieId":"heat-1995","waiting":2,"standing":["a Ann","b Bob"]}`
	for name, c := range map[string]struct {
		text   string
		others int // news of b
	}{
		"that has changed": {`{"waits":{"a":{"state":"waiting","movieId":"heat-1995"}},"look":["a"],"lines":[` + line + `]}`, 1},
		"that has not":     {`{"waits":{"a":{"state":"waiting","movieId":"heat-1995"}},"look":["a"],"beside":` + line + `}`, 0},
	} {
		heard := news{}
		if err := (&Queue{now: time.Now}).tell(c.text, heard); err != nil {
			t.Fatal(name, err)
		}
		first := heard["a"][0]
		if first.Look || first.State == nil || first.State.Waiting.Place != 1 || first.State.Waiting.Waiting != 2 || len(first.State.Waiting.Seated) != 2 {
			t.Errorf("%s: a is told %+v", name, first)
		}
		if len(heard["b"]) != c.others {
			t.Errorf("%s: b is told %+v, want %d news", name, heard["b"], c.others)
		}
	}
}
