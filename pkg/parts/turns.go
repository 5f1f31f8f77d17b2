package parts

import "time"

// Turns says which parts are due, where each comes to its turn once in a period. It is not safe
// for concurrent use.
type Turns struct {
	begun time.Time
	each  time.Duration
	parts int
	done  int // turns that were due already
}

// NewTurns makes turns for so many parts that begin now, the first to end after Each.
func NewTurns(parts int, period time.Duration) *Turns {
	return &Turns{begun: time.Now(), each: period / time.Duration(parts), parts: parts}
}

// Each is the time from one turn to the next.
func (t *Turns) Each() time.Duration { return t.each }

// Due returns the turns that have come since it was last asked, from one up to another. Who is
// late gets several at once, and so keeps the period; of several rounds the last is enough.
func (t *Turns) Due() (from, to int) {
	to = int(time.Since(t.begun) / t.each)
	from = max(t.done, to-t.parts)
	t.done = to
	return from, to
}
