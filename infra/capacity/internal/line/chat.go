package line

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Chat is a member's line to the rooms of a chat server, in whichever dialect, on a Socket.
// One goroutine reads at a time, any may write.
type Chat interface {
	Join(room string, after int64) error      // asks to hear what comes after a seq, below 0: from now on; Joined is the answer
	Say(room string, nonce, length int) error // says a Text; an Answer or a Refusal comes of it
	Hear() (Event, error)                     // the next of what the server says; who Listens need not ask
	Heard() time.Time                         // when that was read
	Pulse(now, by time.Time) (bool, error)    // sends the heart-beat that is due by `by`; true: the server is silent
	Deadline(at time.Time) error              // when Hear ends with an error; zero: never
	Interrupt()                               // makes reading end with an error now
	Close()                                   // hangs up

	listen(hear func() error, over func(error))
}

// Dial opens the i-th connection in a dialect, with heart-beats at least every beat.
type Dial func(ctx context.Context, t Target, i int, beat time.Duration) (Chat, error)

// Event is something that a chat server said.
type Event struct {
	Kind  Kind
	Nonce int    // of a message or an answer: which saying it is; judge.Server: no member's
	Seq   int64  // likewise: at which place in the room; its nonce, where a server has no such thing
	Why   string // of a refusal
}

// Kind is a kind of event.
type Kind int

// Kinds of events.
const (
	Aside   Kind = iota // nothing that counts
	Joined              // the room is heard from now on
	Message             // somebody said something
	Answer              // what this member said is accepted
	Refusal             // it is not
)

// Text is a saying of a length in characters, which begins with its nonce.
func Text(nonce, length int) string {
	head := strconv.Itoa(nonce) + " "
	return head + strings.Repeat("x", max(0, length-len(head)))
}

// Nonce reads the nonce that a text begins with, 0 where there is none.
func Nonce(text []byte) int {
	n, i := 0, 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9' && n < 1<<40; i++ {
		n = 10*n + int(text[i]-'0')
	}
	if i == len(text) || text[i] != ' ' {
		return 0
	}
	return n
}
