package match_test

import (
	"context"
	"errors"
	"time"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

var errDied = errors.New("the node has died")

// mortal stands between a Service and its stores and lets the node die: just before or
// just after any of its calls, as kill -9 would.
type mortal struct {
	waits match.Waits
	rooms match.Rooms
	seats match.Seats
	audit match.Audit
	queue match.Queue
	feed  match.Feed

	left int // moments to live, two for each call; negative: for ever
}

// parts are the ports of a Service that dies with m.
func (m *mortal) parts() match.Parts {
	return match.Parts{Waits: m, Rooms: m, Seats: m, Audit: m, Queue: mortalQueue{m}, Feed: m}
}

// live passes one moment and reports whether the node is still alive.
func (m *mortal) live() error {
	if m.left == 0 {
		return errDied
	}
	m.left--
	return nil
}

// call does something between two moments.
func call[T any](m *mortal, do func() (T, error)) (T, error) {
	var none T
	if err := m.live(); err != nil {
		return none, err
	}
	result, err := do()
	if died := m.live(); died != nil {
		return none, died
	}
	return result, err
}

// pair carries two results through call.
type pair[A, B any] struct {
	a A
	b B
}

func call2[A, B any](m *mortal, do func() (A, B, error)) (A, B, error) {
	p, err := call(m, func() (pair[A, B], error) {
		a, b, err := do()
		return pair[A, B]{a, b}, err
	})
	return p.a, p.b, err
}

func call0(m *mortal, do func() error) error {
	_, err := call(m, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

func (m *mortal) Open(ctx context.Context, ask match.Ask) (match.Standing, error) {
	return call(m, func() (match.Standing, error) { return m.waits.Open(ctx, ask) })
}

func (m *mortal) Last(ctx context.Context, memberID string) (match.Standing, error) {
	return call(m, func() (match.Standing, error) { return m.waits.Last(ctx, memberID) })
}

func (m *mortal) Leave(ctx context.Context, memberID string, at time.Time) (match.Standing, error) {
	return call(m, func() (match.Standing, error) { return m.waits.Leave(ctx, memberID, at) })
}

func (m *mortal) Expire(ctx context.Context, joinIDs []string, at, askedBefore time.Time) error {
	return call0(m, func() error { return m.waits.Expire(ctx, joinIDs, at, askedBefore) })
}

func (m *mortal) Make(ctx context.Context, made match.Made, title string) (matchapi.Room, []string, error) {
	return call2(m, func() (matchapi.Room, []string, error) { return m.rooms.Make(ctx, made, title) })
}

func (m *mortal) OfMember(ctx context.Context, memberID string, limit int) ([]match.Match, error) {
	return call(m, func() ([]match.Match, error) { return m.rooms.OfMember(ctx, memberID, limit) })
}

func (m *mortal) GiveOn(ctx context.Context, made match.Made) (matchapi.Room, *match.Refusal, error) {
	return call2(m, func() (matchapi.Room, *match.Refusal, error) { return m.seats.GiveOn(ctx, made) })
}

func (m *mortal) Enter(ctx context.Context, e matchapi.Entry, at time.Time, newID func() string) (match.Entered, error) {
	return call(m, func() (match.Entered, error) { return m.seats.Enter(ctx, e, at, newID) })
}

func (m *mortal) EnterAll(ctx context.Context, entries []matchapi.Entry) ([]match.Entered, error) {
	return call(m, func() ([]match.Entered, error) { return m.seats.EnterAll(ctx, entries) })
}

func (m *mortal) Left(ctx context.Context, e matchapi.Entry) (match.Wait, error) {
	return call(m, func() (match.Wait, error) { return m.seats.Left(ctx, e) })
}

func (m *mortal) Unentered(ctx context.Context, since, given time.Time, joinID string, limit int) ([]match.Vacant, error) {
	return call(m, func() ([]match.Vacant, error) { return m.seats.Unentered(ctx, since, given, joinID, limit) })
}

func (m *mortal) OpenWaits(ctx context.Context, after int64, limit int) ([]match.Wait, error) {
	return call(m, func() ([]match.Wait, error) { return m.audit.OpenWaits(ctx, after, limit) })
}

func (m *mortal) Entries(ctx context.Context, handle func([]matchapi.Entry) (int, error)) (int, bool, error) {
	return call2(m, func() (int, bool, error) { return m.feed.Entries(ctx, handle) })
}

// mortalQueue is the queue's side of mortal: Leave is a name of two ports.
type mortalQueue struct{ m *mortal }

func (q mortalQueue) step(do func() (match.Step, error)) (match.Step, error) { return call(q.m, do) }

func (q mortalQueue) Join(ctx context.Context, w match.Wait, why match.JoinReason) (match.Step, error) {
	return q.step(func() (match.Step, error) { return q.m.queue.Join(ctx, w, why) })
}

func (q mortalQueue) Touch(ctx context.Context, memberID string) (match.Step, error) {
	return q.step(func() (match.Step, error) { return q.m.queue.Touch(ctx, memberID) })
}

func (q mortalQueue) Leave(ctx context.Context, member match.Member, turn int64, reason string, gaveUp *match.Seat) (match.Step, error) {
	return q.step(func() (match.Step, error) { return q.m.queue.Leave(ctx, member, turn, reason, gaveUp) })
}

func (q mortalQueue) PutBack(ctx context.Context, made string, r match.Refusal) (match.Step, error) {
	return q.step(func() (match.Step, error) { return q.m.queue.PutBack(ctx, made, r) })
}

func (q mortalQueue) Settle(ctx context.Context, made string, room matchapi.Room, seated []match.Seated) error {
	return call0(q.m, func() error { return q.m.queue.Settle(ctx, made, room, seated) })
}

func (q mortalQueue) Sweep(ctx context.Context) (match.Swept, error) {
	return call(q.m, func() (match.Swept, error) { return q.m.queue.Sweep(ctx) })
}

func (q mortalQueue) Register(ctx context.Context, v match.Vacant) error {
	return call0(q.m, func() error { return q.m.queue.Register(ctx, v) })
}

func (q mortalQueue) Compare(ctx context.Context, after, upto int64, open []match.Wait) (match.Difference, error) {
	return call(q.m, func() (match.Difference, error) { return q.m.queue.Compare(ctx, after, upto, open) })
}
