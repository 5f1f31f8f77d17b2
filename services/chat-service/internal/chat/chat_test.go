package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"
)

var (
	noon   = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	author = token.Member{ID: "3jskl3k", Nickname: "user1"}
	room   = "0193a000-0000-7000-8000-000000000005"
)

func TestAdmit(t *testing.T) {
	empty := Place{MemberID: "promised", Nickname: "p", Generation: 2}
	sat := Place{MemberID: "promised", Nickname: "p", Generation: 2, Entered: true}
	gone := Place{MemberID: "promised", Nickname: "p", Generation: 2, Entered: true, Left: true}
	ticket := func(member string, generation int) token.Ticket {
		return token.Ticket{MemberID: member, Nickname: member[:1], Generation: generation}
	}
	at := func(p Place, generation int) Place { p.Generation = generation; return p }
	for _, c := range []struct {
		what   string
		place  Place
		ticket token.Ticket
		want   Place
		kind   fault.Kind // Internal: admitted
		slug   string
	}{
		{"the promised member sits down", empty, ticket("promised", 2), sat, fault.Internal, ""},
		{"with a higher generation of the same seat", empty, ticket("promised", 3), at(sat, 3), fault.Internal, ""},
		{"a first ticket on a new room", Place{MemberID: "promised"}, ticket("promised", 1), at(sat, 1), fault.Internal, ""},
		{"a lower generation than the seat has seen", empty, ticket("promised", 1), empty, fault.Conflict, "seat-given-away"},
		{"a higher generation displaces nobody but a promise", empty, ticket("late", 3), Place{"late", "l", 3, true, false}, fault.Internal, ""},
		{"the same generation of another member", empty, ticket("late", 2), Place{"late", "l", 2, true, false}, fault.Internal, ""},
		{"one who sits comes again", sat, ticket("promised", 2), sat, fault.Internal, ""},
		{"with an older ticket", sat, ticket("promised", 1), sat, fault.Internal, ""},
		{"with a newer ticket, which is seen", sat, ticket("promised", 4), at(sat, 4), fault.Internal, ""},
		{"a higher generation against one who sits, which is seen", sat, ticket("late", 3), at(sat, 3), fault.Conflict, "seat-taken"},
		{"the same generation against one who sits", sat, ticket("late", 2), sat, fault.Conflict, "seat-taken"},
		{"a lower generation against one who sits", sat, ticket("late", 1), sat, fault.Conflict, "seat-given-away"},
		{"one who left", gone, ticket("promised", 2), gone, fault.Forbidden, ""},
		{"one who left, with a newer ticket", gone, ticket("promised", 9), gone, fault.Forbidden, ""},
		{"another on the seat of one who left", gone, ticket("late", 3), at(gone, 3), fault.Conflict, "seat-taken"},
	} {
		got, err := Admit(c.place, c.ticket)
		if got != c.want {
			t.Errorf("%s: the seat is now %+v, want %+v", c.what, got, c.want)
		}
		refused := c.kind != fault.Internal
		if refused && (!fault.Is(err, c.kind) || fault.From(err).Slug != c.slug) || !refused && err != nil {
			t.Errorf("%s: got %v, want %v %s", c.what, err, c.kind, c.slug)
		}
	}
}

func draft(body string) Draft { return Draft{RoomID: room, Body: []byte(body)} }

func TestCompose_theOriginalSystemsBody(t *testing.T) {
	p, err := Compose(draft(`{"roomId":"5","memberId":"x","type":"TEXT","comment":"Message","createdBy":"x","createdAt":"2024-07-25T10:10:00"}`), author, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := Post{ID: p.ID, RoomID: room, MemberID: "3jskl3k", Nickname: "user1", Type: "TEXT", Comment: "Message", At: wire.At(noon).Time}
	if p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}
	m := p.Message(17)
	wantMessage := chatapi.Message{RoomID: room, Seq: 17, MessageID: p.ID, MemberID: "3jskl3k", Type: "TEXT", Comment: "Message", CreatedBy: "user1", CreatedAt: wire.At(noon)}
	if diff := cmp.Diff(m, wantMessage); diff != "" {
		t.Error(diff)
	}
}

