package match

import (
	"context"
	"fmt"
	"slices"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Join gives the member a place in the queue of a film, the only one they have. The
// wait is committed before anything else happens, so that whatever dies afterwards, the
// member is still waiting.
func (s *Service) Join(ctx context.Context, member Member, wish matchapi.Join) (State, error) {
	films, err := wishedFilms(wish)
	if err != nil {
		return State{}, err
	}
	if err := s.checkFilms(ctx, films); err != nil {
		return State{}, err
	}
	ask := Ask{Member: member, Films: films, JoinID: s.p.NewID(), At: s.p.Now()}
	standing, err := s.open(ctx, ask)
	if err != nil {
		return State{}, err
	}
	if standing.Match != nil {
		return matched(*standing.Match), nil
	}
	step, err := s.p.Queue.Join(ctx, standing.Wait, Asked)
	if err != nil {
		return State{}, err
	}
	s.p.Observer.Joined()
	return s.after(ctx, member, step), nil
}

// open commits the ask. A match that was not entered as far as we know stands in its way;
// then the news of an entry may be on its way, and we ask once more when all news is in,
// whoever handled it.
func (s *Service) open(ctx context.Context, ask Ask) (Standing, error) {
	standing, err := s.p.Waits.Open(ctx, ask)
	if err != nil || standing.Match == nil {
		return standing, err
	}
	s.catchUp(ctx)
	return s.p.Waits.Open(ctx, ask)
}

// wishedFilms checks a wish on its own: what it names may still be unknown.
func wishedFilms(wish matchapi.Join) ([]string, error) {
	var bad []fault.Field
	if wish.MovieID == "" {
		bad = append(bad, fault.Field{Field: "movieId", Reason: "is missing"})
	}
	if len(wish.AlsoMovieIDs) > MaxAlso {
		bad = append(bad, fault.Field{Field: "alsoMovieIds", Reason: fmt.Sprintf("may name up to %d films", MaxAlso)})
	}
	for i, id := range wish.AlsoMovieIDs {
		if id == wish.MovieID || slices.Contains(wish.AlsoMovieIDs[:i], id) {
			bad = append(bad, fault.Field{Field: "alsoMovieIds", Reason: "must not name a film twice"})
			break
		}
	}
	if len(bad) > 0 {
		return nil, fault.BadFields(bad)
	}
	return append([]string{wish.MovieID}, wish.AlsoMovieIDs...), nil
}
