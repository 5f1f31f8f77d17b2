package chat

import (
	"context"
	"slices"
	"time"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

// Service is what members can do.
type Service struct {
	store    Store
	journal  Journal
	audience Audience
	presence Presence
	pace     Pace
	gallery  *Gallery
	readers  readers
	now      func() time.Time

	standings *batch.Batcher[Visitor, Standing] // asks for all who subscribe at one moment
}

// New makes a Service.
func New(store Store, journal Journal, audience Audience, presence Presence, pace Pace, gallery *Gallery, now func() time.Time) *Service {
	return &Service{
		store: store, journal: journal, audience: audience, presence: presence, pace: pace, gallery: gallery, now: now,
		readers:   readers{who: map[string]bool{}},
		standings: batch.New(store.Standings, batch.Limits{Window: standingsWindow, Between: standingsBetween, Timeout: standingsTimeout, Most: maxStandings, Enough: enoughStandings}),
	}
}

// Enter seats the holder of a ticket, who must be member. created says that this was
// the room's first visitor.
func (s *Service) Enter(ctx context.Context, member token.Member, t token.Ticket) (room Room, created bool, err error) {
	if t.MemberID != member.ID {
		return Room{}, false, fault.New(fault.Forbidden, "This ticket is another member's.")
	}
	entered, created, err := s.store.Enter(ctx, t, s.now())
	if err != nil {
		return Room{}, false, err
	}
	if entered != nil {
		s.audience.Publish(*entered)
		s.audience.Flush()
	}
	if room, err = s.store.Room(ctx, t.Room.RoomID); err != nil {
		return Room{}, created, err
	}
	s.present(ctx, &room)
	return room, created, nil
}

// Leave takes the member out of the room for good. Who has left already is told the same
// again: the first answer may have been lost.
func (s *Service) Leave(ctx context.Context, roomID string, member token.Member) error {
	left, err := s.store.Leave(ctx, roomID, member.ID, s.now())
	if err == nil && left != nil {
		s.audience.Publish(*left)
		s.audience.Flush()
	}
	return err
}

// Rooms lists the rooms that the member is inside of, newest first.
func (s *Service) Rooms(ctx context.Context, member token.Member) ([]RoomOf, error) {
	rooms, err := s.store.RoomsOf(ctx, member.ID)
	if err != nil {
		return nil, err
	}
	list := make([]*Room, len(rooms))
	for i := range rooms {
		list[i] = &rooms[i].Room
	}
	s.present(ctx, list...)
	return rooms, nil
}

// Room returns a room that the member is inside of.
func (s *Service) Room(ctx context.Context, roomID string, member token.Member) (Room, error) {
	if err := s.inside(ctx, roomID, member); err != nil {
		return Room{}, err
	}
	room, err := s.store.Room(ctx, roomID)
	if err != nil {
		return Room{}, err
	}
	s.present(ctx, &room)
	return room, nil
}

// present says who is online, and nothing about those of whom nobody can tell.
func (s *Service) present(ctx context.Context, rooms ...*Room) {
	if len(rooms) == 0 {
		return
	}
	ids := make([]string, len(rooms))
	for i, r := range rooms {
		ids[i] = r.RoomID
	}
	online, sure := s.presence.Online(ctx, ids)
	for _, r := range rooms {
		for i, m := range r.Members {
			if here := online[r.RoomID][m.MemberID]; here || sure {
				r.Members[i].Online = &here
			}
		}
	}
}

// History returns a page of a room that the member is inside of.
func (s *Service) History(ctx context.Context, roomID string, member token.Member, p Page) ([]Message, bool, error) {
	if err := s.inside(ctx, roomID, member); err != nil {
		return nil, false, err
	}
	return s.store.Messages(ctx, roomID, p)
}

// inside answers the same for a room of others and for one that does not exist, so
// that nobody can find out which rooms there are.
func (s *Service) inside(ctx context.Context, roomID string, member token.Member) error {
	v := Visitor{roomID, member.ID}
	standings, err := s.store.Standings(ctx, []Visitor{v})
	if err != nil {
		return err
	}
	return standings[v].Refusal()
}

// Refusal is nil for one who is inside, and else says why a request is refused.
func (st Standing) Refusal() error {
	switch st {
	case Inside:
		return nil
	case Left:
		return fault.New(fault.Forbidden, "You have left this room.")
	}
	return fault.New(fault.Forbidden, "You are not a member of this room.")
}

// Standing says how a member stands to a room. It asks together with all who subscribe
// at this moment: a node that stops sends thousands here.
func (s *Service) Standing(ctx context.Context, roomID, memberID string) (Standing, error) {
	return s.standings.Get(ctx, Visitor{roomID, memberID})
}

// Post asks for drafts of one member to be stored, all or none. Its own error says
// that they were refused at once. committed is called after a commit, before anybody is
// told. done is told what became of them, when those who listen have been told already.
// Neither may block. Posts with pictures are looked at first, and what the member says
// meanwhile may be stored before them.
func (s *Service) Post(author token.Member, drafts []Draft, committed func(), done func([]Post, []Stored, error)) error {
	posts := make([]Post, len(drafts))
	for i, d := range drafts {
		var err error
		if posts[i], err = Compose(d, author, s.now()); err != nil {
			return err
		}
	}
	if err := s.pace.Take(author.ID, len(posts)); err != nil {
		return err
	}
	if !slices.ContainsFunc(posts, Post.waits) {
		return s.commit(posts, committed, done)
	}
	return s.gallery.admit(posts, func(ctx context.Context) {
		stored, err := s.postPictures(ctx, posts, committed)
		done(posts, stored, err)
	})
}

// commit hands posts to the journal, and shows what became of them before it tells.
func (s *Service) commit(posts []Post, committed func(), done func([]Post, []Stored, error)) error {
	return s.journal.Append(posts, func(stored []Stored, err error) {
		if err == nil {
			committed()
			s.show(posts, stored)
			err = unknown(posts, stored)
		}
		done(posts, stored, err)
	})
}

// unknown is why posts were refused for one whose id is not known: the fault of the first
// such post, or else that its picture has been removed. Who is not inside hears of that instead.
func unknown(posts []Post, stored []Stored) error {
	refused := slices.ContainsFunc(stored, func(st Stored) bool { return st.Seq == 0 })
	outside := slices.ContainsFunc(stored, func(st Stored) bool { return st.Standing != Inside })
	if !refused || outside {
		return nil
	}
	var first error // that may have become known since it refused the others
	for i, p := range posts {
		if p.Fault != nil && stored[i].Seq == 0 {
			return p.Fault
		}
		if first == nil {
			first = p.Fault
		}
	}
	if first == nil {
		return PictureRemoved()
	}
	return first
}

// show tells the audience what was committed. A known id may be a repeat of our own,
// after an answer that was lost, and then nobody has been told yet.
func (s *Service) show(posts []Post, stored []Stored) {
	for i, st := range stored {
		switch {
		case st.Seq == 0:
		case st.Known:
			s.audience.Advanced(posts[i].RoomID, st.Seq)
		default:
			s.audience.Publish(posts[i].Message(st.Seq))
		}
	}
}
