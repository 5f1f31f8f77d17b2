package scene

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"

	"github.com/sixseat/sixseat/infra/capacity/internal/costs"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/pace"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
	"github.com/sixseat/sixseat/infra/capacity/internal/usage"
)

// Stores are asked what they hold, beside what their processes use.
type Stores struct {
	Postgres *usage.Store
	Redis    func(ctx context.Context) (int64, error) // octets of data
}

// Measure finds out what one of each thing that people do costs. Members go the way of a
// journey together, one stage after the other, so that what a stage used is known apart;
// what rests in between is subtracted. The result says whether the run was clean.
func Measure(ctx context.Context, cfg Config) (*costs.Costs, *report.Result, error) {
	m := &measuring{stage: newStage("measure", cfg), found: &costs.Costs{
		Schema: costs.Schema, Each: map[costs.Op]costs.Unit{}, Idle: map[string]costs.Idle{},
	}}
	err := m.run(ctx, func(_ *stage, ctx context.Context) error { return m.all(ctx) })
	m.found.Date, m.found.Machine = m.result.Date, m.result.Machine
	return m.found, m.result, err
}

// measuring is a measurement while it goes on.
type measuring struct {
	*stage
	found  *costs.Costs
	people []*guest
	films  []string
	rest   costs.Unit // per second, when nobody is there
	first  look       // when the services have worked and nothing is open

	// When nothing was said: how many were connected, and what was used in a second.
	connected []float64
	silence   []costs.Unit
}

// guest is one who goes the way.
type guest struct {
	m      member
	me     matchapi.Member
	conn   *line.HTTP
	stream *line.HTTP
	chat   line.Sixseat
	told   chan string // the ticket; closed without one when the stream broke
}

// look is one look at everything.
type look struct {
	at              time.Time
	usage           map[string]usage.Sample
	written         usage.Written
	redis           int64
	to, from        int64
	sent, delivered int64
}

func (m *measuring) look(ctx context.Context) (l look, err error) {
	l = look{usage: m.mustSample(ctx), to: m.wire.ToPeople.Load(), from: m.wire.FromPeople.Load(), sent: m.meter.Sent.Load(), delivered: m.meter.Delivered.Load()}
	for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		if _, known := l.usage[name]; !known {
			return l, fmt.Errorf("nothing is known of %s", name)
		}
	}
	if l.written, err = m.Stores.Postgres.Written(ctx); err != nil {
		return l, err
	}
	l.redis, err = m.Stores.Redis(ctx)
	l.at = time.Now()
	return l, err
}

// used is what a stage used.
type used struct {
	costs.Unit
	seconds         float64
	sent, delivered float64
	after           look
}

// perSecond is what was used in a second.
func (u used) perSecond() costs.Unit { return costs.Unit{}.Plus(u.Unit, 1/u.seconds) }

// each is what one of n used beyond what was used anyway, in a second.
func (u used) each(n int, anyway costs.Unit) costs.Unit {
	return costs.Unit{}.Plus(u.Unit, 1/float64(n)).Plus(anyway, -u.seconds/float64(n))
}

// costs notes what one of something costs.
func (m *measuring) costs(op costs.Op, u costs.Unit) {
	m.found.Each[op] = u.Of(op)
}

// during measures a stage.
func (m *measuring) during(ctx context.Context, name string, do func(context.Context) error) (u used, err error) {
	m.phase.Store(name)
	before, err := m.look(ctx)
	if err != nil {
		return u, err
	}
	if err := do(ctx); err != nil {
		return u, fmt.Errorf("%s: %w", name, err)
	}
	after, err := m.look(ctx)
	if err != nil {
		return u, err
	}
	micros := func(name string) float64 { return (after.usage[name].CPU - before.usage[name].CPU) * 1e6 }
	return used{
		Unit: costs.Unit{
			Chat: micros(costs.Chat), Match: micros(costs.Match), Postgres: micros(costs.Postgres), Redis: micros(costs.Redis),
			ToPeople: float64(after.to - before.to), FromPeople: float64(after.from - before.from),
			WAL: float64(after.written.WAL - before.written.WAL), Disk: float64(after.written.Disk - before.written.Disk), Kept: float64(after.redis - before.redis),
		},
		seconds: after.at.Sub(before.at).Seconds(), sent: float64(after.sent - before.sent), delivered: float64(after.delivered - before.delivered), after: after,
	}, nil
}

