package catalogue

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Store keeps the films.
type Store interface {
	// Films returns up to q.Limit films in the order of q, from q.After on.
	Films(ctx context.Context, q Query) ([]Film, error)

	// Film finds a film by its id; an unknown one is a fault of kind NotFound.
	Film(ctx context.Context, id string) (Film, error)
}

// Counter knows who waits.
type Counter interface {
	// Counts counts the present members that wait for each film, in the order of ids.
	Counts(ctx context.Context, ids []string) ([]int, error)
}

// Catalogue answers questions about films.
type Catalogue struct {
	store   Store
	waiting Counter
	log     *slog.Logger

	mu     sync.RWMutex
	titles map[string]string // by film id; films are never renamed while a node lives
}

// New makes a Catalogue.
func New(store Store, waiting Counter, log *slog.Logger) *Catalogue {
	return &Catalogue{store: store, waiting: waiting, log: log, titles: map[string]string{}}
}

// Page returns one page of films, with how many members wait for each.
func (c *Catalogue) Page(ctx context.Context, q Query) (matchapi.Movies, error) {
	ask := q
	ask.Limit++ // one more tells whether there is a next page
	films, err := c.store.Films(ctx, ask)
	if err != nil {
		return matchapi.Movies{}, err
	}
	page := matchapi.Movies{Items: []matchapi.Movie{}}
	if len(films) > q.Limit {
		films = films[:q.Limit]
		page.NextCursor = q.next(films[len(films)-1])
	}
	counts := c.counts(ctx, films)
	for i, f := range films {
		page.Items = append(page.Items, f.movie(counts[i]))
	}
	return page, nil
}

// Movie returns one film; an unknown one is a fault of kind NotFound.
func (c *Catalogue) Movie(ctx context.Context, id string) (matchapi.Movie, error) {
	f, err := c.film(ctx, id)
	if err != nil {
		return matchapi.Movie{}, err
	}
	return f.movie(c.counts(ctx, []Film{f})[0]), nil
}

// Title returns a film's title; an unknown one is a fault of kind NotFound. Titles are
// remembered, since every join asks for some.
func (c *Catalogue) Title(ctx context.Context, id string) (string, error) {
	c.mu.RLock()
	title, known := c.titles[id]
	c.mu.RUnlock()
	if known {
		return title, nil
	}
	f, err := c.film(ctx, id)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.titles) >= maxTitles {
		clear(c.titles)
	}
	c.titles[id] = f.Title
	return f.Title, nil
}

func (c *Catalogue) film(ctx context.Context, id string) (Film, error) {
	if !IsID(id) {
		return Film{}, Unknown(id)
	}
	return c.store.Film(ctx, id)
}

// Unknown is the fault of kind NotFound for a film id that nobody knows.
func Unknown(id string) error {
	return fault.New(fault.NotFound, "There is no such film.").Wrap(fmt.Errorf("film id %.100q", id))
}

// counts asks once for all films. While the queue is away nobody can be counted, but
// films can be shown: they show 0.
func (c *Catalogue) counts(ctx context.Context, films []Film) []int {
	if len(films) == 0 {
		return nil
	}
	ids := make([]string, len(films))
	for i, f := range films {
		ids[i] = f.ID
	}
	counts, err := c.waiting.Counts(ctx, ids)
	if err != nil {
		c.log.Warn("waiting members not counted", "err", err)
		return make([]int, len(films))
	}
	return counts
}
