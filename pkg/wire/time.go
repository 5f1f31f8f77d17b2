// Package wire is how values look in JSON on the wire: times with milliseconds,
// and bodies read strictly, so that bad input gets an error that names the field.
//
// Both services and their clients use it; it knows neither HTTP nor STOMP.
package wire

import (
	"fmt"
	"time"
)

// Layout is RFC 3339 in UTC with exactly three decimals of a second.
const Layout = "2006-01-02T15:04:05.000Z"

// Time is an instant as the contract writes it: UTC, milliseconds.
type Time struct{ time.Time }

// At makes a Time of t, cut to milliseconds so that it survives a round trip.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes the time in Layout.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.UTC().Format(Layout) + `"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (t *Time) UnmarshalJSON(b []byte) error {
	p, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
	if err != nil {
		return fmt.Errorf("must be an RFC 3339 time, like %q", Layout)
	}
	*t = At(p)
	return nil
}
