package httpapi

import (
	"context"
	"net/http"

	"github.com/sixseat/sixseat/pkg/limit"
	"github.com/sixseat/sixseat/pkg/service"
)

// Limits are how much one person may ask for. What goes beyond is a fault of kind
// TooMany with the time to come back.
type Limits struct {
	limiter *limit.Limiter
	joins   limit.Pace
	members limit.Pace
	streams limit.Slots
}

// NewLimits makes Limits of joins per minute and member, streams at a time and member,
// and new members per minute and client address; 0 switches one off.
func NewLimits(l *limit.Limiter, joins, streams, members int) Limits {
	return Limits{
		limiter: l,
		joins:   limit.PerMinute("joins", joins),
		members: limit.PerMinute("new members", members),
		streams: limit.Slots{Name: "streams", Most: streams, Lease: streamLease},
	}
}

func (l Limits) join(ctx context.Context, memberID string) error {
	return l.limiter.Take(ctx, l.joins, memberID)
}

func (l Limits) newMember(r *http.Request) error {
	return l.limiter.Take(r.Context(), l.members, service.ClientAddress(r))
}

// streamSlot is an open stream's place among its member's.
type streamSlot struct {
	limits Limits
	holder limit.Holder
}

func (l Limits) openStream(ctx context.Context, memberID, name string) (streamSlot, error) {
	h := limit.Holder{Who: memberID, Name: name}
	_, err := l.limiter.Hold(ctx, l.streams, h)
	return streamSlot{l, h}, err
}

// renew shows that the stream lives. It never has to yield: only silent holders do.
func (s streamSlot) renew(ctx context.Context) {
	_, _ = s.limits.limiter.Renew(ctx, s.limits.streams, []limit.Holder{s.holder}) // the limiter logs what is wrong
}

func (s streamSlot) release(ctx context.Context) {
	s.limits.limiter.Release(context.WithoutCancel(ctx), s.limits.streams, s.holder)
}
