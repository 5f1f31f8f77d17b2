package chat

import (
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

// Admit decides whether the holder of a ticket may take a seat: the first member to
// enter a seat keeps it, a higher generation displaces only a seat that nobody
// entered, and a lower one than the seat has seen was given away.
//
// It returns the seat as it shall be stored, even beside an error, since a refused
// ticket of a higher generation is seen as well.
func Admit(p Place, t token.Ticket) (Place, error) {
	seen := max(p.Generation, t.Generation)
	mine := p.MemberID == t.MemberID
	switch {
	case p.Entered && mine && p.Left:
		return p, fault.New(fault.Forbidden, "You have left this room.")
	case p.Entered && mine:
		p.Generation = seen
		return p, nil
	case t.Generation < p.Generation:
		return p, fault.New(fault.Conflict, "This seat was given to somebody else.").WithSlug(fault.SeatGivenAway)
	case p.Entered:
		p.Generation = seen
		return p, fault.New(fault.Conflict, "Somebody else sits on this seat.").WithSlug(fault.SeatTaken)
	}
	return Place{MemberID: t.MemberID, Nickname: t.Nickname, Generation: seen, Entered: true}, nil
}
