package redisqueue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sixseat/sixseat/pkg/matchapi"
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