func TestCompose_ignoresWhateverStandsInTheServersFields(t *testing.T) {
	for _, value := range []string{`null`, `"x"`, `5`, `true`, `[1,{"a":2}]`, `{"a":{"b":null}}`} {
		for _, field := range []string{"roomId", "seq", "messageId", "idempotencyKey", "memberId", "createdBy", "createdAt", "image"} {
			if _, err := Compose(draft(fmt.Sprintf(`{"type":"TEXT","comment":"x",%q:%s}`, field, value)), author, noon); err != nil {
				t.Errorf("%s: %s: %v", field, value, err)
			}
		}
	}
}

func TestCompose_refusesByName(t *testing.T) {
	long := func(n int, s string) string { return `{"type":"TEXT","comment":"` + strings.Repeat(s, n) + `"}` }
	key := func(k string) Draft {
		return Draft{RoomID: room, Body: []byte(`{"type":"TEXT","comment":"x"}`), Key: k, HasKey: true}
	}
	for _, c := range []struct {
		what   string
		draft  Draft
		fields string // sorted; "": it is fine
	}{
		{"one character", draft(long(1, "a")), ""},
		{"2,000 characters of 4 octets", draft(long(2000, "\U0001F600")), ""},
		{"2,001 characters of 4 octets", draft(long(2001, "\U0001F600")), "comment"},
		{"2,000 characters, escaped", draft(long(2000, `\ud83d\ude00`)), ""},
		{"2,001 characters, escaped", draft(long(2001, `\u0041`)), "comment"},
		{"no comment", draft(`{"type":"TEXT"}`), "comment"},
		{"an empty comment", draft(`{"type":"TEXT","comment":""}`), "comment"},
		{"blanks are a comment", draft(`{"type":"TEXT","comment":" "}`), ""},
		{"comment null", draft(`{"type":"TEXT","comment":null}`), "comment"},
		{"comment a number", draft(`{"type":"TEXT","comment":1}`), "comment"},
		{"comment with U+0000", draft(`{"type":"TEXT","comment":"a\u0000"}`), "comment"},
		{"comment with an escaped backslash before u0000", draft(`{"type":"TEXT","comment":"a\\u0000"}`), ""},
		{"an ignored field with U+0000", draft(`{"type":"TEXT","comment":"x","createdBy":"\u0000"}`), "createdBy"},
		{"no type", draft(`{"comment":"x"}`), "type"},
		{"type null", draft(`{"type":null,"comment":"x"}`), "type"},
		{"ENTER", draft(`{"type":"ENTER","comment":"x"}`), "type"},
		{"LEAVE", draft(`{"type":"LEAVE","comment":"x"}`), "type"},
		{"IMAGE", draft(`{"type":"IMAGE","comment":"x","imageId":"019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77"}`), ""},
		{"IMAGE without a caption", draft(`{"type":"IMAGE","imageId":"019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77"}`), ""},
		{"IMAGE with all that a Message has", draft(`{"type":"IMAGE","imageId":"019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77","image":{"imageId":5}}`), ""},
		{"IMAGE without an id", draft(`{"type":"IMAGE","comment":"x"}`), "imageId"},
		{"IMAGE with a path for an id", draft(`{"type":"IMAGE","imageId":"../../../etc/passwd"}`), "imageId"},
		{"IMAGE with an id in capitals", draft(`{"type":"IMAGE","imageId":"019F7FD2-44C0-7C55-8F0E-2B7B0B0E6D77"}`), "imageId"},
		{"IMAGE with an id in braces", draft(`{"type":"IMAGE","imageId":"{019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77}"}`), "imageId"},
		{"IMAGE with too long a caption", draft(`{"type":"IMAGE","imageId":"019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77","comment":"` + strings.Repeat("a", 2001) + `"}`), "comment"},
		{"TEXT with an image's id", draft(`{"type":"TEXT","comment":"x","imageId":"019f7fd2-44c0-7c55-8f0e-2b7b0b0e6d77"}`), "imageId"},
		{"text in lower case", draft(`{"type":"text","comment":"x"}`), "type"},
		{"an unknown field", draft(`{"type":"TEXT","comment":"x","colour":"red"}`), "colour"},
		{"a field in another case", draft(`{"type":"TEXT","comment":"x","RoomId":"5"}`), "RoomId"},
		{"several at once", draft(`{"type":5,"comment":null,"a":1,"z":1}`), "a comment type z"},
		{"both rules at once", draft(`{"type":"X","comment":""}`), "comment type"},
		{"invalid UTF-8", draft("{\"type\":\"TEXT\",\"comment\":\"\xff\"}"), "body"},
		{"a list", draft(`[]`), "body"},
		{"null", draft(`null`), "body"},
		{"nothing", draft(``), "body"},
		{"two objects", draft(`{"type":"TEXT","comment":"x"} {}`), "body"},
		{"a key of 64 characters", key(strings.Repeat("가", 64)), ""},
		{"a key of 65 characters", key(strings.Repeat("가", 65)), "idempotency-key"},
		{"an empty key", key(""), "idempotency-key"},
		{"a key with U+0000", key("a\x00"), "idempotency-key"},
		{"a bad key beside a bad body", Draft{RoomID: room, HasKey: true}, "idempotency-key"},
	} {
		_, err := Compose(c.draft, author, noon)
		if c.fields == "" {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		var got []string
		for _, f := range fault.From(err).Fields {
			got = append(got, f.Field)
		}
		slices.Sort(got)
		if !fault.Is(err, fault.Invalid) || strings.Join(got, " ") != c.fields {
			t.Errorf("%s: got %v about %v, want it refused for %s", c.what, err, got, c.fields)
		}
	}
}

// FuzzCompose: a body is refused by the names of its fields, or what is shown of it is
// what was sent: valid, within its limits, and the same after JSON.
func FuzzCompose(f *testing.F) {
	for name, body := range map[string]string{
		"what people send": `{"type":"TEXT","comment":"hello"}`, "the original system's": `{"roomId":"5","memberId":"x","type":"TEXT","comment":"Message","createdBy":"x","createdAt":"2024-07-25T10:10:00"}`,
		"an emoji": "{\"type\":\"TEXT\",\"comment\":\"\U0001F600\"}", "an emoji, escaped": `{"type":"TEXT","comment":"\ud83d\ude00"}`,
		"half an emoji": `{"type":"TEXT","comment":"\ud83d"}`, "a cut emoji": "{\"type\":\"TEXT\",\"comment\":\"\xf0\x9f\"}",
		"a NUL": `{"type":"TEXT","comment":"\u0000"}`, "a raw NUL": "{\"type\":\"TEXT\",\"comment\":\"\x00\"}", "line ends": `{"type":"TEXT","comment":"a\r\nb\u2028"}`,
		"the longest": `{"type":"TEXT","comment":"` + strings.Repeat("가", MaxComment) + `"}`, "one longer": `{"type":"TEXT","comment":"` + strings.Repeat("가", MaxComment+1) + `"}`,
		"names twice": `{"type":"TEXT","type":"TEXT","comment":"x"}`, "another case": `{"Type":"TEXT","comment":"x"}`, "no object": `["TEXT"]`, "data behind it": `{"type":"TEXT","comment":"x"}{}`,
		"HTML": `{"type":"TEXT","comment":"<script>&amp;"}`, "nothing": "",
	} {
		f.Log("seed:", name)
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := Compose(Draft{RoomID: room, Body: body}, author, noon)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || len(fault.From(err).Fields) == 0 {
				t.Fatalf("%q: %v names no field", body, err)
			}
			return
		}
		if n := utf8.RuneCountInString(p.Comment); p.Type != chatapi.Text && p.Type != chatapi.Image || p.Type == chatapi.Text && n < 1 || n > MaxComment || !utf8.ValidString(p.Comment) || strings.ContainsRune(p.Comment, 0) {
			t.Fatalf("%q was taken as %+v", body, p)
		}
		shown, err := json.Marshal(p.Message(1))
		if err != nil || !utf8.Valid(shown) || bytes.IndexByte(shown, 0) >= 0 {
			t.Fatalf("%q is shown as %q, %v", body, shown, err)
		}
		var back chatapi.Message
		if err := json.Unmarshal(shown, &back); err != nil || back.Comment != p.Comment {
			t.Fatalf("%q comes back as %q, %v", p.Comment, back.Comment, err)
		}
	})
}