func (m *measuring) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer m.lines.Wait()
	defer m.hangUpAll()
	defer cancel()
	rooms := m.Connections / matchapi.Seats
	var err error
	if m.films, err = m.catalogue(ctx); err != nil {
		return err
	}
	m.people = make([]*guest, rooms*matchapi.Seats)
	for i := range m.people {
		m.people[i] = &guest{m: member{number: i * perVisitor, length: m.Length}, told: make(chan string, 1)}
	}
	for _, stop := range []func(context.Context) error{m.visits, m.meets, m.sits, m.talks, m.goes} {
		if err := stop(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// pause lets nothing happen.
func (m *measuring) pause(ctx context.Context) error {
	select {
	case <-time.After(m.Duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spread lets each of the people do something, evenly over the length of a stage, and
// waits until all have. The first error ends it.
func (m *measuring) spread(people []*guest, do func(ctx context.Context, g *guest) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var doing sync.WaitGroup
		var failed atomic.Pointer[error]
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		perSecond := float64(len(m.people)) / m.Duration.Seconds()
		pace.Steady(ctx, time.Now(), perSecond, len(people), func(i int, _ time.Time) {
			doing.Go(func() {
				if err := do(ctx, people[i]); err != nil && failed.CompareAndSwap(nil, &err) {
					cancel()
				}
			})
		})
		doing.Wait()
		if err := failed.Load(); err != nil {
			return *err
		}
		return ctx.Err()
	}
}

// silent measures times in which nobody says anything, and takes of each figure the middle
// one: stores tidy up after what was before, and services do some things every few seconds.
func (m *measuring) silent(ctx context.Context, name string, connected int) (second costs.Unit, after look, err error) {
	if m.silence != nil { // before the first nothing has happened
		m.phase.Store("settle")
		select {
		case <-time.After(m.Settle):
		case <-ctx.Done():
			return second, after, ctx.Err()
		}
	}
	var times []costs.Unit
	for range silences {
		u, err := m.during(ctx, name, m.pause)
		if err != nil {
			return second, after, err
		}
		times, after = append(times, u.perSecond()), u.after
	}
	second = costs.Middle(times)
	m.connected, m.silence = append(m.connected, float64(connected)), append(m.silence, second)
	return second, after, nil
}

// visits: people sign in and look at films.
func (m *measuring) visits(ctx context.Context) error {
	var err error
	if m.rest, _, err = m.silent(ctx, "nobody", 0); err != nil {
		return err
	}
	signIn, err := m.during(ctx, "signIn", m.spread(m.people, func(ctx context.Context, g *guest) (err error) {
		if g.conn, err = m.Match.HTTP(ctx, g.m.number); err != nil {
			return err
		}
		err = g.conn.Do(http.MethodPost, "/match/members", "", matchapi.NewMember{Nickname: fmt.Sprintf("user%d", g.m.number)}, &g.me)
		g.m.token = g.me.Token
		return err
	}))
	if err != nil {
		return err
	}
	films, err := m.during(ctx, "filmsPage", m.spread(m.people, func(_ context.Context, g *guest) error {
		defer g.conn.Close()
		var page matchapi.Movies
		if err := g.conn.Do(http.MethodGet, moviesPath, g.me.Token, nil, &page); err != nil {
			return err
		}
		return g.conn.Do(http.MethodGet, nextPage(page), g.me.Token, nil, nil)
	}))
	if err != nil {
		return err
	}
	m.costs(costs.SignIn, signIn.each(len(m.people), m.rest))
	m.costs(costs.FilmsPage, films.each(2*len(m.people), m.rest))
	return nil
}

// round are those who wait at the same time: six for each film, of whom the sixth comes
// when all others are there.
func (m *measuring) rounds() (rounds [][]*guest) {
	size := len(m.films) * matchapi.Seats
	for from := 0; from < len(m.people); from += size {
		rounds = append(rounds, m.people[from:min(from+size, len(m.people))])
	}
	return rounds
}

// meets: they wait with event streams open, are matched, and enter their rooms.
func (m *measuring) meets(ctx context.Context) error {
	var stream, join, room, enter costs.Unit
	var open, waits costs.Unit // a second of all streams of a round, and of one who waits besides
	var kept float64           // by Redis when all have entered
	rounds := m.rounds()
	for i, round := range rounds {
		before, err := m.look(ctx)
		if err != nil {
			return err
		}
		opened, err := m.during(ctx, "stream", m.spread(round, m.opens(ctx)))
		if err != nil {
			return err
		}
		stream = stream.Plus(opened.Unit, 1).Plus(m.rest, -opened.seconds)
		if i == 0 {
			held, err := m.during(ctx, "streamSecond", m.pause)
			if err != nil {
				return err
			}
			m.first = before
			m.found.Memory.Stream = float64(held.after.usage[costs.Match].RSS-before.usage[costs.Match].RSS) / float64(len(round))
			open = held.perSecond()
		}
		n := float64(len(round))
		anyway := m.rest.Plus(open.Plus(m.rest, -1), n/float64(len(rounds[0])))
		// One for each film in turn, so that hardly two come for the same film at the same time,
		// as on a journey. What it costs when they do has not been measured.
		var inTurn []*guest
		for seat := range matchapi.Seats {
			for k := seat; k < len(round); k += matchapi.Seats {
				inTurn = append(inTurn, round[k])
			}
		}
		sixths := len(round) / matchapi.Seats
		five, sixth := inTurn[:len(round)-sixths], inTurn[len(round)-sixths:]
		joined, err := m.during(ctx, "join", m.spread(five, m.joins(round)))
		if err != nil {
			return err
		}
		join = join.Plus(joined.Unit, 1).Plus(anyway, -joined.seconds)
		if i == 0 {
			m.found.Memory.Waiting = joined.Kept / float64(len(five))
			// Who waits is touched and read beside what the stream alone costs.
			held, err := m.during(ctx, "streamSecond", m.pause)
			if err != nil {
				return err
			}
			waits = costs.Unit{}.Plus(held.perSecond(), 1/float64(len(five))).Plus(open, -1/float64(len(five)))
			second := costs.Unit{}.Plus(open, 1/n).Plus(m.rest, -1/n).Plus(waits, 1)
			second.Kept = 0
			m.costs(costs.StreamSecond, second)
		}
		anyway = anyway.Plus(waits, float64(len(five)))
		matched, err := m.during(ctx, "room", func(ctx context.Context) error {
			if err := m.spread(sixth, m.joins(round))(ctx); err != nil {
				return err
			}
			return m.told(ctx, round)
		})
		if err != nil {
			return err
		}
		room = room.Plus(matched.Unit, 1).Plus(anyway, -matched.seconds)
		// match-service hears of who enters a second later, and takes one after the other: what
		// it does for the last of them belongs here as well.
		entered, err := m.during(ctx, "enter", func(ctx context.Context) error {
			if err := m.spread(round, m.enters)(ctx); err != nil {
				return err
			}
			return m.caughtUp(ctx)
		})
		if err != nil {
			return err
		}
		enter = enter.Plus(entered.Unit, 1).Plus(m.rest, -entered.seconds)
		kept += float64(entered.after.redis - before.redis)
	}
	people, rooms := float64(len(m.people)), float64(len(m.people)/matchapi.Seats)
	joins := people - rooms // those of "join"; the sixth of each room joined in "room"
	each := costs.Unit{}.Plus(join, 1/joins)
	made := costs.Unit{}.Plus(room, 1/rooms).Plus(each, -1)
	stream, enter = costs.Unit{}.Plus(stream, 1/people), costs.Unit{}.Plus(enter, 1/people)
	stream.Kept, made.Kept, enter.Kept = 0, 0, 0
	each.Kept = kept / people // for all of them
	m.costs(costs.Stream, stream)
	m.costs(costs.Join, each)
	m.costs(costs.Room, made)
	m.costs(costs.Enter, enter)
	return nil
}

// opens opens a member's event stream and reads it until it tells of a room.
func (m *measuring) opens(whole context.Context) func(context.Context, *guest) error {
	return func(ctx context.Context, g *guest) (err error) {
		if g.stream, err = m.stage.stream(ctx, g.me, g.m.number+1); err != nil {
			return err
		}
		m.lines.Go(func() {
			defer close(g.told)
			defer g.stream.Close()
			state, err := m.follow(whole, g.me, g.stream)
			if err != nil {
				m.meter.Fail("stream", err)
				return
			}
			g.told <- state.Ticket
		})
		return nil
	}
}

// joins lets a member of a round join the queue for the film of the six.
func (m *measuring) joins(round []*guest) func(context.Context, *guest) error {
	film := map[*guest]string{}
	for i, g := range round {
		film[g] = m.films[i/matchapi.Seats]
	}
	return func(ctx context.Context, g *guest) error {
		put, err := m.Match.HTTP(ctx, g.m.number)
		if err != nil {
			return err
		}
		defer put.Close()
		due := time.Now()
		m.matches.Join(g.me.MemberID, film[g], due)
		return put.Do(http.MethodPut, queuePath, g.me.Token, matchapi.Join{MovieID: film[g]}, nil)
	}
}

// told waits until all have their tickets.
func (m *measuring) told(ctx context.Context, round []*guest) error {
	over := time.After(SettleFor)
	for _, g := range round {
		select {
		case ticket, told := <-g.told:
			if !told {
				return errors.New("an event stream broke")
			}
			g.me.Token, g.m.roomID = g.m.token, ticket // the ticket, until the member has entered
		case <-over:
			return fmt.Errorf("somebody is not told of a room after %v", SettleFor)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// caughtUp waits until match-service uses hardly more than when nothing happens.
func (m *measuring) caughtUp(ctx context.Context) error {
	for end := time.Now().Add(catchUpFor); time.Now().Before(end); {
		before := m.mustSample(ctx)[costs.Match].CPU
		select {
		case <-time.After(catchUpEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		used := (m.mustSample(ctx)[costs.Match].CPU - before) * 1e6 / catchUpEvery.Seconds()
		if used < m.rest.Match+caughtUpBelow {
			return nil
		}
	}
	return fmt.Errorf("match-service is still busy %v after all have entered", catchUpFor)
}

func (m *measuring) enters(ctx context.Context, g *guest) error {
	room, err := m.enter(ctx, g.me, g.m.roomID, g.m.number)
	if err != nil {
		return err
	}
	g.m.roomID = room.RoomID
	g.m.room = m.judge.Room(room.RoomID, 0)
	g.m.ear = g.m.room.Listen(0)
	return nil
}

// sits: they connect, subscribe, and say nothing for a while.
func (m *measuring) sits(ctx context.Context) error {
	members := make([]*member, len(m.people))
	for i, g := range m.people {
		members[i] = &g.m
	}
	n := float64(len(members))
	before, err := m.look(ctx)
	if err != nil {
		return err
	}
	m.first.usage[costs.Chat], m.first.usage[costs.Postgres], m.first.usage[costs.Redis] = before.usage[costs.Chat], before.usage[costs.Postgres], before.usage[costs.Redis]
	m.cast(members)
	connected, err := m.during(ctx, "connect", m.spread(m.people, func(ctx context.Context, g *guest) error {
		var err error
		if g.chat, err = m.Chat.Sixseat(ctx, g.m.number, g.m.token, m.Beat); err == nil {
			g.m.session.Store(new(line.Chat(g.chat)))
		}
		return err
	}))
	if err != nil {
		return err
	}
	m.found.Memory.Connected = m.takes("chat-service for a connection", float64(connected.after.usage[costs.Chat].RSS-before.usage[costs.Chat].RSS)/n)
	subscribed, err := m.during(ctx, "subscribe", m.spread(m.people, m.subscribes))
	if err != nil {
		return err
	}
	quiet, after, err := m.silent(ctx, "silence", len(members))
	if err != nil {
		return err
	}
	m.found.Memory.Presence = m.takes("Redis for a connection", float64(after.redis-before.redis)/n)
	second := costs.Unit{}.Plus(quiet, 1/n).Plus(m.rest, -1/n)
	// On the average half of them are there already while one connects.
	one := connected.each(len(members), m.rest.Plus(second, n/2)).Plus(subscribed.each(len(members), m.rest.Plus(second, n)), 1)
	one.Kept = 0
	m.costs(costs.Connect, one)
	m.rest = quiet
	return nil
}

// takes is memory that something takes. A collector may give more back meanwhile, and then
// it fits into what the process has anyway; when that is much, nothing was measured.
func (m *measuring) takes(what string, octets float64) float64 {
	if octets < -mostGivenBack {
		m.found.Doubts = append(m.found.Doubts, fmt.Sprintf("memory of %s: %.0f octets less than before are counted as none", what, -octets))
	}
	return max(0, octets)
}

func (m *measuring) subscribes(_ context.Context, g *guest) error {
	if err := m.subscribed(&g.m, g.chat); err != nil {
		return err
	}
	if err := g.chat.Watch(g.m.roomID); err != nil {
		return err
	}
	g.m.ended = make(chan struct{})
	m.lines.Go(func() {
		defer close(g.m.ended)
		m.attend(&g.m, g.chat)
	})
	return nil
}

// atRates lets members talk at each rate and returns what one message more costs, and to
// how many it went. What is used while nobody talks is the first point of the line.
func (m *measuring) atRates(ctx context.Context) (slope costs.Unit, listeners float64, err error) {
	x, y := []float64{0}, []costs.Unit{m.rest}
	var sent, delivered float64
	for _, perSecond := range m.Rates {
		u, err := m.during(ctx, fmt.Sprintf("talk %g/s", perSecond), func(ctx context.Context) error {
			m.talk(ctx, perSecond, m.Duration)
			m.awaitFor(ctx, SettleFor, m.judge.Settled)
			return ctx.Err()
		})
		if err != nil {
			return slope, 0, err
		}
		x, y = append(x, u.sent/u.seconds), append(y, u.perSecond())
		sent, delivered = sent+u.sent, delivered+u.delivered
	}
	if sent == 0 {
		return slope, 0, errors.New("nobody could say anything")
	}
	return fit(x, y), delivered / sent, nil
}

// fit is the slope of the straight line through the points (least squares).
func fit(x []float64, y []costs.Unit) (slope costs.Unit) {
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	for i, v := range x {
		slope = slope.Plus(y[i], (v-mean)/squares)
	}
	return slope
}

// bent names processes whose use while nobody says anything does not lie on a line with the
// number of connections: more of it than a plan for more connections could rest on.
func bent(connected []float64, silence []costs.Unit, slope costs.Unit) (doubts []string) {
	var mean, most float64
	for _, n := range connected {
		mean, most = mean+n/float64(len(connected)), max(most, n)
	}
	for _, process := range []string{costs.Chat, costs.Postgres, costs.Redis} {
		var middle, off float64
		for _, y := range silence {
			middle += y.CPU(process) / float64(len(silence))
		}
		for i, y := range silence {
			off = max(off, math.Abs(y.CPU(process)-middle-slope.CPU(process)*(connected[i]-mean)))
		}
		if off > mostBent*math.Abs(slope.CPU(process))*most && off > leastBent {
			doubts = append(doubts, fmt.Sprintf("CPU of %s for a connection that says nothing: %.0f µs a second are off the line by up to %.0f", process, slope.CPU(process)*most, off))
		}
	}
	return doubts
}

// talks: all six listen, then one of six. The difference is what the deliveries cost.
func (m *measuring) talks(ctx context.Context) error {
	six, sixHear, err := m.atRates(ctx)
	if err != nil {
		return err
	}
	loaded, err := m.look(ctx)
	if err != nil {
		return err
	}
	base := m.first.usage[costs.Chat].RSS
	m.found.Memory.Subscribed = float64(loaded.usage[costs.Chat].RSS-base) / float64(len(m.people))
	if err := m.types(ctx); err != nil {
		return err
	}
	left := m.people[:0:0]
	for i, g := range m.people {
		if i%matchapi.Seats > 0 {
			left = append(left, g)
		}
	}
	gone, err := m.during(ctx, "disconnect", m.spread(left, m.hangsUp))
	if err != nil {
		return err
	}
	stay := float64(len(m.people)-len(left)) / float64(len(m.people))
	anyway := costs.Unit{}.Plus(m.rest, (1+stay)/2) // and what rests without them, which is little
	closed := gone.each(len(left), anyway)
	closed.Kept = 0
	m.costs(costs.Connect, m.found.Each[costs.Connect].Plus(closed, 1))
	if m.rest, _, err = m.silent(ctx, "one of six", len(m.people)-len(left)); err != nil {
		return err
	}
	one, oneHears, err := m.atRates(ctx)
	if err != nil {
		return err
	}
	delivery := costs.Unit{}.Plus(six, 1/(sixHear-oneHears)).Plus(one, -1/(sixHear-oneHears))
	delivery.Redis, delivery.WAL, delivery.Disk, delivery.Kept = 0, 0, 0, 0
	m.costs(costs.Delivery, delivery)
	message := one.Plus(m.found.Each[costs.Delivery], -oneHears)
	// The stores do the same for a message, whoever listens.
	message.Postgres, message.Redis = (six.Postgres+one.Postgres)/2, (six.Redis+one.Redis)/2
	message.WAL, message.Disk = (six.WAL+one.WAL)/2, (six.Disk+one.Disk)/2
	m.costs(costs.Message, message)
	return nil
}

// types: members are seen typing. Of the six frames of a room one comes in and five go out.
func (m *measuring) types(ctx context.Context) error {
	n := 0
	u, err := m.during(ctx, "signal", func(ctx context.Context) error {
		perSecond := m.Rates[len(m.Rates)-1]
		n = pace.Steady(ctx, time.Now(), perSecond, int(perSecond*m.Duration.Seconds()), func(i int, _ time.Time) {
			// In each room in turn, so that no member is over a limit.
			g := m.people[i*matchapi.Seats%len(m.people)+i*matchapi.Seats/len(m.people)%matchapi.Seats]
			if err := g.chat.Typing(g.m.roomID); err != nil {
				m.meter.Fail("typing", err)
			}
		})
		return ctx.Err()
	})
	if err == nil && n == 0 {
		err = errors.New("nobody could type")
	}
	if err == nil {
		signal := costs.Unit{}.Plus(u.each(n, m.rest), 1.0/matchapi.Seats)
		signal.WAL, signal.Disk, signal.Kept = 0, 0, 0
		m.costs(costs.Signal, signal)
	}
	return err
}

func (m *measuring) hangsUp(_ context.Context, g *guest) error {
	g.m.ear.Leave()
	g.m.hangUp()
	return nil
}

// goes: they read the history and go.
func (m *measuring) goes(ctx context.Context) error {
	history, err := m.during(ctx, "historyPage", m.spread(m.people, func(ctx context.Context, g *guest) error {
		conn, err := m.Chat.HTTP(ctx, g.m.number)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Do(http.MethodGet, fmt.Sprintf("/chat/rooms/%s/messages?limit=%d", g.m.roomID, historyPage), g.m.token, nil, nil)
	}))
	if err != nil {
		return err
	}
	page := history.each(len(m.people), m.rest)
	page.WAL, page.Disk, page.Kept = 0, 0, 0
	m.costs(costs.HistoryPage, page)
	m.hangUpAll()
	quiet, _, err := m.silent(ctx, "nobody", 0)
	if err != nil {
		return err
	}
	second := fit(m.connected, m.silence)
	m.found.Doubts = append(m.found.Doubts, bent(m.connected, m.silence, second)...)
	second.WAL, second.Disk, second.Kept = 0, 0, 0
	m.costs(costs.ConnectionSecond, second)
	nobody := costs.Unit{}.Plus(m.silence[0], 0.5).Plus(quiet, 0.5)
	for _, name := range []string{costs.Chat, costs.Match, costs.Postgres, costs.Redis} {
		m.found.Idle[name] = costs.Idle{RSS: float64(m.first.usage[name].RSS), Cores: nobody.CPU(name) / 1e6}
	}
	return nil
}
