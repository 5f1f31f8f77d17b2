package scene

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
	"github.com/sixseat/sixseat/infra/capacity/internal/pattern"
)

// journey: people come one after the other, sign in, browse films, wait for five others,
// talk, read back what was said, and go.
func (s *stage) journey(ctx context.Context) error {
	s.Films = s.Pattern.Films
	films, err := s.catalogue(ctx)
	if err != nil {
		return err
	}
	members := make([]*member, s.Connections)
	for i := range members {
		members[i] = &member{number: i * perVisitor}
	}
	s.cast(members)
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, time.Duration(float64(len(members))/s.Ramp*float64(time.Second))+s.Pattern.Longest()+visitSlack)
	defer cancel()
	s.step(ctx, "arrive", s.Ramp, func() {
		pace.Steady(ctx, time.Now(), s.Ramp, len(members), func(i int, due time.Time) {
			s.lines.Go(func() { s.visit(ctx, members[i], films, due) })
		})
	})
	s.step(ctx, "stay", 0, s.lines.Wait)
	s.measure("refills", float64(s.matches.Refills))
	return whole.Err()
}

// visitor is one person on the way.
type visitor struct {
	*stage
	kind  pattern.Kind
	m     *member
	me    matchapi.Member
	conns map[line.Target]*kept
}

// kept is a connection for requests, as a browser keeps one.
type kept struct {
	*line.HTTP
	used time.Time
}

func (s *stage) visit(ctx context.Context, m *member, films []string, due time.Time) {
	s.meter.Late.Record(time.Since(due))
	v := &visitor{stage: s, kind: s.Pattern.Draw(), m: m, conns: map[line.Target]*kept{}}
	defer v.rests()
	// Of the films some are waited for much more than others.
	film := films[min(int(rand.ExpFloat64()*float64(len(films))/4), len(films)-1)]
	for _, stop := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"sign in", v.signsIn}, {"browse", v.browses}, {"queue", func(ctx context.Context) error { return v.queues(ctx, film) }},
		{"chat", v.chats}, {"history", v.reads}, {"leave", v.leaves},
	} {
		err := stop.do(ctx)
		if errors.Is(err, errGaveUp) {
			s.measure("gaveUp", 1)
			return
		}
		if err != nil {
			s.meter.Fail(stop.name, err)
			return
		}
	}
	s.measure("journeys", 1)
}

// request makes a request as a browser would, and measures it.
func (v *visitor) request(ctx context.Context, to line.Target, method, path string, body, answer any) error {
	conn := v.conns[to]
	if conn != nil && time.Since(conn.used) > keepIdle {
		conn.Close()
		conn = nil
	}
	began := time.Now()
	if conn == nil {
		fresh, err := to.HTTP(ctx, v.m.number)
		if err != nil {
			return err
		}
		conn = &kept{HTTP: fresh}
		v.conns[to] = conn
	}
	if err := conn.Do(method, path, v.me.Token, body, answer); err != nil {
		return err
	}
	conn.used = time.Now()
	v.meter.Request.Record(conn.used.Sub(began))
	return nil
}

// rests closes what is kept: who waits or chats needs it no more for long enough that a
// browser would have closed it too.
func (v *visitor) rests() {
	for _, conn := range v.conns {
		conn.Close()
	}
	clear(v.conns)
}

