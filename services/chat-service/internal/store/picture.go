package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/sixseat/sixseat/pkg/chatapi"
)

// pictureColumn is a message's picture as JSON, or an empty text where there is none: a
// NULL would make each row of PostgreSQL 8 octets longer, and most messages are text.
type pictureColumn struct{ *chatapi.Picture }

// Value implements driver.Valuer.
func (c pictureColumn) Value() (driver.Value, error) { return c.text(), nil }

func (c pictureColumn) text() string {
	if c.Picture == nil {
		return ""
	}
	text, err := json.Marshal(c.Picture)
	if err != nil { // strings and ints always marshal
		panic("store: marshal picture: " + err.Error())
	}
	return string(text)
}

// Scan implements sql.Scanner.
func (c *pictureColumn) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("messages.image is a %T, not a text", value)
	}
	c.Picture = nil
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &c.Picture); err != nil {
		return fmt.Errorf("read messages.image: %w", err)
	}
	return nil
}