func TestCompose_namesAMessageByItsKey(t *testing.T) {
	id := func(roomID, member, key string) string {
		p, err := Compose(Draft{RoomID: roomID, Body: []byte(`{"type":"TEXT","comment":"x"}`), Key: key, HasKey: key != ""}, token.Member{ID: member}, noon)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	seen := map[string]string{}
	for _, c := range [][3]string{
		{"a", "m", "k"}, {"b", "m", "k"}, {"a", "n", "k"}, {"a", "m", "l"}, {"a", "mk", ""}, {"a", "m", ""}, {"a", "m", ""},
		{"a", "m", "notice:ENTER"}, {"a", "m\x00key:k", "x"},
	} {
		got := id(c[0], c[1], c[2])
		if other := seen[got]; other != "" {
			t.Errorf("%q and %s have one id", c, other)
		}
		seen[got] = fmt.Sprintf("%q", c)
		version := uuid.MustParse(got).Version()
		if again := id(c[0], c[1], c[2]); (again == got) != (c[2] != "") || (version == 5) != (c[2] != "") {
			t.Errorf("%q: %s, then %s; only a key makes it the same", c, got, again)
		}
	}
	enter, again := NoticeID("a", "m", "ENTER"), NoticeID("a", "m", "ENTER")
	if enter == NoticeID("a", "m", "LEAVE") || enter != again {
		t.Error("ENTER and LEAVE of a member happen once each")
	}
}

// script is a Journal and an Audience that remember, a Pace, and a Presence.
type script struct {
	Store
	stored    []Stored
	err       error
	mu        sync.Mutex // guards appended
	appended  [][]Post
	published []Message
	flushed   int // of them
	advanced  []int64
	pace      error
	taken     int
	online    map[string]map[string]bool
	sure      bool
}

// Sending implements Store.
func (s *script) Sending(context.Context, string, string, time.Time) error { return nil }

func (s *script) Online(context.Context, []string) (map[string]map[string]bool, bool) {
	return s.online, s.sure
}

func (s *script) Append(posts []Post, done func([]Stored, error)) error {
	s.mu.Lock()
	s.appended = append(s.appended, posts)
	s.mu.Unlock()
	done(s.stored, s.err)
	return nil
}
func (s *script) Take(_ string, n int) error {
	s.taken += n
	return s.pace
}
func (s *script) Publish(m Message)            { s.published = append(s.published, m) }
func (s *script) Flush()                       { s.flushed = len(s.published) }
func (s *script) Advanced(_ string, seq int64) { s.advanced = append(s.advanced, seq) }

// table is a Store with two rooms, in each of which a and b are inside.
type table struct{ Store }

func (table) Standings(_ context.Context, visitors []Visitor) (map[Visitor]Standing, error) {
	standings := map[Visitor]Standing{}
	for _, v := range visitors {
		standings[v] = Inside
	}
	return standings, nil
}
func (table) Room(_ context.Context, id string) (Room, error) {
	return Room{RoomID: id, Members: []chatapi.Member{{MemberID: "a"}, {MemberID: "b"}}}, nil
}
func (t table) RoomsOf(ctx context.Context, _ string) ([]RoomOf, error) {
	one, _ := t.Room(ctx, "r1")
	two, _ := t.Room(ctx, "r2")
	return []RoomOf{{Room: one}, {Room: two}}, nil
}
func (table) Enter(context.Context, token.Ticket, time.Time) (*Message, bool, error) {
	return nil, false, nil
}

func TestRooms_sayWhoIsOnlineAndNothingOfWhomNobodyKnows(t *testing.T) {
	for sure, missing := range map[bool]string{true: "offline", false: "?"} {
		s := &script{online: map[string]map[string]bool{"r1": {"a": true}, "r2": {"b": true}}, sure: sure}
		svc := New(table{}, s, s, s, s, nil, time.Now)
		want := []string{"a online, b " + missing, "a " + missing + ", b online"}
		list, err := svc.Rooms(t.Context(), author)
		if err != nil || presence(list[0].Room) != want[0] || presence(list[1].Room) != want[1] {
			t.Errorf("sure: %v: listed %v, %v", sure, list, err)
		}
		if one, err := svc.Room(t.Context(), "r2", author); err != nil || presence(one) != want[1] {
			t.Errorf("sure: %v: got %v, %v", sure, presence(one), err)
		}
		entered, _, err := svc.Enter(t.Context(), author, token.Ticket{MemberID: author.ID, Room: matchapi.Room{RoomID: "r1"}})
		if err != nil || presence(entered) != want[0] {
			t.Errorf("sure: %v: entered %v, %v", sure, presence(entered), err)
		}
	}
}

func presence(r Room) string {
	var text []string
	for _, m := range r.Members {
		switch {
		case m.Online == nil:
			text = append(text, m.MemberID+" ?")
		case *m.Online:
			text = append(text, m.MemberID+" online")
		default:
			text = append(text, m.MemberID+" offline")
		}
	}
	return strings.Join(text, ", ")
}

func TestPost_showsWhatIsCommittedBeforeItAnswers(t *testing.T) {
	s := &script{stored: []Stored{{Seq: 5, Standing: Inside}, {Seq: 3, Known: true, Standing: Inside}}}
	svc := New(s, s, s, s, s, nil, func() time.Time { return noon })
	answered, committed := 0, 0
	err := svc.Post(author, []Draft{draft(`{"type":"TEXT","comment":"a"}`), draft(`{"type":"TEXT","comment":"b"}`)}, func() {
		if committed++; answered+len(s.published)+len(s.advanced) != 0 {
			t.Error("told of the commit when others had been told")
		}
	}, func(posts []Post, st []Stored, err error) {
		answered++
		if len(posts) != 2 || len(st) != 2 || err != nil || len(s.published) != 1 || len(s.advanced) != 1 {
			t.Errorf("answered with %v, %v, %v when %v and %v had been shown", posts, st, err, s.published, s.advanced)
		}
	})
	if err != nil || answered != 1 || committed != 1 {
		t.Fatal(err, answered, committed)
	}
	if s.published[0].Seq != 5 || s.published[0].Comment != "a" || s.advanced[0] != 3 {
		t.Errorf("shown %+v, known %v", s.published, s.advanced)
	}
}

func TestPost_showsNothingThatWasNotStored(t *testing.T) {
	for _, s := range []*script{
		{stored: []Stored{{Standing: Left}}},
		{err: errors.New("the database is away")},
	} {
		svc := New(s, s, s, s, s, nil, func() time.Time { return noon })
		err := svc.Post(author, []Draft{draft(`{"type":"TEXT","comment":"a"}`)}, func() {}, func([]Post, []Stored, error) {})
		if err != nil || len(s.published)+len(s.advanced) != 0 {
			t.Errorf("%v, shown %v, %v", err, s.published, s.advanced)
		}
	}
}

func TestPost_tooFastAsksNobody(t *testing.T) {
	s := &script{pace: fault.New(fault.TooMany, "Too many messages.")}
	svc := New(s, s, s, s, s, nil, func() time.Time { return noon })
	one := draft(`{"type":"TEXT","comment":"a"}`)
	err := svc.Post(author, []Draft{one, one, one}, func() {}, func([]Post, []Stored, error) { t.Error("answered") })
	if !errors.Is(err, s.pace) || s.taken != 3 || len(s.appended) != 0 {
		t.Errorf("%v, %d turns taken, %d appended; want every message counted", err, s.taken, len(s.appended))
	}
}

func TestPost_oneBadDraftStopsAll(t *testing.T) {
	s := &script{}
	svc := New(s, s, s, s, s, nil, func() time.Time { return noon })
	err := svc.Post(author, []Draft{draft(`{"type":"TEXT","comment":"a"}`), draft(`{"type":"TEXT"}`)}, func() {}, func([]Post, []Stored, error) {
		t.Error("answered")
	})
	if !fault.Is(err, fault.Invalid) || len(s.appended) != 0 {
		t.Errorf("%v, %d appended", err, len(s.appended))
	}
}

// A bad body under a good key goes to the journal without its text, and is refused only
// when the key is not known.
func TestPost_aBadBodyUnderAKeyIsRefusedOnlyWhenTheKeyIsNew(t *testing.T) {
	bad, good := draft(`{"comment":"\u0000"}`), draft(`{"type":"TEXT","comment":"a"}`)
	bad.Key, bad.HasKey = "k", true
	for _, c := range []struct {
		what    string
		stored  []Stored
		refused bool
	}{
		{"known", []Stored{{Seq: 3, Known: true, Standing: Inside}, {Seq: 4, Standing: Inside}}, false},
		{"new", []Stored{{Standing: Inside}, {Standing: Inside}}, true},
		{"known since this very moment", []Stored{{Seq: 3, Known: true, Standing: Inside}, {Standing: Inside}}, true},
		{"left, which is told as before", []Stored{{Standing: Inside}, {Standing: Left}}, false},
	} {
		s := &script{stored: c.stored}
		svc, answered := New(s, s, s, s, s, nil, func() time.Time { return noon }), 0
		err := svc.Post(author, []Draft{bad, good}, func() {}, func(_ []Post, st []Stored, err error) {
			answered++
			if fault.Is(err, fault.Invalid) != c.refused || err != nil && !c.refused {
				t.Errorf("%s: %v", c.what, err)
			}
		})
		if p := s.appended[0][0]; err != nil || answered != 1 || p.Fault == nil || p.Type+p.Comment != "" || p.ID == "" {
			t.Errorf("%s: %v, asked for %+v", c.what, err, p)
		}
	}
}

func TestPost_namesTheFaultOfThePostThatWasRefused(t *testing.T) {
	known, unknown := draft(`{"type":"TEXT","comment":""}`), draft(`{"type":"X","comment":"a"}`)
	known.Key, known.HasKey, unknown.Key, unknown.HasKey = "known", true, "unknown", true
	s := &script{stored: []Stored{{Seq: 3, Known: true, Standing: Inside}, {Standing: Inside}}}
	svc := New(s, s, s, s, s, nil, func() time.Time { return noon })
	err := svc.Post(author, []Draft{known, unknown}, func() {}, func(_ []Post, _ []Stored, err error) {
		if fields := fault.From(err).Fields; len(fields) != 1 || fields[0].Field != "type" {
			t.Errorf("told %v; want what is wrong with the second", err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestEnter_ofAnothersTicketIsRefusedBeforeAnythingElse(t *testing.T) {
	svc := New(&script{}, nil, nil, nil, nil, nil, time.Now) // its Store is nil: nobody may be asked
	_, _, err := svc.Enter(t.Context(), author, token.Ticket{MemberID: "somebody"})
	if !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}

// broken is a Store that knows nothing.
type broken struct{ Store }

var errBroken = errors.New("broken")

func (broken) Standings(ctx context.Context, visitors []Visitor) (map[Visitor]Standing, error) {
	return table{}.Standings(ctx, visitors)
}
func (broken) Room(context.Context, string) (Room, error)        { return Room{}, errBroken }
func (broken) RoomsOf(context.Context, string) ([]RoomOf, error) { return nil, errBroken }
func (broken) Enter(ctx context.Context, t token.Ticket, at time.Time) (*Message, bool, error) {
	return table{}.Enter(ctx, t, at)
}

// nobody is a Presence that must not be asked.
type nobody struct{ t *testing.T }

func (n nobody) Online(context.Context, []string) (map[string]map[string]bool, bool) {
	n.t.Error("asked who is online in a room that could not be read")
	return nil, false
}

func TestRooms_thatCannotBeReadAskNobodyWhoIsOnline(t *testing.T) {
	s := &script{}
	svc := New(broken{}, s, s, nobody{t}, s, nil, time.Now)
	_, listed := svc.Rooms(t.Context(), author)
	_, got := svc.Room(t.Context(), "r1", author)
	_, _, entered := svc.Enter(t.Context(), author, token.Ticket{MemberID: author.ID})
	for what, err := range map[string]error{"listed": listed, "got": got, "entered": entered} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// leavers is a Store in which everybody has left but a.
type leavers struct{ Store }

func (leavers) Leave(_ context.Context, roomID, memberID string, _ time.Time) (*Message, error) {
	if memberID == "a" {
		return &Message{RoomID: roomID, Seq: 7}, nil
	}
	return nil, nil
}

func TestLeave_isShownOnce(t *testing.T) {
	s := &script{}
	svc := New(leavers{}, s, s, s, s, nil, time.Now)
	for _, id := range []string{"a", "b"} {
		if err := svc.Leave(t.Context(), "r1", token.Member{ID: id}); err != nil {
			t.Error(id, err)
		}
	}
	if len(s.published) != 1 || s.published[0].Seq != 7 || s.flushed != 1 {
		t.Errorf("shown %+v, %d of it flushed", s.published, s.flushed)
	}
}

// newcomers is a Store that nobody has entered before.
type newcomers struct{ table }

func (newcomers) Enter(_ context.Context, ticket token.Ticket, _ time.Time) (*Message, bool, error) {
	return &Message{RoomID: ticket.Room.RoomID, Seq: 1}, true, nil
}

func TestEnter_isShown(t *testing.T) {
	s := &script{}
	svc := New(newcomers{}, s, s, s, s, nil, time.Now)
	if _, _, err := svc.Enter(t.Context(), author, token.Ticket{MemberID: author.ID, Room: matchapi.Room{RoomID: "r1"}}); err != nil {
		t.Fatal(err)
	}
	if len(s.published) != 1 || s.published[0].RoomID != "r1" || s.flushed != 1 {
		t.Errorf("shown %+v, %d of it flushed", s.published, s.flushed)
	}
}

// door is a Store that counts how often it is asked for standings.
type door struct {
	Store
	mu          sync.Mutex // guards what follows
	asked, most int
}

func (d *door) Standings(ctx context.Context, visitors []Visitor) (map[Visitor]Standing, error) {
	d.mu.Lock()
	d.asked, d.most = d.asked+1, max(d.most, len(visitors))
	d.mu.Unlock()
	time.Sleep(time.Millisecond)
	standings, err := table{}.Standings(ctx, visitors)
	maps.DeleteFunc(standings, func(v Visitor, _ Standing) bool { return v.MemberID == "stranger" })
	return standings, err
}

func TestStanding_ofAllWhoSubscribeAtOneMomentIsAFewQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{}
		svc := New(d, nil, nil, nil, nil, nil, time.Now)
		var all sync.WaitGroup
		for i := range enoughStandings + 2*maxStandings {
			all.Go(func() {
				member, want := fmt.Sprint("member ", i), Inside
				if i == 7 {
					member, want = "stranger", Outside
				}
				if st, err := svc.Standing(t.Context(), fmt.Sprint("room ", i/6), member); st != want || err != nil {
					t.Errorf("%s: %v, %v", member, st, err)
				}
			})
		}
		all.Wait()
		if d.asked != 3 || d.most != maxStandings {
			t.Errorf("%d queries of up to %d members", d.asked, d.most)
		}
	})
}