// think waits about as long as people think.
func think(ctx context.Context, average time.Duration) error {
	select {
	case <-time.After(pattern.Think(average)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *visitor) signsIn(ctx context.Context) error {
	body := matchapi.NewMember{Nickname: fmt.Sprintf("user%d", v.m.number/perVisitor+1)}
	err := v.request(ctx, v.Match, http.MethodPost, "/match/members", body, &v.me)
	v.m.token = v.me.Token
	return err
}

func (v *visitor) browses(ctx context.Context) error {
	path := moviesPath
	for range v.kind.Browse.Pages {
		if err := think(ctx, v.kind.Browse.Think); err != nil {
			return err
		}
		var page matchapi.Movies
		if err := v.request(ctx, v.Match, http.MethodGet, path, nil, &page); err != nil {
			return err
		}
		if len(page.Items) == 0 {
			return errors.New("a page without films")
		}
		path = nextPage(page)
	}
	return nil
}

const moviesPath = "/match/movies"

// nextPage is where the next page of films is; after the last comes the first again.
func nextPage(page matchapi.Movies) string {
	if page.NextCursor == "" {
		return moviesPath
	}
	return moviesPath + "?cursor=" + url.QueryEscape(page.NextCursor)
}

var errGaveUp = errors.New("gave up waiting")

func (v *visitor) queues(ctx context.Context, film string) error {
	v.rests()
	patient, impatient := context.WithTimeout(ctx, v.kind.Patience)
	defer impatient()
	state, err := v.queue(patient, v.me, film, v.m.number+1, time.Now())
	if err != nil {
		v.matches.GaveUp(v.me.MemberID)
		v.withdraw(v.me, v.m.number)
		if patient.Err() != nil && ctx.Err() == nil {
			return errGaveUp
		}
		return err
	}
	var room chatapi.Room
	if err := v.request(ctx, v.Chat, http.MethodPost, "/chat/rooms", chatapi.Ticket{Ticket: state.Ticket}, &room); err != nil {
		return err
	}
	v.m.roomID, v.m.length = room.RoomID, v.kind.Chat.Length
	v.m.room = v.judge.Room(room.RoomID, 0)
	v.m.ear = v.m.room.Listen(0)
	return nil
}

// chats listens, and talks at times that are set before, until everything is said.
func (v *visitor) chats(ctx context.Context) error {
	v.rests()
	defer v.m.ear.Leave(0) // where the line failed
	began := time.Now()
	session, err := v.Chat.Sixseat(ctx, v.m.number, v.m.token, v.Beat)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := v.subscribed(v.m, session); err != nil {
		return err
	}
	if err := session.Watch(v.m.roomID); err != nil {
		return err
	}
	v.meter.Connect.Record(time.Since(began))
	v.m.session.Store(new(line.Chat(session)))
	v.meter.Open.Add(1)
	defer v.meter.Open.Add(-1)
	defer v.m.session.Store(nil)
	defer context.AfterFunc(ctx, session.Interrupt)()
	talking, end := context.WithCancel(ctx)
	t := &talk{visitor: v, ctx: talking, session: session, due: time.Now(), left: v.kind.Chat.Messages}
	t.next()
	over := make(chan error, 1)
	v.listen(v.m, session, func(err error) { over <- err })
	err = <-over
	end()
	session.Close() // before giveUp: what is said from now on fails, and is given up there
	if v.m.bye.Load() && ctx.Err() == nil {
		return nil
	}
	v.m.giveUp()
	return errors.Join(err, ctx.Err())
}

// talk is what a visitor has still to say. It waits in timers.
type talk struct {
	*visitor
	ctx     context.Context // of this session
	session line.Sixseat
	due     time.Time
	left    int   // messages
	heard   int64 // once all is answered, the seq up to which everything must have come
}

// next sets the time of the next message, or of the end.
func (t *talk) next() {
	t.due = t.due.Add(pattern.Think(t.kind.Chat.Think))
	wait := time.Until(t.due)
	if t.left > 0 && rand.Float64() < t.kind.Chat.Typing {
		time.AfterFunc(wait-typeFor, t.types)
	}
	time.AfterFunc(wait, t.says)
}

func (t *talk) types() {
	if t.ctx.Err() == nil {
		_ = t.session.Typing(t.m.roomID) // if the line broke, its reader says so
	}
}

func (t *talk) says() {
	switch {
	case t.ctx.Err() != nil:
	case t.left == 0:
		t.ends()
	default:
		t.left--
		t.speak(t.m, t.due)
		t.next()
	}
}

// ends makes the listening end, once everything is answered and heard, or it is too late for
// that, which the judge will say.
func (t *talk) ends() {
	if t.ctx.Err() != nil {
		return
	}
	if !t.whole() && time.Since(t.due) < t.Patience {
		time.AfterFunc(settleEvery, t.ends)
		return
	}
	t.m.ear.Leave(cmp.Or(t.heard, t.m.ear.Due()))
	t.m.bye.Store(true)
	t.session.Interrupt()
}

// whole reports whether everything is answered, and what was said by then heard: a visitor
// who hung up at once would miss a subscription that had gone deaf.
func (t *talk) whole() bool {
	if t.m.unanswered() {
		return false
	}
	if t.heard == 0 {
		t.heard = t.m.ear.Due()
	}
	return t.m.ear.Seen() >= t.heard
}

// reads reads back what was said, from the newest page on.
func (v *visitor) reads(ctx context.Context) error {
	before := ""
	for range v.kind.History.Pages {
		if err := think(ctx, v.kind.History.Think); err != nil {
			return err
		}
		var page chatapi.Messages
		path := fmt.Sprintf("/chat/rooms/%s/messages?limit=%d%s", v.m.roomID, historyPage, before)
		if err := v.request(ctx, v.Chat, http.MethodGet, path, nil, &page); err != nil {
			return err
		}
		if err := v.compare(page, before == ""); err != nil {
			return err
		}
		if !page.HasMore {
			return nil
		}
		before = fmt.Sprintf("&before=%d", page.Items[0].Seq)
	}
	return nil
}

// compare holds a page of history against what was heard live.
func (v *visitor) compare(page chatapi.Messages, newest bool) error {
	if len(page.Items) == 0 {
		return errors.New("a page without messages, of a room with at least six")
	}
	for i, msg := range page.Items {
		if i > 0 && msg.Seq != page.Items[i-1].Seq+1 {
			return fmt.Errorf("seq %d follows %d", msg.Seq, page.Items[i-1].Seq)
		}
		said := judge.Server
		if msg.Type == chatapi.Text {
			said = line.Nonce([]byte(msg.Comment))
		}
		v.m.room.Read(msg.Seq, said)
	}
	if last, seen := page.Items[len(page.Items)-1].Seq, v.m.ear.Seen(); newest && last < seen {
		return fmt.Errorf("the newest is seq %d, and %d was heard", last, seen)
	}
	return nil
}

// leaves leaves the room for good, or only goes.
func (v *visitor) leaves(ctx context.Context) error {
	if rand.Float64() >= v.kind.Leaves {
		return nil
	}
	v.measure("leftRooms", 1)
	return v.request(ctx, v.Chat, http.MethodDelete, "/chat/rooms/"+v.m.roomID+"/members/me", nil, nil)
}
