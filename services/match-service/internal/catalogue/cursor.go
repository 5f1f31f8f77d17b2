package catalogue

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sixseat/sixseat/pkg/wire"
)

// cursor is what a client hands back for the next page: opaque to it, and worth nothing
// in another order.
type cursor struct {
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   string `json:"i"`
}

var errCursor = errors.New("is not a cursor from nextCursor")

// Key is a film's place in an order, as Position.Key.
func (s Sort) Key(f Film) string {
	switch s {
	case Rating:
		return strconv.Itoa(f.RatingTenths)
	case Year:
		return strconv.Itoa(f.Year)
	case Title:
		return Fold(f.Title)
	}
	return strconv.Itoa(f.Votes)
}

// next is the cursor of the page behind film f.
func (q Query) next(f Film) string {
	data, err := json.Marshal(cursor{Sort: string(q.Sort), Key: q.Sort.Key(f), ID: f.ID})
	if err != nil { // three strings always marshal
		panic("catalogue: marshal cursor: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func (q *Query) readCursor(s string) error {
	if len(s) > maxCursorBytes {
		return errCursor
	}
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return errCursor
	}
	var c cursor
	if err := wire.Decode(data, &c); err != nil {
		return errCursor
	}
	if c.Sort != string(q.Sort) {
		return fmt.Errorf("belongs to sort=%.20q", c.Sort)
	}
	if !IsID(c.ID) || !q.Sort.hasKey(c.Key) {
		return errCursor
	}
	q.After = &Position{Key: c.Key, ID: c.ID}
	return nil
}

func (s Sort) hasKey(key string) bool {
	if s == Title {
		return utf8.ValidString(key) && !strings.ContainsRune(key, 0)
	}
	_, err := strconv.ParseInt(key, 10, 32)
	return err == nil
}
